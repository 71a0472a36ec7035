import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdSluice
import SluiceCore

/// Answers admins about API keys. A key itself is shown once, to who had it made, and nobody is told a digest.
struct KeyController: Sendable {
    private static let longestPage: Int64 = 1_000

    /// `nil` where keys are not kept.
    let administration: KeyAdministration?
    let body: BodyReader
    /// How long the store may take.
    let timeout: Duration

    /// `GET /v1/keys?user=&before=&limit=`
    func list(_ request: Request) async throws -> Response {
        let store = try keys().store
        let query = request.uri.queryParameters
        let user = try query["user"].map { try RequestFields.userID(String($0)) }
        let before = try query["before"].map { try Self.keyID(String($0), field: "before") }
        let limit = try query["limit"].map { try Self.limit(String($0)) } ?? 100
        let page = try await reaching { () throws(StoreError) in
            try await store.list(user: user, before: before, limit: limit, deadline: deadline)
        }
        return .json { json in
            json.key("keys")
            json.array { json in
                for key in page { json.object { key.writeMembers(to: &$0) } }
            }
            json.key("next")
            if page.count == limit, let last = page.last { json.string(last.id.description) } else { json.null() }
        }
    }

    /// `POST /v1/keys`
    func create(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let issuer = try keys().issuer
        let asked = try await KeyRequest(body.read(request, context))
        let issued = try await reaching { () throws(StoreError) in
            try await issuer.issue(
                user: asked.user, role: asked.role, name: asked.name, lifetime: asked.lifetime, deadline: deadline)
        }
        return .json(.created, headers: [.cacheControl: "no-store"]) { json in
            json.member("key", issued.secret)
            issued.key.writeMembers(to: &json)
        }
    }

    /// `DELETE /v1/keys/{key}`
    func revoke(_ context: ServiceContext) async throws -> Response {
        let administration = try keys()
        let id = try Self.keyID(context.parameters.get("key") ?? "", field: "key")
        let revoked = try await reaching { () throws(StoreError) in
            try await administration.store.revoke(id, deadline: deadline)
        }
        guard let revoked else { throw ServiceError.status(.notFound, detail: "there is no key \(id)") }
        administration.onRevoke(id)
        return .json { revoked.writeMembers(to: &$0) }
    }

    private var deadline: ContinuousClock.Instant { .now.advanced(by: timeout) }

    private func keys() throws(ServiceError) -> KeyAdministration {
        guard let administration else { throw .notConfigured(detail: "API keys are not kept here") }
        return administration
    }

    private func reaching<Value>(
        _ work: () async throws(StoreError) -> Value
    ) async throws(ServiceError) -> Value {
        do {
            return try await work()
        } catch {
            if error.kind == .rejected {
                throw .invalid(FieldError(field: "body", reason: "has a value that cannot be kept"))
            }
            throw .status(.serviceUnavailable, detail: "API keys cannot be reached at the moment: try again")
        }
    }

    private static func keyID(_ text: String, field: String) throws(FieldError) -> KeyID {
        guard let id = KeyID(text) else { throw FieldError(field: field, reason: "must be the UUID of a key") }
        return id
    }

    private static func limit(_ text: String) throws(FieldError) -> Int {
        guard let limit = Int(text), (1...Int(longestPage)).contains(limit) else {
            throw FieldError(field: "limit", reason: "is out of range: use 1 to \(longestPage)")
        }
        return limit
    }
}

extension APIKey {
    fileprivate func writeMembers(to json: inout JSONWriter) {
        func text(_ name: StaticString, _ value: String?) {
            json.key(name)
            if let value { json.string(value) } else { json.null() }
        }
        json.member("id", id.description)
        json.member("prefix", prefix)
        text("name", name)
        json.member("user", user.description)
        json.member("role", role.rawValue)
        json.member("created_at", createdAt.rfc3339)
        text("expires_at", expiresAt?.rfc3339)
        text("revoked_at", revokedAt?.rfc3339)
        text("last_used_at", lastUsedAt?.rfc3339)
    }
}
