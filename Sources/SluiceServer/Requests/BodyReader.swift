import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import NIOCore

/// Takes in the JSON body of a request, within bounds of size and time.
struct BodyReader: Sendable {
    let limit: Int
    let timeout: Duration

    /// - Parameter claim: has to cover the body; `nil` for one that is small anyway.
    /// - Throws: ``ServiceError`` for what is no JSON by its own account, too large, too slow, or too much beside all others.
    nonisolated(nonsending) func read(
        _ request: Request, _ context: ServiceContext, claim: BodyClaim? = nil
    ) async throws -> ByteBuffer {
        try Self.checkType(request.headers.value(of: .contentType))
        if let length = request.headers.value(of: .contentLength).flatMap({ Int($0) }), length > limit {
            throw ServiceError.contentTooLarge(limit: limit)
        }
        var body = ByteBuffer()
        var start: ContinuousClock.Instant?
        for try await chunk in request.body {
            guard body.readableBytes + chunk.readableBytes <= limit
            else { throw ServiceError.contentTooLarge(limit: limit) }
            guard claim?.covers(body.readableBytes + chunk.readableBytes) ?? true else {
                throw ServiceError.status(
                    .serviceUnavailable, detail: "too many large requests are under way: try again in a moment")
            }
            guard let start else {
                // Nearly every body is one chunk: only those that are not are timed, or copied.
                (start, body) = (.now, chunk)
                continue
            }
            guard start.duration(to: .now) <= timeout else {
                context.stopReading()
                throw ServiceError.requestTimeout
            }
            body.writeImmutableBuffer(chunk)
        }
        return body
    }

    /// `application/json` with any parameters, or nothing said.
    private static func checkType(_ header: String?) throws(ServiceError) {
        guard let header, header != "application/json" else { return }
        let type = header.prefix { $0 != ";" }.lowercased()
        guard type.split(whereSeparator: { $0 == " " || $0 == "\t" }) == ["application/json"]
        else { throw .unsupportedMediaType(header) }
    }
}
