import SluiceCore

/// Where a call came from, as a part of its record: see ``SegmentFormat``.
enum OriginRecord {
    static func append(_ origin: CallOrigin, to bytes: inout [UInt8]) {
        bytes.append(flags(of: origin).rawValue)
        bytes.append(littleEndian: origin.attempt)
        if let key = origin.key { bytes.append(key.bits) }
        if let id = origin.logicalID { bytes.append(id.bits) }
        guard let reservation = origin.reservation else { return }
        bytes.append(littleEndian: reservation.inputTokens)
        bytes.append(littleEndian: reservation.outputTokens)
        if let cost = reservation.cost { bytes.append(littleEndian: cost) }
    }

    private static func flags(of origin: CallOrigin) -> SegmentFormat.OriginFlags {
        var flags: SegmentFormat.OriginFlags = []
        if origin.key != nil { flags.insert(.key) }
        if origin.logicalID != nil { flags.insert(.logicalID) }
        if let reservation = origin.reservation {
            flags.insert(.reservation)
            if reservation.cost != nil { flags.insert(.cost) }
        }
        return flags
    }

    /// `nil` for what is not an origin within its limits.
    static func decode(_ cursor: inout ByteCursor) -> CallOrigin? {
        guard let flags = cursor.integer(UInt8.self).map(SegmentFormat.OriginFlags.init(rawValue:)),
            flags.isSubset(of: .all), let attempt = cursor.integer(Int16.self)
        else { return nil }
        let key = flags.contains(.key) ? cursor.bits() : nil
        let logicalID = flags.contains(.logicalID) ? cursor.bits() : nil
        let reservation =
            flags.contains(.reservation) ? decodeReservation(&cursor, hasCost: flags.contains(.cost)) : nil
        let origin = CallOrigin(
            key: key.map(KeyID.init(bits:)), logicalID: logicalID.map(CallID.init(bits:)), attempt: Int(attempt),
            reservation: reservation)
        return Self.flags(of: origin) == flags && origin.attempt == attempt ? origin : nil
    }

    private static func decodeReservation(_ cursor: inout ByteCursor, hasCost: Bool) -> Reservation? {
        guard let input = cursor.integer(Int64.self), let output = cursor.integer(Int64.self) else { return nil }
        let cost = hasCost ? cursor.integer(Int64.self) : nil
        let reservation = Reservation(inputTokens: input, outputTokens: output, cost: cost)
        return reservation.inputTokens == input && reservation.outputTokens == output && reservation.cost == cost
            ? reservation : nil
    }
}
