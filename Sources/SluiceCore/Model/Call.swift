/// One call to an LLM that asks to be let through.
public struct Call: Hashable, Sendable {
    public let user: UserID
    public let id: CallID
    /// Whether the caller chose ``id``. Only then can the ledger already hold it, and only then is it looked up.
    public let isIDSupplied: Bool
    /// `0 … Call.maximumWeight`. A call of weight 0 only looks: it gets the answer that a call of weight 1 would get,
    /// consumes nothing and leaves no row.
    public let weight: Int64
    private let details: Details

    /// Keeps the sum of weights of 9 billion calls within 64 bits.
    public static let maximumWeight: Int64 = 1_000_000_000
    /// UTF-8 bytes of ``route`` and of ``model``.
    public static let maximumLabelBytes = 256

    /// - Throws: ``CallError`` naming the field, the value and what is allowed.
    public init(
        user: UserID, id: CallID, isIDSupplied: Bool = false, weight: Int64 = 1,
        route: String? = nil, model: String? = nil, origin: CallOrigin? = nil
    ) throws(CallError) {
        try Self.check(weight: weight, route: route, model: model)
        self.user = user
        self.id = id
        self.isIDSupplied = isIDSupplied
        self.weight = weight
        let isPlain = route == nil && model == nil && origin == nil
        details = isPlain ? .none : .some(route: route, model: model, origin: origin)
    }

    /// What was called, for the ledger.
    public var route: String? {
        if case .some(let route, _, _) = details { route } else { nil }
    }

    /// Which model was called, for the ledger.
    public var model: String? {
        if case .some(_, let model, _) = details { model } else { nil }
    }

    /// What the gateway knows of it; `nil` for a call that somebody else makes.
    public var origin: CallOrigin? {
        if case .some(_, _, let origin) = details { origin } else { nil }
    }

    /// - Throws: ``CallError``, as when a call of this is made.
    package static func check(weight: Int64, route: String?, model: String?) throws(CallError) {
        guard (0...maximumWeight).contains(weight) else { throw .weightOutOfRange(weight) }
        try checkLabel(route, field: "route")
        try checkLabel(model, field: "model")
    }

    static func checkLabel(_ text: String?, field: String) throws(CallError) {
        guard let text else { return }
        guard text.utf8.count <= maximumLabelBytes else { throw .labelTooLong(field: field, bytes: text.utf8.count) }
        // PostgreSQL's text cannot hold U+0000.
        guard !text.utf8.contains(0) else { throw .labelHoldsNull(field: field) }
    }
}

/// What is said of a call beside what decides, behind one reference: a call passes through many hands.
private indirect enum Details: Hashable, Sendable {
    case none
    case some(route: String?, model: String?, origin: CallOrigin?)
}

/// A call that cannot be decided, because of what the caller gave.
public enum CallError: Error, Equatable, Sendable {
    case weightOutOfRange(Int64)
    case labelTooLong(field: String, bytes: Int)
    case labelHoldsNull(field: String)

    /// The field of the request that is wrong.
    public var field: String {
        switch self {
        case .weightOutOfRange: "weight"
        case .labelTooLong(let field, _), .labelHoldsNull(let field): field
        }
    }
}

extension CallError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .weightOutOfRange(let weight):
            "weight \(weight) is out of range: use 0 to \(Call.maximumWeight)"
        case .labelTooLong(let field, let bytes):
            "\(field) is \(bytes) bytes long: use at most \(Call.maximumLabelBytes)"
        case .labelHoldsNull(let field):
            "\(field) holds the character U+0000, which the ledger cannot store: leave it out"
        }
    }
}
