import Glibc
import SluiceTesting
import Testing

/// The journal's disk full, read-only or damaged, in an outage of the database.
@Suite(.serialized) struct JournalFaults {
    /// Calls go through without a record, and each is counted.
    @Test func journalFullAdmitting() async throws {
        try await FaultRun.run(
            setup: Self.small("admit"), expecting: .init(loss: .counted), begin: { await $0.server.stop() },
            end: { try await $0.server.start() })
    }

    /// No call goes through without a record.
    @Test func journalFullRefusing() async throws {
        try await FaultRun.run(
            setup: Self.small("refuse"), expecting: .init(turnsAway: true), begin: { await $0.server.stop() },
            end: { try await $0.server.start() })
    }

    @Test(.enabled(if: TmpFS.isAvailable)) func journalReadOnly() async throws {
        try await FaultRun.run(
            setup: Self.onDisk, expecting: .init(loss: .counted),
            begin: { world in
                try TmpFS.setReadOnly(true, world.journal)
                await world.server.stop()
            }, during: { try TmpFS.setReadOnly(false, $0.journal) }, end: { try await $0.server.start() })
    }

    /// In the middle there is room again.
    @Test(.enabled(if: TmpFS.isAvailable)) func journalOnFullDisk() async throws {
        try await FaultRun.run(
            setup: Self.onDisk, expecting: .init(loss: .counted),
            begin: { world in
                await world.server.stop()
                try TmpFS.fill(world.journal)
            }, during: { TmpFS.free($0.journal) }, end: { try await $0.server.start() })
    }

    /// The replica died while it wrote: all that it had acknowledged counts.
    @Test func journalTorn() async throws {
        try await damage(.init(answersAll: false)) { file in
            let bytes: [UInt8] = [90, 0, 0, 0, 1, 2, 3, 4, 1, 5]
            fseek(file, 0, SEEK_END)
            fwrite(bytes, 1, bytes.count, file)
        }
    }

    /// What was changed is never taken for a call, and is kept for whoever looks into it.
    @Test func journalFlippedBits() async throws {
        try await damage(.init(loss: .damaged, answersAll: false)) { file in
            fseek(file, 0, SEEK_END)
            let middle = ftell(file) / 2
            fseek(file, middle, SEEK_SET)
            let byte = fgetc(file)
            fseek(file, middle, SEEK_SET)
            fputc(byte ^ 4, file)
        }
    }

    /// Kills the replica in the outage, changes what it has written and starts it again.
    private func damage(
        _ expectations: FaultRun.Expectations, name: String = #function, _ change: (UnsafeMutablePointer<FILE>) -> Void
    ) async throws {
        try await FaultRun.run(
            name, expecting: expectations, begin: { await $0.server.stop() },
            during: { world in
                let written = await world.metric("sluice_journal_records") ?? 0
                #expect(written > 0)
                world.replica(0).signal(SIGKILL)
                try await world.replica(0).waitUntilExit()
                let segments = world.segments
                #expect(!segments.isEmpty)
                for path in segments {
                    let file = try #require(fopen(path, "r+"))
                    change(file)
                    fclose(file)
                }
                try await world.start(0, waits: false)
            }, end: { try await $0.server.start() })
    }

    private static func small(_ policy: String) -> FaultSetup {
        var setup = FaultSetup(settings: ["SLUICE_JOURNAL_MAX_BYTES": "1048576", "SLUICE_JOURNAL_FULL": policy])
        setup.plan.rate = 3_000
        setup.plan.padding = 250
        setup.plan.suppliedIDs = 0
        return setup
    }

    private static var onDisk: FaultSetup {
        var setup = FaultSetup(settings: ["SLUICE_JOURNAL_FULL": "admit"], journalDisk: 64 << 20)
        setup.plan.suppliedIDs = 0
        return setup
    }
}
