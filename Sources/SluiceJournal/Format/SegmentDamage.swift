/// Something in a segment that is not a record.
public struct SegmentDamage: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The file ends within a record, or in zeros: writing it was never completed, so no caller relies on it.
        case tornTail
        /// The header's magic, name or checksum is wrong, or it is missing.
        case badHeader
        /// Written by another version of Sluice.
        case otherVersion(UInt16)
        /// A record's checksum, length or contents are wrong.
        case badRecord
        /// A sound record of a type that this version does not know.
        case unknownRecord(UInt8)
    }

    /// Where it begins, in bytes from the start of the file.
    public let offset: Int
    public let kind: Kind
}

extension SegmentDamage: CustomStringConvertible {
    public var description: String {
        switch kind {
        case .tornTail: "incomplete record at offset \(offset)"
        case .badHeader: "wrong header"
        case .otherVersion(let version): "format version \(version)"
        case .badRecord: "wrong record at offset \(offset)"
        case .unknownRecord(let type): "record of unknown type \(type) at offset \(offset)"
        }
    }
}
