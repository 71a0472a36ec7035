import Crypto
import SluiceMigrations

/// One numbered step of the schema, forwards and backwards.
public struct Migration: Hashable, Sendable {
    /// From 1, without gaps.
    public let version: Int
    /// A verb and a noun.
    public let name: String
    /// SQL that takes the step.
    public let up: String
    /// SQL that takes it back.
    public let down: String

    public init(version: Int, name: String, up: String, down: String) {
        self.version = version
        self.name = name
        self.up = up
        self.down = down
    }

    /// Lower-case hexadecimal SHA-256 of ``up``: a step that was taken must not be edited afterwards.
    public var checksum: String {
        SHA256.hash(data: Array(up.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The steps that this program carries, in order.
    public static let all: [Migration] = MigrationFile.all.map { file in
        Migration(
            version: file.version, name: file.name, up: String(decoding: file.up, as: UTF8.self),
            down: String(decoding: file.down, as: UTF8.self))
    }
}

extension Migration: CustomStringConvertible {
    /// The number in four digits and the name, as the files have it.
    public var description: String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name
    }
}
