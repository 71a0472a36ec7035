public import SluiceCore

/// What ``RateLimitMiddleware`` decided about the request that is being handled.
public enum CurrentAdmission {
    /// `nil` outside of a metered request, and in the body of a streamed response, which is written after the handler
    /// has returned: read it before.
    @TaskLocal public static var value: Admission?
}
