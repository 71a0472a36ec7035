import Hummingbird
import HummingbirdSluice
import NIOCore
import SluiceCore

/// The body of a request that says what a call has taken.
struct SettlementRequest {
    private static let fields = [
        "user", "call_id", "admitted_at", "model", "input_tokens", "cached_tokens", "cache_write_tokens",
        "output_tokens",
        "reasoning_tokens", "status", "duration_ms",
    ]
    private static let longest: Int64 = 31 * 86_400_000

    let settlement: Settlement

    /// Parses strictly: unlike what a provider reports, what a caller gets wrong is refused by name.
    init(_ body: ByteBuffer) throws {
        let values = try RequestFields(body, known: Self.fields)
        settlement = try Settlement(
            user: values.user(), callID: Self.callID(values), admittedAt: Self.admittedAt(values),
            model: values.text("model"), usage: Self.usage(values), basis: .reported,
            status: values.integer("status", in: 100...599).map { Int16(clamping: $0) },
            duration: values.integer("duration_ms", in: 0...Self.longest).map { .milliseconds($0) })
    }

    private static func callID(_ values: RequestFields) throws(FieldError) -> CallID {
        guard let id = CallID(try values.requiredText("call_id")) else {
            throw FieldError(field: "call_id", reason: "must be the UUID that came with the admission")
        }
        return id
    }

    private static func admittedAt(_ values: RequestFields) throws(FieldError) -> Timestamp? {
        guard let text = try values.text("admitted_at") else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw FieldError(field: "admitted_at", reason: "must be the time that came with the admission (RFC 3339)")
        }
        return time
    }

    private static func usage(_ values: RequestFields) throws(FieldError) -> TokenUsage {
        func tokens(_ name: String) throws(FieldError) -> Int64 {
            try values.integer(name, in: 0...Reservation.maximum) ?? 0
        }
        let (input, output) = (try tokens("input_tokens"), try tokens("output_tokens"))
        let (cached, cacheWrite) = (try tokens("cached_tokens"), try tokens("cache_write_tokens"))
        let reasoning = try tokens("reasoning_tokens")
        guard cached <= input else { throw .partTooLarge("cached_tokens", cached, of: "input_tokens", input) }
        guard cacheWrite <= input - cached else {
            throw .partTooLarge(
                "cache_write_tokens", cacheWrite, of: "input_tokens without cached_tokens", input - cached)
        }
        guard reasoning <= output else {
            throw .partTooLarge("reasoning_tokens", reasoning, of: "output_tokens", output)
        }
        return TokenUsage(
            input: input, cached: cached, cacheWrite: cacheWrite, output: output, reasoning: reasoning)
    }
}

extension FieldError {
    fileprivate static func partTooLarge(
        _ part: String, _ value: Int64, of whole: String, _ most: Int64
    ) -> FieldError {
        FieldError(
            field: part, reason: "is \(value), a part of \(whole), which is \(most): count parts within their whole")
    }
}
