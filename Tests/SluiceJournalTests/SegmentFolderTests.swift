import SluiceCore
import Synchronization
import Testing

@testable import SluiceJournal

@Suite(.timeLimit(.minutes(10))) struct SegmentFolderTests {
    /// Set by one thread, seen by another.
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// Between making a file and locking it there is a moment in which another process may find it.
    @Test func nobodyAdoptsASegmentThatIsBeingMade() async throws {
        let temporary = try TemporaryFolder()
        let folder = SegmentFolder(
            path: temporary.path, disk: SystemDisk(), isDurable: false, owner: UUIDBits(high: 1, low: 1), replica: nil)
        let adopter = SegmentAdopter(folder: folder, metrics: NoJournalMetrics())
        let room = SegmentAdopter.Room(besides: Shelf.Load(), maximumBytes: 1 << 30)
        let isDone = Flag()
        async let adopted = BlockingThread.run {
            var adopted = 0
            while !isDone.isSet.load(ordering: .relaxed) { adopted += (try? adopter.look(room).adopted.count) ?? 1 }
            return adopted
        }
        let made = await BlockingThread.run { (0..<500).compactMap { _ in try? folder.make() } }
        isDone.isSet.store(true, ordering: .relaxed)
        #expect(await adopted == 0)
        #expect(made.count == 500)
        #expect(made.allSatisfy { $0.file.isAt(folder.path(of: $0.name)) })
        #expect(temporary.names.count == 500)
    }
}
