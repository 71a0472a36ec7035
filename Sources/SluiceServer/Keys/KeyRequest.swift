import Hummingbird
import HummingbirdSluice
import NIOCore
import SluiceCore

/// The body of a request for a new API key.
struct KeyRequest {
    let user: UserID
    let role: Role
    let name: String?
    let lifetime: Duration?

    init(_ body: ByteBuffer) throws(FieldError) {
        let values = try RequestFields(body, known: ["user", "role", "name", "expires_in_days"])
        user = try values.user()
        guard let role = Role(rawValue: try values.requiredText("role")) else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldError(field: "role", reason: "is none that there is: use one of \(roles)")
        }
        self.role = role
        name = try Self.name(values)
        lifetime = try values.integer("expires_in_days", in: 1...3_650).map { .seconds($0 * 86_400) }
    }

    private static func name(_ values: RequestFields) throws(FieldError) -> String? {
        guard let name = try values.text("name") else { return nil }
        let isPrintable = name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...NewAPIKey.maximumNameLength).contains(name.unicodeScalars.count), isPrintable else {
            throw FieldError(
                field: "name",
                reason: "must have 1 to \(NewAPIKey.maximumNameLength) characters, none of them control codes")
        }
        return name
    }
}
