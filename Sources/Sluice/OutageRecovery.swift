import SluiceCore
import SluiceJournal
import SluicePostgres

/// What makes up for an outage: the database's clock, kept to stamp calls with, and the journal, brought to the database.
final class OutageRecovery: Sendable {
    private static let firstPause = Duration.milliseconds(50)
    private static let pause = Duration.seconds(30)

    let clock = LedgerClock(wall: Timestamp.wallClock)
    private let journal: Journal?
    private let store: PostgresStore
    private let timeout: Duration
    private let shutdownReplay: Duration
    private let looks: AsyncStream<Void>
    private let looking: AsyncStream<Void>.Continuation

    init(
        _ configuration: SluiceConfiguration, store: PostgresStore, metrics: any JournalMetrics
    ) throws(JournalError) {
        if var settings = configuration.journal {
            settings.replica = settings.replica ?? configuration.replica
            journal = try Journal(settings, metrics: metrics)
        } else {
            journal = nil
        }
        self.store = store
        timeout = configuration.path.batcher.timeout
        shutdownReplay = configuration.shutdownReplay
        (looks, looking) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var status: JournalStatus? { journal?.status }
    var recorder: any UncheckedRecorder & SettlementRecorder { if let journal { journal } else { NoRecorder() } }

    /// The database may be asked again: there is something to do at once.
    func wake() {
        looking.yield()
        journal?.wake()
    }

    /// Works until the task is cancelled.
    ///
    /// - Parameter isWanted: whether the database is there to be asked.
    func run(while isWanted: @escaping @Sendable () -> Bool) async {
        await withDiscardingTaskGroup { group in
            if let journal {
                group.addTask { await journal.replay(into: self.store, while: isWanted) }
            }
            group.addTask { await self.remindOfClock() }
            for await _ in looks where isWanted() { await readClock() }
            group.cancelAll()
        }
    }

    /// Often until the first answer, from then on now and then.
    private func remindOfClock() async {
        repeat {
            looking.yield()
        } while (try? await Task.sleep(for: clock.now().isSynchronized ? Self.pause : Self.firstPause)) != nil
    }

    private func readClock() async {
        let asked = ContinuousClock.now
        guard let time = try? await store.clock(deadline: asked + timeout) else { return }
        clock.note(time, askedAt: asked, answeredAt: .now)
    }

    /// Brings what waits to the database, as far as time goes.
    func drain() async {
        await journal?.drain(into: store, deadline: .now + shutdownReplay)
    }

    /// What is left stays on the disk.
    func close() {
        journal?.close()
    }
}
