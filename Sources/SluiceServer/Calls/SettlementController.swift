import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import SluiceCore

/// Takes down what calls have taken that a service let through `/v1/admit` and made itself.
struct SettlementController: Sendable {
    /// `nil` where that is not kept.
    let settler: (any Settler)?
    let body: BodyReader

    /// `POST /v1/settle`
    func settle(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard let settler else { throw ServiceError.notConfigured(detail: "what calls take is not kept here") }
        let asked = try await SettlementRequest(body.read(request, context))
        switch try await settler.settle(asked.settlement) {
        case .settled(let cost):
            return .json { json in
                json.member("settled", true)
                json.member("cost_nanousd", cost)
            }
        case .known:
            return .json { json in
                json.member("settled", true)
                json.member("known", true)
            }
        case .journaled:
            return .json(.accepted) { json in
                json.member("settled", false)
                json.member("journaled", true)
            }
        case .noCall:
            throw ServiceError.status(.notFound, detail: "this user has no call with this call_id")
        }
    }
}
