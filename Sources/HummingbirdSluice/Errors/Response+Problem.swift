import HTTPTypes
import Hummingbird
package import HummingbirdCore
package import Logging
import NIOHTTP1

extension Response {
    /// The answer to an error that a handler or a middleware threw; one that nobody foresaw is logged.
    ///
    /// - Throws: the error itself where only the connection can answer it, because the request cannot be parsed.
    package static func problem(
        for error: any Error, as shape: ErrorShape = .problem, requestID: String? = nil, logger: Logger
    ) throws -> Response {
        if error is HTTPParserError { throw error }
        let service = ServiceError(rendering: error)
        if case .failed = service {
            logger.error("request failed", metadata: ["error.type": "\(type(of: error))"])
            logger.debug("request failed, in full", metadata: ["error": "\(error)"])
        }
        var response = service.response(as: shape, requestID: requestID)
        for field in (error as? HTTPError)?.headers ?? [:] where field.name != .contentType {
            response.headers.append(field)
        }
        return response
    }
}
