package import SluiceCore

/// What an answer took, as far as it was seen.
package struct UsageResult: Sendable, Equatable {
    package let usage: TokenUsage
    /// `measured` when the provider's own final figures were seen, else `estimated`.
    package let basis: Settlement.Basis
    /// The model that answered; the one that was asked where the answer has not named it.
    package let model: String?
    /// Whether the end of the answer was seen.
    package let isComplete: Bool

    package init(usage: TokenUsage, basis: Settlement.Basis, model: String?, isComplete: Bool) {
        self.usage = usage
        self.basis = basis
        self.model = model
        self.isComplete = isComplete
    }
}
