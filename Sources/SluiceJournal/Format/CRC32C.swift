/// The CRC of Castagnoli, Bräuer and Herrmann (IEEE Transactions on Communications 41:6, 1993), as iSCSI uses it (RFC 3720 section
/// 12.1 and appendix B.4): polynomial 0x1EDC6F41, here bit-reversed; reflected in and out; initial value and final XOR all ones.
///
/// It finds every error of up to 3 bits in a record as long as ours, and any burst of up to 32 bits.
struct CRC32C {
    private static let polynomial: UInt32 = 0x82F6_3B78
    private static let lanes = 8

    /// `tables[256 * lane + byte]`: what a byte followed by `lane` zero bytes does to the register.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 256 * lanes)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : polynomial) }
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
        }
        return tables
    }()

    private var register: UInt32 = .max

    var value: UInt32 { ~register }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        crc.update(bytes)
        return crc.value
    }

    /// Eight bytes at a time: one table look-up per byte, none waiting for another.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        Self.tables.withUnsafeBufferPointer { tables in
            var crc = register
            var position = 0
            while bytes.count - position >= Self.lanes {
                let low = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)) ^ crc
                let high = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
                crc = tables[1_792 + Int(low & 0xFF)] ^ tables[1_536 + Int(low >> 8 & 0xFF)]
                crc ^= tables[1_280 + Int(low >> 16 & 0xFF)] ^ tables[1_024 + Int(low >> 24)]
                crc ^= tables[768 + Int(high & 0xFF)] ^ tables[512 + Int(high >> 8 & 0xFF)]
                crc ^= tables[256 + Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
                position += Self.lanes
            }
            while position < bytes.count {
                crc = crc >> 8 ^ tables[Int((crc ^ UInt32(bytes[position])) & 0xFF)]
                position += 1
            }
            register = crc
        }
    }
}
