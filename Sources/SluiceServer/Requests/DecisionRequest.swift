import Hummingbird
import HummingbirdSluice
import NIOCore
import SluiceCore

/// The body of a request for a decision, or for a look at one.
struct DecisionRequest: Equatable {
    enum Field: Int, CaseIterable {
        case user, callID, weight, route, model

        var name: String {
            switch self {
            case .user: "user"
            case .callID: "call_id"
            case .weight: "weight"
            case .route: "route"
            case .model: "model"
            }
        }
    }

    /// Whose window.
    let user: UserID
    /// Version 7, made by the caller.
    private(set) var callID: CallID?
    private(set) var weight: Int64 = 1
    private(set) var route: String?
    private(set) var model: String?

    /// Parses strictly: what is not understood is refused by name, so that no caller's mistake goes unnoticed. `null`
    /// stands for an optional field that is left out. Ranges are ``Call``'s business.
    ///
    /// - Parameter fields: that this request may have.
    init(_ body: ByteBuffer, fields: [Field]) throws(FieldError) {
        var values = Values()
        var reader = FlatJSONReader(Array(body.readableBytesView))
        try reader.readObject { (name, value) throws(FieldError) in
            guard let field = fields.first(where: { $0.name == name }) else {
                let known = fields.map(\.name).joined(separator: ", ")
                throw FieldError(
                    field: FlatJSONReader.shown(name), reason: "is not a field of this request: use \(known)")
            }
            guard values[field] == nil else { throw FieldError(field: name, reason: "is there twice") }
            values[field] = value
        }
        guard let user = try values.text(.user) else { throw FieldError(field: "user", reason: "is missing") }
        self.user = try Self.userID(user)
        callID = try values.text(.callID).map(Self.callID)
        weight = try values.integer(.weight) ?? 1
        route = try values.text(.route)
        model = try values.text(.model)
    }

    static func userID(_ text: String) throws(FieldError) -> UserID {
        guard let user = UserID(text) else {
            throw FieldError(field: "user", reason: "must be a UUID in its usual form")
        }
        return user
    }

    private static func callID(_ text: String) throws(FieldError) -> CallID {
        guard let id = CallID(text), id.bits.version == 7, id.bits.low >> 62 == 0b10 else {
            throw FieldError(
                field: "call_id", reason: "must be a UUID of version 7 that the caller makes, one for each call")
        }
        return id
    }

    /// The call that is asked for, with an id of ours where the caller gave none.
    func call() throws(CallError) -> Call {
        try Call(
            user: user, id: callID ?? .generated(), isIDSupplied: callID != nil, weight: weight, route: route,
            model: model)
    }
}

extension DecisionRequest {
    /// The values by field, as they came.
    private struct Values {
        private var values = [JSONScalar?](repeating: nil, count: Field.allCases.count)

        subscript(field: Field) -> JSONScalar? {
            get { values[field.rawValue] }
            set { values[field.rawValue] = newValue }
        }

        func text(_ field: Field) throws(FieldError) -> String? {
            switch self[field] {
            case .string(let text): return text
            case nil,
                .null where field != .user:
                return nil
            default: throw FieldError(field: field.name, reason: "must be a string")
            }
        }

        func integer(_ field: Field) throws(FieldError) -> Int64? {
            switch self[field] {
            case nil, .null: return nil
            case .number(let text, isInteger: true):
                if let value = Int64(text) { return value }
                throw FieldError(field: field.name, reason: "is out of range: use 0 to \(Call.maximumWeight)")
            default:
                throw FieldError(
                    field: field.name, reason: "must be a whole number, written without fraction or exponent")
            }
        }
    }
}
