public import Hummingbird
package import HummingbirdSluice
import Logging
import NIOCore
package import SluiceCore

/// What goes along with one request.
public struct ServiceContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Ties the answer to the lines of the log: the caller's own where it sent a usable one, else ours.
    package internal(set) var requestID: String
    /// Who asks; `nil` before that is known, and on routes that are open.
    package internal(set) var principal: Principal?
    /// `nil` where the path or its method is none of ours.
    package internal(set) var route: ServiceRoute?
    /// The form in which who asks here expects errors.
    package internal(set) var errorShape = ErrorShape.problem
    var credential = PresentedCredential.none
    let channel: any Channel
    /// `nil` for a channel without ``HangUpHandler``, such as one of a test.
    private let connection: HangUpHandler.Connection?

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        connection = HangUpHandler.Connection.of(channel)
        // Hummingbird's own `id` traps where the log handler keeps no metadata.
        requestID =
            switch source.logger[metadataKey: "hb.request.id"] {
            case .string(let id): id
            case .stringConvertible(let id): id.description
            default: "-"
            }
    }

    /// The other end of the connection; `nil` where it has no address.
    var peer: ClientAddress? {
        channel.remoteAddress?.ipAddress.flatMap { ClientAddress($0) }
    }

    /// Who asks, on a route that only those reach who are known.
    ///
    /// - Throws: ``ServiceError/unauthorized(_:)`` on any other.
    package func knownPrincipal() throws(ServiceError) -> Principal {
        guard let principal else { throw .unauthorized(.missing) }
        return principal
    }

    /// What stands in the path in place of a parameter, unescaped; empty where that is no text, which names nothing.
    package func pathText(_ name: String) -> String {
        parameters.get(name).flatMap { $0.percentDecoded } ?? ""
    }

    /// For tasks that serve the request without being children of its own.
    var executor: (any TaskExecutor)? { connection?.executor }

    /// Calls `action` when the client goes before it is answered; a later action replaces an earlier one.
    func whenClientHangsUp(_ action: @escaping @Sendable () -> Void) {
        connection?.whenHungUp(action)
    }

    /// Reads nothing more from the connection, which then ends with the answer that is under way.
    func stopReading() {
        channel.close(mode: .input, promise: nil)
    }
}
