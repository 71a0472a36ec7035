import Hummingbird
import HummingbirdSluice
import NIOCore
import SluiceCore

/// The members of a request's JSON object, as they came.
///
/// Strict: what is not understood is refused by name, so that no caller's mistake goes unnoticed. `null` stands for an
/// optional field that is left out.
struct RequestFields {
    private var values: [(name: String, value: JSONScalar)] = []

    /// - Parameter known: the fields that this request may have.
    init(_ body: ByteBuffer, known: [String]) throws(FieldError) {
        var values = values
        var reader = FlatJSONReader(Array(body.readableBytesView))
        try reader.readObject { (name, value) throws(FieldError) in
            guard known.contains(name) else {
                throw FieldError(
                    field: FlatJSONReader.shown(name),
                    reason: "is not a field of this request: use \(known.joined(separator: ", "))")
            }
            guard !values.contains(where: { $0.name == name }) else {
                throw FieldError(field: name, reason: "is there twice")
            }
            values.append((name, value))
        }
        self.values = values
    }

    private subscript(name: String) -> JSONScalar? {
        values.first { $0.name == name }?.value
    }

    func text(_ name: String) throws(FieldError) -> String? {
        switch self[name] {
        case .string(let text): return text
        case nil, .null: return nil
        default: throw FieldError(field: name, reason: "must be a string")
        }
    }

    func requiredText(_ name: String) throws(FieldError) -> String {
        switch self[name] {
        case .string(let text): return text
        case nil: throw FieldError(field: name, reason: "is missing")
        default: throw FieldError(field: name, reason: "must be a string")
        }
    }

    /// Any integer that fits into 64 bits.
    ///
    /// - Parameter range: for the words of the error alone.
    func integer(_ name: String, of range: ClosedRange<Int64>) throws(FieldError) -> Int64? {
        switch self[name] {
        case nil, .null: return nil
        case .number(let text, isInteger: true):
            if let value = Int64(text) { return value }
            throw .outOfRange(name, range)
        default:
            throw FieldError(field: name, reason: "must be a whole number, written without fraction or exponent")
        }
    }

    /// An integer within a range.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(FieldError) -> Int64? {
        guard let value = try integer(name, of: range) else { return nil }
        guard range.contains(value) else { throw .outOfRange(name, range) }
        return value
    }

    /// Whose window, or whose key.
    func user() throws(FieldError) -> UserID {
        try Self.userID(requiredText("user"))
    }

    static func userID(_ text: String) throws(FieldError) -> UserID {
        guard let user = UserID(text) else {
            throw FieldError(field: "user", reason: "must be a UUID in its usual form")
        }
        return user
    }
}

extension FieldError {
    fileprivate static func outOfRange(_ name: String, _ range: ClosedRange<Int64>) -> FieldError {
        FieldError(field: name, reason: "is out of range: use \(range.lowerBound) to \(range.upperBound)")
    }
}
