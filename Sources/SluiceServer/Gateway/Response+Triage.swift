import HTTPTypes
import HummingbirdCore
import HummingbirdSluice
import SluiceCore
import SluiceGateway

extension Response {
    /// 200 with a model's answer to an operator.
    static func triaged(_ answer: TriageAnswer, _ admission: Admission) -> Response {
        var headers: HTTPFields = [.sluiceCallID: admission.callID.description]
        headers.setRateLimit(admission.windows, at: admission.admittedAt)
        return .json(headers: headers) { json in
            json.member("answer", answer.answer)
            json.member("model", answer.model)
            json.key("usage")
            json.object { json in
                json.member("input_tokens", answer.usage.input)
                json.member("cached_tokens", answer.usage.cached)
                json.member("output_tokens", answer.usage.output)
                json.member("reasoning_tokens", answer.usage.reasoning)
                json.member("total_tokens", answer.usage.input + answer.usage.output)
            }
        }
    }
}
