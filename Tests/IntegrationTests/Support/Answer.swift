import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore

/// What a replica answered.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let text: String

    /// The fields of the answers to admit, peek and ready; which are there depends on the answer.
    struct Body: Decodable, Equatable, Sendable {
        let admitted: Bool?
        let callID: String?
        let admittedAt: String?
        let mode: String?
        let policy: String?
        let limit: Int?
        let remaining: Int?
        let retryAfterMS: Int64?
        let type: String?
        let violatedPolicies: [String]?
        let admissible: Bool?
        let windows: [Window]?
        let ready: Bool?
        let database: String?
        let schema: String?

        struct Window: Decodable, Equatable, Sendable {
            let used: Int
            let remaining: Int
        }

        enum CodingKeys: String, CodingKey {
            case admitted, mode, policy, limit, remaining, type, admissible, windows, ready, database, schema
            case callID = "call_id"
            case admittedAt = "admitted_at"
            case retryAfterMS = "retry_after_ms"
            case violatedPolicies = "violated-policies"
        }
    }

    init(_ response: TestClient.Response) {
        status = response.status.code
        headers = response.headers
        text = response.body.map { String(buffer: $0) } ?? ""
    }

    var body: Body {
        get throws { try JSONDecoder().decode(Body.self, from: Data(text.utf8)) }
    }

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// Whether it is an admission whose row the ledger holds.
    var isEnforced: Bool { status == 200 && text.contains(#""mode":"enforced""#) }

    /// Whether it is an admission without the database's word.
    var isUnchecked: Bool { status == 200 && text.contains(#""mode":"unchecked""#) }
}
