/// Length and checksum around a payload: see ``SegmentFormat``.
enum Frame {
    /// Fills in the first eight bytes of a record whose payload follows them.
    static func seal(_ record: inout [UInt8]) {
        record.withUnsafeMutableBytes { bytes in
            let length = UInt32(truncatingIfNeeded: bytes.count - SegmentFormat.frameBytes)
            let payload = UnsafeRawBufferPointer(rebasing: bytes[SegmentFormat.frameBytes...])
            bytes.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
            let checksum = checksum(length: length, payload: payload)
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }

    /// The length that a record at `offset` claims; `nil` if fewer than eight bytes are left.
    static func length(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard bytes.count - offset >= SegmentFormat.frameBytes else { return nil }
        return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    /// The payload of `length` bytes of the record at `offset`, if all of it is there and its checksum is right for that
    /// length.
    static func payload(
        in bytes: UnsafeRawBufferPointer, at offset: Int, length: Int
    ) -> UnsafeRawBufferPointer? {
        guard SegmentFormat.payloadBytes.contains(length), bytes.count - offset - SegmentFormat.frameBytes >= length
        else { return nil }
        let start = offset + SegmentFormat.frameBytes
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        return stored == checksum(length: UInt32(length), payload: payload) ? payload : nil
    }

    private static func checksum(length: UInt32, payload: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        withUnsafeBytes(of: length.littleEndian) { crc.update($0) }
        crc.update(payload)
        return crc.value
    }
}
