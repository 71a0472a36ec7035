package import SluiceCore
import SluiceIDs

extension CallID {
    /// A new id: version 7, by this machine's clock and its secure random numbers.
    package static func generated() -> CallID {
        CallIDSource.shared.next(at: .wallClock())
    }
}
