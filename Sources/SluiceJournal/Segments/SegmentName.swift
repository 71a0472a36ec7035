import SluiceCore

/// The name of a segment's file: sorts by the time at which the segment was made.
struct SegmentName: Hashable, Sendable {
    static let suffix = ".sluice-journal"
    static let unfinishedSuffix = ".new"

    /// Why a segment is kept for a person.
    enum Aside: String, CaseIterable {
        case corrupt = ".corrupt"
        case unknown = ".unknown"
        case rejected = ".rejected"
    }

    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func fresh(at time: Timestamp) -> SegmentName {
        SegmentName(hex(UInt64(max(0, time.microseconds))) + "-" + hex(.random(in: .min ... .max)) + suffix)
    }

    var isWaiting: Bool { text.hasSuffix(Self.suffix) }
    var isUnfinished: Bool { text.hasSuffix(Self.suffix + Self.unfinishedSuffix) }
    var aside: Aside? { Aside.allCases.first { text.hasSuffix(Self.suffix + $0.rawValue) } }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension SegmentName: Comparable {
    static func < (left: SegmentName, right: SegmentName) -> Bool { left.text < right.text }
}
