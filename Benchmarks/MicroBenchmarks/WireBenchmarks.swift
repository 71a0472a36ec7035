import Benchmark
import Postgres
import SluiceCore
import SluicePostgres

/// What goes to the database and comes from it, by the public types of values: the rows of an answer are libpq's, and
/// reading those takes a server.
func measureWire() {
    measure("wire: bind a batch of 128 calls", calls: 100, { try (Sample.calls(128), Sample.policy()) }) {
        batch, batches in
        for _ in 0..<batches { blackHole(bound(batch.0, under: batch.1)) }
    }
    measure("wire: read the values of 128 decisions", calls: 100, { DecisionBytes() }) { bytes, batches in
        for _ in 0..<batches {
            for _ in 0..<128 { blackHole(try bytes.read()) }
        }
    }
}

/// The values of `sluice.admit_many`, as the library binds them.
private func bound(_ calls: [Call], under policy: Policy) -> PostgresParameters {
    var parameters = PostgresParameters()
    parameters.append(calls.map(\.user))
    parameters.append(calls.map(\.id))
    parameters.append(calls.map(\.isIDSupplied))
    parameters.append(calls.map(\.weight))
    parameters.append(calls.map(\.route))
    parameters.append(calls.map(\.model))
    parameters.append([String?](repeating: nil, count: calls.count))
    parameters.append(policy.windows.map(\.limit))
    parameters.append(policy.windows.map(\.length.wholeMicroseconds))
    parameters.append(policy.id)
    parameters.append("replica-1")
    return parameters
}

/// One row of the answer, value by value, as the server sends it.
private struct DecisionBytes: Sendable {
    private let position = bigEndian(Int32(1))
    private let outcome = Array("admitted".utf8)
    private let time = bigEndian(Int64(848_752_496_123_456))
    private let used = array(of: .int8, bigEndian(Int64(7)))
    private let resetAt = array(of: .timestamptz, bigEndian(Int64(848_756_096_123_456)))

    func read() throws -> (Int32, String, Timestamp, [Int64], [Timestamp?]) {
        (
            try Int32.decode(from: position.span.bytes, type: .int4),
            try String.decode(from: outcome.span.bytes, type: .text),
            try Timestamp.decode(from: time.span.bytes, type: .timestamptz),
            try [Int64].decode(from: used.span.bytes, type: .int8.array),
            try [Timestamp?].decode(from: resetAt.span.bytes, type: .timestamptz.array)
        )
    }

    /// One dimension, no NULLs, one element from index 1 on.
    private static func array(of type: PostgresType, _ element: [UInt8]) -> [UInt8] {
        [bigEndian(Int32(1)), bigEndian(Int32(0)), bigEndian(type.oid), bigEndian(Int32(1)), bigEndian(Int32(1))]
            .flatMap { $0 } + bigEndian(Int32(element.count)) + element
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}
