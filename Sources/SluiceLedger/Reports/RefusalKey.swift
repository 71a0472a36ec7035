/// What refusals are counted by.
public enum RefusalKey: String, CaseIterable, Sendable {
    case hour, day, user, policy

    /// Whether lines follow each other in time; else by how many there were.
    public var isTime: Bool { self == .hour || self == .day }
}
