import SluiceCore

/// Records that are written at once.
struct RecordGroup: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    private(set) var oldest: Timestamp?

    mutating func append(_ record: [UInt8], time: Timestamp) {
        bytes.append(contentsOf: record)
        count += 1
        oldest = earlier(oldest, time)
    }
}

/// The earlier of two times, one of which may be missing.
func earlier(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
    guard let left, let right else { return left ?? right }
    return min(left, right)
}
