import Hummingbird
import HummingbirdSluice
import NIOCore
import SluiceCore

/// The body of a request for a decision, or for a look at one.
struct DecisionRequest: Equatable {
    enum Field: String, CaseIterable {
        case user, callID = "call_id", weight, route, model

        static let allNames = allCases.map(\.rawValue)
    }

    /// Whose window.
    let user: UserID
    /// Version 7, made by the caller.
    let callID: CallID?
    let weight: Int64
    let route: String?
    let model: String?

    /// Parses strictly. Ranges are ``Call``'s business.
    ///
    /// - Parameter names: of the fields that this request may have.
    init(_ body: ByteBuffer, names: [String]) throws(FieldError) {
        let values = try RequestFields(body, known: names)
        user = try values.user()
        if let text = try values.text(Field.callID.rawValue) { callID = try Self.callID(text) } else { callID = nil }
        weight = try values.integer(Field.weight.rawValue, of: 0...Call.maximumWeight) ?? 1
        route = try values.text(Field.route.rawValue)
        model = try values.text(Field.model.rawValue)
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
