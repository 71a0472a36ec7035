/// Counts text, and makes a number of tokens of it where nobody tells the true one.
///
/// English takes about four bytes a token with the tokenizers of both providers, as their own guides say; Chinese, Japanese and
/// Korean characters take three bytes of UTF-8 and about one token each, and other scripts lie between. A file in base64 is not
/// read as text: an image takes up to about 1,600 tokens whatever its size, and a page of a document about 2,000 in 100 KB.
struct TokenTally: Equatable, Sendable {
    static let asciiBytesPerToken: Int64 = 4
    static let otherBytesPerToken: Int64 = 3
    static let fileBytesPerToken: Int64 = 64
    static let tokensOfSmallFile: Int64 = 1_600
    /// A string is a file only when it is longer than any word.
    static let smallestFile = 1_024

    private var ascii: Int64 = 0
    private var other: Int64 = 0
    private var whole: Int64 = 0

    /// Rounded up.
    var tokens: Int64 {
        let parts = ascii * Self.otherBytesPerToken + other * Self.asciiBytesPerToken
        let whole = Self.asciiBytesPerToken * Self.otherBytesPerToken
        return self.whole + (parts + whole - 1) / whole
    }

    mutating func addText(_ bytes: some Collection<UInt8>) {
        let foreign = bytes.reduce(into: 0) { count, byte in count += Int64(byte >> 7) }
        other += foreign
        ascii += Int64(bytes.count) - foreign
    }

    /// A whole string, which may be a file.
    mutating func addString(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.smallestFile, Self.isFile(bytes) else { return addText(bytes) }
        let size = Int64(bytes.count)
        whole += max(min(size / Self.asciiBytesPerToken, Self.tokensOfSmallFile), size / Self.fileBytesPerToken)
    }

    /// A number is a token: a prompt for embeddings may be a list of them.
    mutating func addNumber() {
        whole += 1
    }

    /// Base64 of either alphabet, or a `data:` URL.
    private static func isFile(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.starts(with: "data:".utf8)
            || bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                    UInt8(ascii: "_"), UInt8(ascii: "="):
                    true
                default: false
                }
            }
    }
}
