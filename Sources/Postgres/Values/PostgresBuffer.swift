/// Bytes on their way to the server, in the wire's big-endian order.
///
/// Inlinable, as is all that encodes arrays: a batch is a handful of arrays of some hundred elements of types that other
/// modules define, and specialising that makes it several times as fast.
public struct PostgresBuffer: Sendable {
    @usableFromInline
    var bytes: [UInt8] = []

    /// Appends an integer, most significant byte first.
    @inlinable
    public mutating func append(_ value: some FixedWidthInteger & BitwiseCopyable) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a run of bytes as it is.
    @inlinable
    public mutating func append(bytes run: some Collection<UInt8>) {
        bytes.append(contentsOf: run)
    }

    /// Makes room for `count` more bytes, so that appending them does not grow the buffer step by step.
    @inlinable
    public mutating func reserve(_ count: Int) {
        let needed = bytes.count + count
        if needed > bytes.capacity { bytes.reserveCapacity(max(needed, 2 * bytes.capacity)) }
    }

    /// Appends what `body` appends, behind its length in four bytes.
    @inlinable
    mutating func appendLengthPrefixed(_ body: (inout PostgresBuffer) -> Void) {
        let start = bytes.count
        append(Int32(0))
        body(&self)
        let length = UInt32(truncatingIfNeeded: bytes.count - start - 4).bigEndian
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: length, toByteOffset: start, as: UInt32.self) }
    }
}
