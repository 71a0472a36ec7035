/// What somebody may do.
public enum Role: String, Hashable, Sendable, CaseIterable {
    /// Everything, keys included.
    case admin
    /// Everything but keys.
    case `operator`
    /// May look, and spends nothing.
    case readonly
    /// A program or a person who calls models, and sees no more than their own window.
    case agent
    /// A service that asks on behalf of others.
    case service
}
