/// How a segment of the journal looks on disk. Integers are little-endian; times are microseconds since 1970 by the
/// database's clock as the writer knew it (the creation time: by the writer's wall clock).
///
/// A segment is a header and records, one after the other, with nothing in between. It is only ever appended to.
///
/// | header | bytes | what |
/// |---|---|---|
/// | magic | 8 | `SluiceJ` and a line feed |
/// | version | 2 | 1. Another version is left where it is and reported |
/// | n | 2 | length of the replica's name, 0 … 256; 0: it has none |
/// | owner | 16 | random, one per journal that writes |
/// | created | 8 | when the segment was made |
/// | replica | n | UTF-8 |
/// | CRC32C | 4 | of everything before |
///
/// | record | bytes | what |
/// |---|---|---|
/// | n | 4 | length of the payload, 1 … 4,096 |
/// | CRC32C | 4 | of the four bytes of n, then of the payload |
/// | payload | n | its first byte says what it is, its last is 0x5A |
///
/// | payload of a call | bytes | what |
/// |---|---|---|
/// | type | 1 | 1 |
/// | flags | 1 | 1: the caller chose the id; 2, 4, 8: "may exist since", route, model are there |
/// | user, call id | 16 + 16 | most significant byte first, as UUIDs are written |
/// | weight | 8 | |
/// | admitted at | 8 | |
/// | policy id | 4 | |
/// | may exist since | 8 or 0 | |
/// | route, model | 2 + n or 0 | length, then UTF-8 |
/// | end | 1 | 0x5A: not zero, so that a flipped bit can be told from a tail of zeros that was never written |
///
/// A file ends as `<name>.sluice-journal` while it waits; `.corrupt`, `.unknown` (holds records of a type that is not known) or
/// `.rejected` (holds calls that the ledger never takes) is appended when it is set aside, `.new` while it is being made. To have
/// a set-aside segment replayed again, take that suffix away.
enum SegmentFormat {
    static let magic = Array("SluiceJ\n".utf8)
    static let version: UInt16 = 1
    /// Magic and version, which every version begins with.
    static let preambleBytes = 10
    static let frameBytes = 8
    static let payloadBytes = 1...4_096
    static let endMark: UInt8 = 0x5A
    /// Nothing that this code writes comes near; a larger file is not read.
    static let maximumFileBytes = 256 << 20

    enum RecordType {
        static let call: UInt8 = 1
    }

    struct CallFlags: OptionSet {
        let rawValue: UInt8
        static let suppliedID = CallFlags(rawValue: 1)
        static let mayExistSince = CallFlags(rawValue: 2)
        static let route = CallFlags(rawValue: 4)
        static let model = CallFlags(rawValue: 8)
        static let all: CallFlags = [.suppliedID, .mayExistSince, .route, .model]
    }
}
