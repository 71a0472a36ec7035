import SluiceCore
import SluiceTesting

extension Policy {
    /// One window, or more, named w0, w1 …
    static func test(
        _ windows: (limit: Int64, length: Duration)..., onOutage: OutageBehavior = .open
    ) throws -> Policy {
        try Policy(
            name: "test",
            windows: windows.enumerated().map { try Window(name: "w\($0)", limit: $1.limit, length: $1.length) },
            onOutage: onOutage)
    }
}

extension Call {
    static func test(_ user: UserID = .fresh(), weight: Int64 = 1, id: CallID? = nil) throws -> Call {
        try Call(user: user, id: id ?? .fresh(), isIDSupplied: id != nil, weight: weight)
    }
}

extension Decision {
    var admission: Admission? { if case .admitted(let admission) = self { admission } else { nil } }
    var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
}

func seconds(_ count: Int64) -> Timestamp { Timestamp(microseconds: count * 1_000_000) }

extension Array {
    func pick(_ generator: inout some RandomNumberGenerator) -> Element {
        self[Int.random(in: indices, using: &generator)]
    }
}
