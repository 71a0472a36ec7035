import Benchmark
import Foundation
import SluiceCore
import SluiceJournal

/// Calls written down in a temporary folder, each safe before its caller goes on.
func measureJournal() {
    let shapes: [(JournalSettings.Durability, callers: Int, calls: Int)] = [
        (.os, 1, 100), (.os, 256, 2_560), (.fsync, 1, 10), (.fsync, 256, 2_560),
    ]
    for (durability, callers, calls) in shapes {
        measure(
            "journal: append, \(durability.rawValue), \(callers) in flight", calls: calls,
            { try Writing(durability, calls: calls) },
            tearDown: { try $0.stop() },
            sample: { writing, _ in try await writing.write(by: callers) })
    }
}

private struct Writing: Sendable {
    private let folder: URL
    private let journal: Journal
    private let calls: [UncheckedCall]

    init(_ durability: JournalSettings.Durability, calls: Int) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sluice-micro-\(UUID().uuidString)")
        var settings = JournalSettings(directory: folder.path)
        settings.durability = durability
        settings.maximumWait = .seconds(30)
        journal = try Journal(settings)
        self.calls = try Sample.calls(calls).map { UncheckedCall($0, admittedAt: Sample.now, policyID: 1) }
    }

    func stop() throws {
        journal.close()
        try FileManager.default.removeItem(at: folder)
    }

    /// Writes every call once, each caller a share of them, one after the other.
    func write(by callers: Int) async throws {
        guard callers > 1 else { return try await write(calls[...]) }
        let share = calls.count / callers
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask { try await write(calls[caller * share..<(caller + 1) * share]) }
            }
            try await group.waitForAll()
        }
    }

    private func write(_ calls: ArraySlice<UncheckedCall>) async throws {
        let cause = StoreError(.unavailable, "no connection")
        for call in calls {
            let outcome = await journal.record(call, cause: cause)
            guard outcome == .recorded else { throw Misled("a call was not written down: \(outcome)") }
        }
    }
}
