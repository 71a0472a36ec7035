import HummingbirdSluice
public import Logging
import NIOCore
import SluiceCore

/// A handler for swift-log that writes one JSON object a line: `timestamp` (RFC 3339, UTC, microseconds), `level`, `logger`,
/// the constant `message`, and the values as members of `metadata`.
///
/// Values whose name says that they are secret are hidden, should one ever be logged.
public struct JSONLogHandler: LogHandler {
    private static let secretKeys: Set<String> = [
        "authorization", "password", "secret", "service_key", "api_key", "x-api-key", "api-key", "credential", "token",
        "jwt_secret", "database_url",
    ]

    private let label: String
    private let sink: LogSink
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    public init(label: String, sink: LogSink = .standardError) {
        self.label = label
        self.sink = sink
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        sink.write(line(for: event, at: .wallClock()))
    }

    func line(for event: LogEvent, at time: Timestamp) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("timestamp", time.rfc3339)
            json.member("level", event.level.rawValue)
            json.member("logger", label)
            json.member("message", event.message.description)
            if let error = event.error { json.member("error", "\(error)") }
            let values = values(of: event)
            guard !values.isEmpty else { return }
            json.key("metadata")
            Self.write(values, to: &json)
        }
        return Array(json.buffer.readableBytesView) + [UInt8(ascii: "\n")]
    }

    /// The line's own win over the logger's, and those over the provider's.
    private func values(of event: LogEvent) -> Logger.Metadata {
        var values = metadataProvider?.get() ?? [:]
        values.merge(metadata) { $1 }
        values.merge(event.metadata ?? [:]) { $1 }
        return values
    }

    private static func write(_ values: Logger.Metadata, to json: inout JSONWriter) {
        json.object { json in
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                json.escapedKey(key)
                if secretKeys.contains(key.lowercased()) { json.string("[hidden]") } else { write(value, to: &json) }
            }
        }
    }

    private static func write(_ value: Logger.MetadataValue, to json: inout JSONWriter) {
        switch value {
        case .string(let text): json.string(text)
        case .stringConvertible(let value): json.string(value.description)
        case .array(let values): json.array { json in for value in values { write(value, to: &json) } }
        case .dictionary(let values): write(values, to: &json)
        }
    }
}
