import SluiceCore
import Synchronization

extension KeyDirectory {
    /// Keys whose last use is written down in one statement.
    private static let portion = 1_000

    /// Writes down last uses every ``KeyDirectorySettings/flushEvery`` until its task is cancelled, and then once more.
    public func run() async {
        while (try? await sleep(settings.flushEvery)) != nil { await flushUses() }
        // A task of its own, for the store would not answer one that is cancelled.
        await Task { await flushUses() }.value
    }

    /// Writes down last uses now. What the store does not take is kept for the next time.
    public func flushUses() async {
        var portions = uses.withLock { $0.take(portion: Self.portion) }[...]
        while let portion = portions.popFirst() {
            guard await write(portion) else {
                uses.withLock { uses in
                    uses.putBack(portion)
                    for rest in portions { uses.putBack(rest) }
                }
                return
            }
        }
    }

    private func write(_ portion: [KeyID: Timestamp]) async -> Bool {
        let deadline = ContinuousClock.now.advanced(by: settings.deadline)
        let result = await punctual(by: deadline) { [store] () async throws(StoreError) in
            try await store.noteUse(portion, deadline: deadline)
        }
        if case .success = result { return true }
        return false
    }
}
