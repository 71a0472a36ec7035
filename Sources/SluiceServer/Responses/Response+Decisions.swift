import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import SluiceCore

extension Response {
    /// 200 for a call that was let through. An unchecked one says `null` for what only the ledger knows.
    static func admitted(_ admission: Admission) -> Response {
        let window = admission.windows.binding
        var headers = HTTPFields.roomy
        headers.setRateLimit(admission.windows, at: admission.admittedAt)
        return .json(headers: headers) { json in
            json.member("admitted", true)
            json.member("call_id", admission.callID.description)
            json.member("admitted_at", admission.admittedAt.rfc3339)
            json.member("mode", admission.mode.rawValue)
            json.member("policy", admission.policy.name)
            json.member("limit", window?.window.limit ?? admission.policy.windows.first?.limit)
            json.member("remaining", window?.remaining)
            json.member("reset_after_ms", window?.resetMilliseconds(at: admission.admittedAt))
        }
    }

    /// 200 for a look, whatever it sees.
    static func peeked(_ peek: Peek, weight: Int64) -> Response {
        let wait = peek.admissibleAt.map { max(0, peek.at.duration(to: $0).millisecondsRoundedUp) }
        var headers = HTTPFields.roomy
        headers.setRateLimit(peek.windows, at: peek.at)
        return .json(headers: headers) { json in
            json.member("user", peek.user.description)
            json.member("at", peek.at.rfc3339)
            json.member("policy", peek.policy.name)
            json.member("weight", weight)
            json.member("admissible", wait == 0)
            json.member("never_fits", wait == nil)
            json.member("retry_after_ms", wait)
            json.key("windows")
            json.array { json in
                for state in peek.windows { json.object { state.writeMembers(to: &$0, at: peek.at) } }
            }
        }
    }
}

extension WindowState {
    fileprivate func writeMembers(to json: inout JSONWriter, at time: Timestamp) {
        json.member("name", window.name)
        json.member("limit", window.limit)
        json.member("length_ms", window.length.millisecondsRoundedUp)
        json.member("used", used)
        json.member("remaining", remaining)
        json.member("reset_after_ms", resetMilliseconds(at: time))
    }
}
