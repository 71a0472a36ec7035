import Glibc
import SluiceCore
import Synchronization
import Testing

@testable import SluiceJournal

/// Somebody deletes or moves the directory while it is in use.
@Suite(.timeLimit(.minutes(10))) struct VanishedSegmentTests {
    private let fixture: JournalFixture
    private let path: String

    init() throws {
        fixture = try JournalFixture()
        path = fixture.folder.path + "/journal"
    }

    private func open(presence: Duration) throws -> Journal {
        var settings = JournalSettings(directory: path)
        settings.whenFull = .refuse
        let timing = Journal.Timing(gather: .milliseconds(1), look: .milliseconds(1), presence: presence)
        return try Journal(settings, metrics: fixture.log, disk: fixture.disk, timing: timing)
    }

    private func removeAll() throws {
        for name in try SystemDisk().names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    private func expectLost(_ count: Int, _ journal: Journal) {
        #expect(journal.status.lost == Int64(count))
        #expect(fixture.log.state.withLock { $0.lost } == [.vanished: count])
    }

    @Test func theNextRecordGoesToAFreshSegment() async throws {
        let journal = try open(presence: .seconds(3_600))
        let calls = try UncheckedCall.fresh(4)
        _ = await journal.recordAll(Array(calls[..<3]))
        try removeAll()
        #expect(await journal.record(calls[3], cause: outage) == .recorded)
        expectLost(3, journal)
        #expect(fixture.log.state.withLock { $0.vanished } == [3])
        let reports = try JournalDirectory(path).segments()
        #expect(reports.map(\.records) == [1] && reports.map(\.state) == [.held])
        // What is still open is brought all the same, each call once.
        await fixture.drain(journal)
        journal.close()
        #expect(fixture.ledgerHolds(calls))
        try removeAll()
    }

    @Test func itIsNoticedWhileNobodyWrites() async throws {
        let journal = try open(presence: .milliseconds(1))
        _ = await journal.recordAll(try UncheckedCall.fresh(3))
        try removeAll()
        var vanishings = fixture.log.vanishings.stream.makeAsyncIterator()
        #expect(await vanishings.next() == 3)
        journal.close()
        expectLost(3, journal)
    }

    @Test func aDirectoryThatWasMovedIsNoticed() async throws {
        let journal = try open(presence: .milliseconds(1))
        _ = await journal.recordAll(try UncheckedCall.fresh(2))
        let elsewhere = path + "-old"
        #expect(rename(path, elsewhere) == 0)
        var vanishings = fixture.log.vanishings.stream.makeAsyncIterator()
        #expect(await vanishings.next() == 2)
        #expect(try await journal.record(.fresh(), cause: outage) == .recorded)
        #expect(try JournalDirectory(path).segments().map(\.records) == [1])
        journal.close()
        expectLost(2, journal)
        for directory in [path, elsewhere] {
            for name in try SystemDisk().names(in: directory) { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
    }
}
