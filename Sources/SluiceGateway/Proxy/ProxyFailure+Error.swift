import AsyncHTTPClient
import NIOHTTP1

extension ProxyFailure {
    /// - Parameter isSent: whether anything of the question was sent.
    init(_ error: any Error, isSent: Bool) {
        self =
            switch error {
            case let failure as ProxyFailure: failure
            case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout: .timedOut
            case let error as HTTPClientError where error == .connectTimeout || error == .tlsHandshakeTimeout:
                .unreachable
            case _ where !isSent: .unreachable
            case let error as HTTPParserError where error != .invalidEOFState: .malformed
            default: .closed
            }
    }
}
