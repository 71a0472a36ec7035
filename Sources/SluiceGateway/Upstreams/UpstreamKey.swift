/// An upstream's API key. Nothing that prints a value prints this one.
package struct UpstreamKey: Hashable, Sendable {
    let secret: String

    /// - Returns: `nil` when it is empty or holds what a header cannot carry.
    init?(_ secret: String) {
        guard !secret.isEmpty, secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.secret = secret
    }
}

extension UpstreamKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
