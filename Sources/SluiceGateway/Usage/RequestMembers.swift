import SluiceCore

/// The members of a request's body, each of a name once.
struct RequestMembers {
    /// Those that decide what is metered.
    private static let meteredNames: Set<String> = [
        "model", "stream", "stream_options", "background", "n", "max_tokens", "max_completion_tokens",
        "max_output_tokens", "include_usage",
    ]

    private let bytes: [UInt8]
    private let places: [String: Range<Int>]
    private let start: Int
    /// An estimate over all of the body: names and other members stand for what a provider adds to each message.
    let promptTokens: Int64

    init(_ bytes: [UInt8]) throws(GatewayRequestError) {
        guard !bytes.isEmpty else { throw GatewayRequestError(field: "body", reason: "is empty: send a JSON object") }
        var scanner = JSONScanner(bytes)
        places = try Self.places(of: Self.read(&scanner), in: "")
        self.bytes = bytes
        start = bytes.firstIndex(of: UInt8(ascii: "{")) ?? 0
        promptTokens = scanner.tally.tokens
    }

    private static func read(_ scanner: inout JSONScanner) throws(GatewayRequestError) -> [JSONMember] {
        do {
            return try scanner.readDocument()
        } catch {
            let place = error.position < scanner.bytes.count ? "byte \(error.position)" : "the end"
            throw GatewayRequestError(field: "body", reason: "is not JSON: expected \(error.expected) at \(place)")
        }
    }

    subscript(name: String) -> Range<Int>? { places[name] }

    private func scalar(_ name: String) -> JSONScalar {
        places[name].map { JSONScanner.scalar(in: bytes, at: $0) } ?? .null
    }

    func model() throws(GatewayRequestError) -> String {
        guard case .string(let model) = scalar("model") else {
            let found = places["model"] == nil ? "is missing" : "is not a text"
            throw GatewayRequestError(field: "model", reason: "\(found): name the model as a string")
        }
        guard (1...Call.maximumLabelBytes).contains(model.utf8.count), !model.utf8.contains(0) else {
            throw GatewayRequestError(
                field: "model", reason: "must be 1 to \(Call.maximumLabelBytes) bytes long, without U+0000")
        }
        return model
    }

    func bool(_ name: String) throws(GatewayRequestError) -> Bool? {
        switch scalar(name) {
        case .bool(let value): return value
        case .null: return nil
        default: throw GatewayRequestError(field: name, reason: "must be true or false")
        }
    }

    private func count(_ name: String) throws(GatewayRequestError) -> Int64? {
        switch scalar(name) {
        case .integer(let value) where value >= 0: return value
        case .null: return nil
        default: throw GatewayRequestError(field: name, reason: "must be a whole number from 0, written in digits")
        }
    }

    /// A response in the background is fetched later by another request, which brings its usage past the gateway.
    func refuseBackground(of kind: EndpointKind) throws(GatewayRequestError) {
        guard kind == .responses, try bool("background") == true else { return }
        throw GatewayRequestError(
            field: "background", reason: "is not possible through the gateway: leave it out, and use a stream instead")
    }

    func outputTokens(of kind: EndpointKind) throws(GatewayRequestError) -> Int64 {
        switch kind {
        case .embeddings: return 0
        case .responses: return try count("max_output_tokens") ?? GatewayRequest.defaultOutput
        case .messages: return try count("max_tokens") ?? GatewayRequest.defaultOutput
        case .chat:
            let limits = [try count("max_completion_tokens"), try count("max_tokens")].compactMap { $0 }
            let tokens = min(limits.max() ?? GatewayRequest.defaultOutput, Reservation.maximum)
            let (product, overflow) = tokens.multipliedReportingOverflow(by: try count("n") ?? 1)
            return overflow ? Reservation.maximum : product
        }
    }

    /// What makes a stream end with its usage; `nil` where the client asked for it.
    func editToIncludeUsage() throws(GatewayRequestError) -> JSONEdit? {
        guard let place = places["stream_options"] else {
            return .insert(#""stream_options":{"include_usage":true}"#, intoObjectAt: start, isEmpty: false)
        }
        guard scalar("stream_options") != .null else { return JSONEdit(place, Array(#"{"include_usage":true}"#.utf8)) }
        var scanner = JSONScanner(bytes, at: place.lowerBound)
        guard let options = try? scanner.readObject() else {
            throw GatewayRequestError(field: "stream_options", reason: "must be an object")
        }
        let places = try Self.places(of: options, in: "stream_options.")
        guard let flag = places["include_usage"] else {
            return .insert(#""include_usage":true"#, intoObjectAt: place.lowerBound, isEmpty: places.isEmpty)
        }
        switch JSONScanner.scalar(in: bytes, at: flag) {
        case .bool(true): return nil
        case .bool(false), .null: return JSONEdit(flag, Array("true".utf8))
        default:
            throw GatewayRequestError(field: "stream_options.include_usage", reason: "must be true or false")
        }
    }

    /// - Throws: ``GatewayRequestError`` for a name twice, of which parsers differ in which they take, and for one that only
    ///   some parsers would take for another (Go's ignores case).
    private static func places(
        of members: [JSONMember], in outer: String
    ) throws(GatewayRequestError) -> [String: Range<Int>] {
        var places: [String: Range<Int>] = [:]
        for member in members {
            // Upper case first: it is there that U+017F becomes an S.
            let plain = member.name.uppercased().lowercased()
            if plain != member.name, meteredNames.contains(plain) {
                throw GatewayRequestError(field: outer + plain, reason: "must be written in lower case")
            }
            guard places.updateValue(member.value, forKey: member.name) == nil else {
                throw GatewayRequestError(field: outer + member.name.prefix(64), reason: "is given twice: send it once")
            }
        }
        return places
    }
}
