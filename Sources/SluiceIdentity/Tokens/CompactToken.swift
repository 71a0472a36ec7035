/// A JWT in its compact form (RFC 7515 section 3.1), taken apart. Nothing in it has been verified.
struct CompactToken {
    /// Bytes of a token.
    static let maximumLength = 8_192

    let algorithm: String
    let keyID: String?
    /// The characters that the signature is over.
    let signed: [UInt8]
    /// JSON, if it is what it claims to be.
    let payload: [UInt8]
    let signature: [UInt8]

    /// `nil` for anything but three canonical parts under a header that is understood in full.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        let characters = Array(text.utf8)
        let parts = characters.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]).flatMap(JSONReader.read)?.object,
            let payload = Base64URL.decode(parts[1]), let signature = Base64URL.decode(parts[2]),
            let algorithm = header["alg"]?.string
        else { return nil }
        // Whoever marks a field as critical wants the token refused by those who do not understand it (RFC 7515 section 4.1.11).
        guard header["crit"] == nil, header["b64"] == nil else { return nil }
        guard header["kid"] == nil || header["kid"]?.string != nil else { return nil }
        self.algorithm = algorithm
        keyID = header["kid"]?.string
        signed = Array(characters[..<parts[1].endIndex])
        self.payload = payload
        self.signature = signature
    }

    /// Whether a credential may be such a token: three parts.
    static func isClaimed(by credential: some StringProtocol) -> Bool {
        credential.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }
}
