/// What spend is summed up by.
public enum SpendKey: String, CaseIterable, Sendable {
    case day, month, model, user, key, route

    /// Whether lines follow each other in time; else by what was spent.
    public var isTime: Bool { self == .day || self == .month }
}
