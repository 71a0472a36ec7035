/// Bytes on their way to the server, in the wire's big-endian order.
///
/// Inlinable, as is all that encodes arrays: a batch is a handful of arrays of some hundred elements of types that other
/// modules define, and specialising that makes it several times as fast.
public struct PostgresBuffer: Sendable {
    /// Longer than what was appended, so that an integer is stored in place: several times as fast as appending its bytes.
    @usableFromInline
    var storage: [UInt8] = []
    /// How many bytes were appended.
    @usableFromInline
    var count = 0

    /// What was appended.
    var bytes: ArraySlice<UInt8> { storage[..<count] }

    /// Appends an integer, most significant byte first.
    @inlinable
    public mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        reserve(MemoryLayout<Value>.size)
        store(value, at: count)
        count += MemoryLayout<Value>.size
    }

    /// Appends a run of bytes as it is.
    @inlinable
    public mutating func append(bytes run: some Collection<UInt8>) {
        let added = run.count
        reserve(added)
        storage.withUnsafeMutableBytes { $0[count..<count + added].copyBytes(from: run) }
        count += added
    }

    /// Makes room for `count` more bytes, so that appending them does not grow the buffer step by step.
    @inlinable
    public mutating func reserve(_ count: Int) {
        if count > storage.count - self.count { grow(by: count) }
    }

    /// Appends what `body` appends, behind its length in four bytes.
    @inlinable
    mutating func appendLengthPrefixed(_ body: (inout PostgresBuffer) -> Void) {
        let start = count
        append(Int32(0))
        body(&self)
        store(UInt32(truncatingIfNeeded: count - start - 4), at: start)
    }

    @usableFromInline
    mutating func grow(by added: Int) {
        let size = max(count + added, 2 * storage.count, 64)
        storage.append(contentsOf: repeatElement(0, count: size - storage.count))
    }

    @inlinable
    mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        storage.withUnsafeMutableBytes { $0.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self) }
    }
}
