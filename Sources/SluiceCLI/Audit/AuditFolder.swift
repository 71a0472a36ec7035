import Glibc
import SluiceLedger
import SystemPackage

/// A new folder of files, which remembers their checksums.
final class AuditFolder {
    let path: String
    /// By the file's path in the folder, in the order in which they were finished.
    private(set) var checksums: [(file: String, sha256: String)] = []

    /// - Throws: ``CommandError`` for a folder that cannot be made or holds something.
    init(_ path: String) throws(CommandError) {
        self.path = path
        try Self.make(path)
        try Self.checkEmpty(path)
    }

    /// A file that is written piece by piece.
    ///
    /// - Returns: its checksum.
    /// - Throws: ``CommandError`` when it cannot be written, else what the body throws.
    nonisolated(nonsending) func write(
        _ file: String, _ body: nonisolated(nonsending) (_ write: ([UInt8]) throws -> Void) async throws -> Void
    ) async throws -> String {
        var digest = SealDigest()
        do {
            if let slash = file.lastIndex(of: "/") { try Self.make("\(path)/\(file[..<slash])") }
            let descriptor = try FileDescriptor.open(
                "\(path)/\(file)", .writeOnly, options: [.create, .exclusiveCreate], permissions: .init(rawValue: 0o644)
            )
            do {
                try await body { bytes in
                    digest.update(bytes)
                    try descriptor.writeAll(bytes)
                }
            } catch {
                try? descriptor.close()
                throw error
            }
            try descriptor.close()
        } catch let error as Errno {
            throw CommandError(.unavailable, "\(path)/\(file) cannot be written: \(error)")
        }
        let sha256 = digest.hexadecimal()
        checksums.append((file, sha256))
        return sha256
    }

    /// A whole file.
    nonisolated(nonsending) func write(_ file: String, _ text: String) async throws {
        _ = try await write(file) { write in try write(Array(text.utf8)) }
    }

    /// What `sha256sum -c` reads.
    nonisolated(nonsending) func writeChecksums(to file: String) async throws {
        try await write(file, checksums.map { "\($0.sha256)  \($0.file)\n" }.joined())
    }

    private static func make(_ path: String) throws(CommandError) {
        var partial = FilePath(path).root.map { FilePath(root: $0) } ?? FilePath()
        for component in FilePath(path).components {
            partial.append(component)
            guard Folder.status(partial.string) == nil else { continue }
            do throws(EmbeddedPostgresError) {
                try Folder.make(partial.string, mode: 0o755)
            } catch {
                throw CommandError(.unavailable, "the folder \(partial) cannot be made: name one that can")
            }
        }
    }

    private static func checkEmpty(_ path: String) throws(CommandError) {
        guard let folder = opendir(path) else {
            throw CommandError(.unavailable, "\(path) is no folder that can be read: name another one")
        }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name == "." || name == ".." else {
                throw CommandError(.usage, "\(path) holds \(name): name a folder that is empty or is not there yet")
            }
        }
    }
}
