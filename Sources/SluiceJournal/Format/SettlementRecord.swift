import SluiceCore

/// A settlement as the payload of a record: see ``SegmentFormat``.
enum SettlementRecord {
    private static let bases: [(basis: Settlement.Basis, code: UInt8)] = [
        (.measured, 1), (.estimated, 2), (.drained, 3), (.expired, 4), (.reported, 5),
    ]

    /// The whole record, its frame included.
    static func encode(_ settlement: Settlement, settledAt: Timestamp) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(136 + (settlement.model?.utf8.count ?? 0))
        bytes.append(littleEndian: UInt64(0))
        appendPayload(of: settlement, settledAt, to: &bytes)
        Frame.seal(&bytes)
        return bytes
    }

    private static func appendPayload(of settlement: Settlement, _ settledAt: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(SegmentFormat.RecordType.settlement)
        bytes.append(flags(of: settlement).rawValue)
        bytes.append(settlement.user.bits)
        bytes.append(settlement.callID.bits)
        bytes.append(littleEndian: settledAt.microseconds)
        bytes.append(bases.first { $0.basis == settlement.basis }?.code ?? 0)
        for tokens in settlement.usage.parts { bytes.append(littleEndian: tokens) }
        if let time = settlement.admittedAt { bytes.append(littleEndian: time.microseconds) }
        if let status = settlement.status { bytes.append(littleEndian: status) }
        if let duration = settlement.duration { bytes.append(littleEndian: duration.wholeMicroseconds) }
        if let model = settlement.model { bytes.append(labelled: model) }
        bytes.append(SegmentFormat.endMark)
    }

    private static func flags(of settlement: Settlement) -> SegmentFormat.SettlementFlags {
        var flags: SegmentFormat.SettlementFlags = []
        if settlement.admittedAt != nil { flags.insert(.admittedAt) }
        if settlement.status != nil { flags.insert(.status) }
        if settlement.duration != nil { flags.insert(.duration) }
        if settlement.model != nil { flags.insert(.model) }
        return flags
    }

    /// `nil` for a payload that is not exactly one settlement within the limits of ``Settlement``.
    static func decode(_ payload: UnsafeRawBufferPointer) -> JournalEntry? {
        var cursor = ByteCursor(payload)
        guard cursor.integer(UInt8.self) == SegmentFormat.RecordType.settlement,
            let flags = cursor.integer(UInt8.self).map(SegmentFormat.SettlementFlags.init(rawValue:)),
            flags.isSubset(of: .all),
            let user = cursor.bits(), let id = cursor.bits(), let settledAt = cursor.integer(Int64.self),
            let code = cursor.integer(UInt8.self), let basis = bases.first(where: { $0.code == code })?.basis,
            let usage = decodeUsage(&cursor)
        else { return nil }
        let admitted = flags.contains(.admittedAt) ? cursor.integer(Int64.self) : nil
        let status = flags.contains(.status) ? cursor.integer(Int16.self) : nil
        let duration = flags.contains(.duration) ? cursor.integer(Int64.self) : nil
        let model = flags.contains(.model) ? cursor.label() : nil
        guard cursor.integer(UInt8.self) == SegmentFormat.endMark, cursor.isAtEnd,
            let settlement = try? Settlement(
                user: UserID(bits: user), callID: CallID(bits: id),
                admittedAt: admitted.map(Timestamp.init(microseconds:)),
                model: model, usage: usage, basis: basis, status: status, duration: duration.map { .microseconds($0) }),
            Self.flags(of: settlement) == flags, settlement.duration?.wholeMicroseconds == duration
        else { return nil }
        return .settlement(settlement, settledAt: Timestamp(microseconds: settledAt))
    }

    private static func decodeUsage(_ cursor: inout ByteCursor) -> TokenUsage? {
        var parts: [Int64] = []
        for _ in 0..<5 {
            guard let tokens = cursor.integer(Int64.self) else { return nil }
            parts.append(tokens)
        }
        let usage = TokenUsage(
            input: parts[0], cached: parts[1], cacheWrite: parts[2], output: parts[3], reasoning: parts[4])
        return usage.parts == parts ? usage : nil
    }
}

extension TokenUsage {
    /// In the order in which a record holds them.
    fileprivate var parts: [Int64] { [input, cached, cacheWrite, output, reasoning] }
}
