import SluiceCore

/// What is known of a call while it goes on.
struct CallTally {
    private let request: GatewayRequest?
    private let kind: EndpointKind?
    /// Asks the upstream; `nil` before that.
    var reply: UpstreamReply?
    var isDrained = false
    private(set) var status: Int?
    private var result: UsageResult?

    init(_ call: ProxyCall) {
        if case .call(let kind, let request) = call.question {
            (self.kind, self.request) = (kind, request)
        } else {
            (kind, request) = (nil, nil)
        }
    }

    mutating func answered(status: Int) { self.status = status }

    mutating func read(_ reader: PassingAnswer) { result = reader.usage }

    /// What is to be settled if the call ends here.
    var usage: UsageResult {
        let isFailure = status.map { !(200..<300).contains($0) } ?? false
        guard let kind, let request, !isFailure, reply?.isSent ?? false else {
            return UsageResult(usage: .zero, basis: .measured, model: request?.model, isComplete: true)
        }
        // Without an answer, what the model did is unknown: the request's estimate stands.
        return result
            ?? UsageReader(kind: kind, isStream: request.isStream, hidesUsage: false, request: request).result
    }
}
