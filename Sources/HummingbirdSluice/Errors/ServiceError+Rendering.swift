import Hummingbird
import SluiceCore

extension ServiceError {
    /// The service's form of any error that a handler or a middleware threw.
    ///
    /// Only errors made for clients keep their text: of others nobody knows what theirs would give away.
    public init(rendering error: any Error) {
        switch error {
        case let error as ServiceError: self = error
        case let error as FieldError: self = .invalid(error)
        case let error as CallError: self.init(error)
        case let error as LimiterError: self.init(error)
        case let error as HTTPError where error.status == .notFound && error.body == nil: self = .notFound
        case let error as HTTPError: self = .status(error.status, detail: error.body)
        case let error as any HTTPResponseError: self = .status(error.status, detail: nil)
        default: self = .failed
        }
    }
}
