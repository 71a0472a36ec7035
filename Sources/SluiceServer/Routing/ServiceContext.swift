public import Hummingbird
import Logging
import NIOCore

/// What goes along with one request.
public struct ServiceContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Ties the answer to the lines of the log: the caller's own where it sent a usable one, else ours.
    var requestID: String
    private let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        // Hummingbird's own `id` traps where the log handler keeps no metadata.
        requestID =
            switch source.logger[metadataKey: "hb.request.id"] {
            case .string(let id): id
            case .stringConvertible(let id): id.description
            default: "-"
            }
    }

    /// Reads nothing more from the connection, which then ends with the answer that is under way.
    func stopReading() {
        channel.close(mode: .input, promise: nil)
    }
}
