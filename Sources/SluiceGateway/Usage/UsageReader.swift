package import NIOCore

/// Reads an answer as it goes by, and lets everything through as it is but for a usage chunk that the client did not ask for.
///
/// The `"usage": null` that a provider adds to the other chunks of such a stream stays: to clients it is the same as none.
/// Memory is bounded whatever the upstream sends. Not for answers that are errors, which took nothing.
package struct UsageReader: Sendable {
    private var answer: AnswerReader
    private var events: EventFilter?

    /// - Parameters:
    ///   - isStream: whether the answer is a stream of events, by its content type rather than by what was asked for.
    ///   - hidesUsage: ``GatewayRequest/hidesUsage``.
    package init(kind: EndpointKind, isStream: Bool, hidesUsage: Bool, request: GatewayRequest) {
        answer = AnswerReader(kind: kind, isStream: isStream, request: request)
        events = isStream ? EventFilter(hidesUsage: hidesUsage && kind == .chat) : nil
    }

    /// The bytes for the client out of bytes of the upstream: the same, unless usage is to be hidden; then also an event that has
    /// not ended is held back, up to ``EventFilter/maximumHeld`` bytes.
    package mutating func take(_ bytes: ByteBuffer) -> ByteBuffer {
        guard events != nil else {
            bytes.withUnsafeReadableBytes { answer.take($0[...]) }
            return bytes
        }
        return events?.take(bytes, for: &answer) ?? bytes
    }

    /// What was held back; to be called when the upstream has ended.
    package mutating func finish() -> ByteBuffer {
        events?.finish(for: &answer) ?? ByteBuffer()
    }

    /// At any time: what would be settled if the answer ended here.
    ///
    /// Where it was cut off before the provider's final report, the input is that of the report at its beginning, else the
    /// request's estimate, and the output is counted from the text that was seen (see ``TokenTally``), or is that of the last report
    /// if it is more.
    package var result: UsageResult { answer.result }
}
