/// Rows in the binary format of `COPY`, gathered until a piece is worth sending.
///
/// Writes through a pointer: a hundred million rows have some four billion fields.
struct BinaryRows: ~Copyable {
    private static let capacity = 256 * 1_024
    /// No row is longer: fixed fields, and four texts of at most 256 bytes.
    private static let longestRow = 2_048

    private let base: UnsafeMutableRawPointer
    private var count = 0
    private(set) var rows = 0

    /// Begins with the format's header: signature, flags, and no extension.
    init() {
        base = .allocate(byteCount: Self.capacity, alignment: 8)
        for byte in Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8) {
            base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count += 1
        }
    }

    deinit { base.deallocate() }

    var isFull: Bool { count > Self.capacity - Self.longestRow }

    /// What was gathered since the last time.
    mutating func take() -> [UInt8] {
        defer { count = 0 }
        return [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The format's trailer ends the data.
    mutating func end() -> [UInt8] {
        put(Int16(-1))
        return take()
    }

    mutating func begin(columns: Int16) {
        put(columns)
        rows += 1
    }

    mutating func null() { put(Int32(-1)) }

    mutating func field(_ value: Int64) {
        put(Int32(8))
        put(value)
    }

    mutating func field(_ value: Int64?) {
        if let value { field(value) } else { null() }
    }

    mutating func field(_ value: Int32) {
        put(Int32(4))
        put(value)
    }

    mutating func field(_ value: Int16) {
        put(Int32(2))
        put(value)
    }

    mutating func field(_ value: Bool) {
        put(Int32(1))
        put(UInt8(value ? 1 : 0))
    }

    mutating func field(_ id: (UInt64, UInt64)) {
        put(Int32(16))
        put(id.0)
        put(id.1)
    }

    /// - Parameter time: microseconds since 1970; PostgreSQL counts from 2000.
    mutating func field(time: Int64) { field(time - 946_684_800_000_000) }

    mutating func field(_ text: StaticString) {
        put(Int32(text.utf8CodeUnitCount))
        (base + count).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    /// - Parameter text: at most 256 bytes.
    mutating func field(_ text: [UInt8]) {
        put(Int32(text.count))
        text.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { (base + count).copyMemory(from: start, byteCount: bytes.count) }
        }
        count += text.count
    }

    private mutating func put<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        base.storeBytes(of: value.bigEndian, toByteOffset: count, as: Value.self)
        count += MemoryLayout<Value>.size
    }
}
