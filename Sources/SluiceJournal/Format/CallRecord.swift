import SluiceCore

/// A call as the payload of a record: see ``SegmentFormat``.
enum CallRecord {
    /// The whole record, its frame included.
    static func encode(_ record: UncheckedCall) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96 + (record.call.route?.utf8.count ?? 0) + (record.call.model?.utf8.count ?? 0))
        bytes.append(littleEndian: UInt64(0))
        appendPayload(of: record, to: &bytes)
        Frame.seal(&bytes)
        return bytes
    }

    private static func appendPayload(of record: UncheckedCall, to bytes: inout [UInt8]) {
        let call = record.call
        bytes.append(SegmentFormat.RecordType.call)
        bytes.append(flags(of: record).rawValue)
        bytes.append(call.user.bits)
        bytes.append(call.id.bits)
        bytes.append(littleEndian: call.weight)
        bytes.append(littleEndian: record.admittedAt.microseconds)
        bytes.append(littleEndian: record.policyID)
        if let since = record.mayExistSince { bytes.append(littleEndian: since.microseconds) }
        if let route = call.route { bytes.append(labelled: route) }
        if let model = call.model { bytes.append(labelled: model) }
        if let origin = call.origin { OriginRecord.append(origin, to: &bytes) }
        bytes.append(SegmentFormat.endMark)
    }

    private static func flags(of record: UncheckedCall) -> SegmentFormat.CallFlags {
        var flags: SegmentFormat.CallFlags = []
        if record.call.isIDSupplied { flags.insert(.suppliedID) }
        if record.mayExistSince != nil { flags.insert(.mayExistSince) }
        if record.call.route != nil { flags.insert(.route) }
        if record.call.model != nil { flags.insert(.model) }
        if record.call.origin != nil { flags.insert(.origin) }
        return flags
    }

    /// `nil` for a payload that is not exactly one call within the limits of ``Call``.
    static func decode(_ payload: UnsafeRawBufferPointer) -> UncheckedCall? {
        var cursor = ByteCursor(payload)
        guard cursor.integer(UInt8.self) == SegmentFormat.RecordType.call,
            let flags = cursor.integer(UInt8.self).map(SegmentFormat.CallFlags.init(rawValue:)),
            flags.isSubset(of: .all),
            let user = cursor.bits(), let id = cursor.bits(), let weight = cursor.integer(Int64.self),
            let admitted = cursor.integer(Int64.self), let policy = cursor.integer(Int32.self)
        else { return nil }
        let since = flags.contains(.mayExistSince) ? cursor.integer(Int64.self) : nil
        let route = flags.contains(.route) ? cursor.label() : nil
        let model = flags.contains(.model) ? cursor.label() : nil
        let origin = flags.contains(.origin) ? OriginRecord.decode(&cursor) : nil
        guard cursor.integer(UInt8.self) == SegmentFormat.endMark, cursor.isAtEnd,
            let call = try? Call(
                user: UserID(bits: user), id: CallID(bits: id), isIDSupplied: flags.contains(.suppliedID),
                weight: weight, route: route, model: model, origin: origin)
        else { return nil }
        let record = UncheckedCall(
            call, admittedAt: Timestamp(microseconds: admitted), policyID: policy,
            mayExistSince: since.map(Timestamp.init(microseconds:)))
        return Self.flags(of: record) == flags ? record : nil
    }
}
