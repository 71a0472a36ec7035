import JWTKit

/// The public keys of an issuer (RFC 7517).
///
/// Keys that are not for verifying signatures, that are secret (`oct`), too short or of no kind known here are left out.
struct KeySet: Sendable {
    static let maximumBytes = 512 * 1_024
    static let maximumKeys = 100

    private typealias Algorithms = [TokenAlgorithm: PublicKey]

    /// Of keys with one name and one algorithm the first counts.
    private var named: [String: Algorithms] = [:]
    /// Every key by its algorithm; `nil` where there are several.
    private var only: [TokenAlgorithm: PublicKey?] = [:]
    /// Keys that can be used.
    private(set) var count = 0

    static let empty = KeySet()

    private init() {}

    init(_ document: [UInt8]) async throws(JWKSError) {
        guard document.count <= Self.maximumBytes else { throw .tooLarge(bytes: document.count) }
        guard let keys = JSONReader.read(document)?.object?["keys"]?.array else { throw .malformed }
        guard keys.count <= Self.maximumKeys else { throw .tooManyKeys(keys.count) }
        for key in keys {
            guard let members = key.object, let candidate = KeyCandidate(members) else { continue }
            await add(candidate)
        }
    }

    /// The key for tokens of that algorithm; without an `id`, the only one.
    func find(_ algorithm: TokenAlgorithm, id: String?) -> PublicKey? {
        if let id { named[id]?[algorithm] } else { only[algorithm] ?? nil }
    }

    private mutating func add(_ candidate: KeyCandidate) async {
        var isUsable = false
        for algorithm in candidate.algorithms {
            guard let key = try? await candidate.key(for: algorithm) else { continue }
            isUsable = true
            only.updateValue(only.keys.contains(algorithm) ? nil : key, forKey: algorithm)
            if let id = candidate.id, named[id]?[algorithm] == nil { named[id, default: [:]][algorithm] = key }
        }
        if isUsable { count += 1 }
    }
}
