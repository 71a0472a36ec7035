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
/// | flags | 1 | 1: the caller chose the id; 2, 4, 8, 16: "may exist since", route, model, origin are there |
/// | user, call id | 16 + 16 | most significant byte first, as UUIDs are written |
/// | weight | 8 | |
/// | admitted at | 8 | |
/// | policy id | 4 | |
/// | may exist since | 8 or 0 | |
/// | route, model | 2 + n or 0 | length, then UTF-8 |
/// | origin | 3 … 59 or 0 | see below |
/// | end | 1 | 0x5A: not zero, so that a flipped bit can be told from a tail of zeros that was never written |
///
/// | origin | bytes | what |
/// |---|---|---|
/// | flags | 1 | 1, 2, 4, 8: key, logical id, reservation, its cost are there |
/// | attempt | 2 | |
/// | key, logical id | 16 or 0 | |
/// | input, output, cost | 8 or 0 | tokens and nano-USD that were set aside |
///
/// | payload of a settlement | bytes | what |
/// |---|---|---|
/// | type | 1 | 2 |
/// | flags | 1 | 1, 2, 4, 8: "admitted at", status, duration, model are there |
/// | user, call id | 16 + 16 | |
/// | settled at | 8 | |
/// | basis | 1 | 1 measured, 2 estimated, 3 drained, 4 expired, 5 reported |
/// | tokens | 5 × 8 | input, cached, cache write, output, reasoning |
/// | admitted at | 8 or 0 | |
/// | status | 2 or 0 | |
/// | duration | 8 or 0 | microseconds |
/// | model | 2 + n or 0 | |
/// | end | 1 | 0x5A |
///
/// A file ends as `<name>.sluice-journal` while it waits; `.corrupt`, `.unknown` (holds records of a type that is not known) or
/// `.rejected` (holds calls or settlements that the ledger never takes) is appended when it is set aside, `.new` while it is being made. To have
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
        static let settlement: UInt8 = 2
        static let all = call...settlement
    }

    struct CallFlags: OptionSet {
        let rawValue: UInt8
        static let suppliedID = CallFlags(rawValue: 1)
        static let mayExistSince = CallFlags(rawValue: 2)
        static let route = CallFlags(rawValue: 4)
        static let model = CallFlags(rawValue: 8)
        static let origin = CallFlags(rawValue: 16)
        static let all: CallFlags = [.suppliedID, .mayExistSince, .route, .model, .origin]
    }

    struct OriginFlags: OptionSet {
        let rawValue: UInt8
        static let key = OriginFlags(rawValue: 1)
        static let logicalID = OriginFlags(rawValue: 2)
        static let reservation = OriginFlags(rawValue: 4)
        static let cost = OriginFlags(rawValue: 8)
        static let all: OriginFlags = [.key, .logicalID, .reservation, .cost]
    }

    struct SettlementFlags: OptionSet {
        let rawValue: UInt8
        static let admittedAt = SettlementFlags(rawValue: 1)
        static let status = SettlementFlags(rawValue: 2)
        static let duration = SettlementFlags(rawValue: 4)
        static let model = SettlementFlags(rawValue: 8)
        static let all: SettlementFlags = [.admittedAt, .status, .duration, .model]
    }
}
