import SluiceCore

/// How a segment begins: see ``SegmentFormat``.
struct SegmentHeader: Hashable, Sendable {
    /// Random, one per journal that wrote.
    let owner: UUIDBits
    /// By the writer's wall clock.
    let createdAt: Timestamp
    /// Who let the calls through.
    let replica: String?

    static let maximumReplicaBytes = 256
    private static let fixedBytes = SegmentFormat.preambleBytes + 2 + 16 + 8
    private static let checksumBytes = 4
    static let maximumBytes = fixedBytes + maximumReplicaBytes + checksumBytes

    var encoded: [UInt8] {
        var bytes = SegmentFormat.magic
        bytes.append(littleEndian: SegmentFormat.version)
        bytes.append(littleEndian: UInt16(truncatingIfNeeded: replica?.utf8.count ?? 0))
        bytes.append(owner)
        bytes.append(littleEndian: createdAt.microseconds)
        bytes.append(contentsOf: (replica ?? "").utf8)
        bytes.append(littleEndian: bytes.withUnsafeBytes { CRC32C.checksum($0) })
        return bytes
    }

    enum Parse {
        case valid(SegmentHeader, bytes: Int)
        /// The file ends before the header does.
        case incomplete
        case newer(UInt16)
        case wrong
    }

    static func parse(_ bytes: UnsafeRawBufferPointer) -> Parse {
        guard bytes.prefix(SegmentFormat.magic.count).elementsEqual(SegmentFormat.magic.prefix(bytes.count)) else {
            return .wrong
        }
        var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(SegmentFormat.magic.count)))
        guard let version = cursor.integer(UInt16.self) else { return .incomplete }
        guard version == SegmentFormat.version else { return .newer(version) }
        guard let nameBytes = cursor.integer(UInt16.self).map(Int.init) else { return .incomplete }
        guard nameBytes <= maximumReplicaBytes else { return .wrong }
        guard let owner = cursor.bits(), let created = cursor.integer(Int64.self),
            bytes.count >= fixedBytes + nameBytes + checksumBytes
        else { return .incomplete }
        let replica = cursor.text(nameBytes)
        let covered = UnsafeRawBufferPointer(rebasing: bytes.prefix(fixedBytes + nameBytes))
        guard let replica, let checksum = cursor.integer(UInt32.self), checksum == CRC32C.checksum(covered) else {
            return .wrong
        }
        let header = SegmentHeader(
            owner: owner, createdAt: Timestamp(microseconds: created), replica: nameBytes == 0 ? nil : replica)
        return .valid(header, bytes: covered.count + checksumBytes)
    }
}
