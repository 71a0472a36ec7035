import Glibc
import SluiceCore
import SluiceTesting
import Testing

/// One case: a load on real replicas, a fault, its end, and the reckoning.
struct FaultRun {
    /// What is particular about a case.
    struct Expectations {
        /// What becomes of rows.
        enum Loss {
            /// Every call that was let through has one.
            case none
            /// Some have none, and the replicas have counted exactly those.
            case counted
            /// Some have none, and the journal has set what is damaged aside.
            case damaged
        }

        /// Some calls are let through unchecked, or turned away.
        var isFelt = true
        /// The only user who feels it.
        var sufferer: UserID?
        var loss = Loss.none
        /// The clocks are not tampered with.
        var keepsTime = true
        /// Some calls are turned away; if not, none is.
        var turnsAway = false
        /// Every question is answered.
        var answersAll = true
        /// The breaker does not open.
        var staysClosed = false
    }

    typealias Step = (FaultWorld) async throws -> Void

    let name: String
    let setup: FaultSetup
    let expectations: Expectations

    /// Runs a case.
    ///
    /// - Parameters:
    ///   - begin: the fault.
    ///   - during: in its middle.
    ///   - end: of the fault, after which all is well again.
    nonisolated(nonsending) static func run(
        _ name: String = #function, setup: FaultSetup = FaultSetup(),
        expecting expectations: Expectations = Expectations(), begin: nonisolated(nonsending) Step,
        during: nonisolated(nonsending) Step = { _ in },
        end: nonisolated(nonsending) Step
    ) async throws {
        let run = FaultRun(name: String(name.prefix { $0 != "(" }), setup: setup, expectations: expectations)
        try await FaultWorld.with(setup) { world in
            let load = Load.start(setup.plan, on: world.ports)
            let watch = BreakerWatch(port: world.ports[0])
            let watching = Task { await watch.run() }
            let times: Result<FaultTimes, any Error>
            do { times = .success(try await run.fault(world, load, begin, during, end)) } catch {
                times = .failure(error)
            }
            let records = await load.stop()
            watch.stop()
            let open = await watching.value
            try await run.reckon(world, records, try times.get(), open)
        }
    }

    private nonisolated(nonsending) func fault(
        _ world: FaultWorld, _ load: Load, _ begin: nonisolated(nonsending) Step,
        _ during: nonisolated(nonsending) Step, _ end: nonisolated(nonsending) Step
    ) async throws -> FaultTimes {
        let hasBegun = try await eventually { load.progress.enforced >= 200 }
        try #require(hasBegun, "\(name): the load began")
        let began = ContinuousClock.now
        try await begin(world)
        // The fault's length is part of the case; nothing is waited for here.
        try await Task.sleep(for: .seconds(FaultSettings.seconds / 2))
        try await during(world)
        try await Task.sleep(for: .seconds(FaultSettings.seconds / 2))
        try await end(world)
        let ended = ContinuousClock.now
        let isBack = try await eventually { load.progress.lastEnforced.map { $0 > ended } ?? false }
        #expect(isBack, "\(name): enforced again; \(world.replica(0).logTail)")
        let count = load.progress.enforced
        let goesOn = try await eventually { load.progress.enforced >= count + 100 }
        #expect(goesOn, "\(name): and it stays so")
        return FaultTimes(began: began, ended: ended)
    }

    private nonisolated(nonsending) func reckon(
        _ world: FaultWorld, _ records: [CallRecord], _ times: FaultTimes, _ open: [Range<ContinuousClock.Instant>]
    ) async throws {
        // Replay leaves most of the time to live calls.
        let isEmpty = try await eventually(within: .seconds(60 + 4 * FaultSettings.seconds)) {
            await world.hasRecovered()
        }
        #expect(isEmpty, "\(name): journal empty, breaker closed; \(world.replica(0).logTail)")
        let isQuiet = try await eventually { try await world.isQuiet() }
        #expect(isQuiet, "\(name): nothing runs")
        let found = try await reconcile(world, records)
        let comment = Comment(rawValue: "\(name), seed \(FaultSettings.seed)")
        try await judge(found, world, comment)
        judge(records, times, comment)
        if expectations.staysClosed {
            let openings = await world.metric(#"sluice_breaker_transitions_total{to="open"}"#)
            #expect(openings == 0, comment)
        }
        FaultReport(name: name, records: records, found: found, times: times, open: open).tell()
    }

    /// What another replica adopts comes when it finds it.
    private nonisolated(nonsending) func reconcile(
        _ world: FaultWorld, _ records: [CallRecord]
    ) async throws -> Reconciliation {
        let window = try Window(name: "default", limit: Int64(setup.limit), length: .seconds(setup.window))
        var found = Reconciliation(records, try await ledger(world.databaseURL), window: window)
        if expectations.loss == .none, !found.lost.isEmpty, setup.replicas > 1 {
            _ = try await eventually {
                found = Reconciliation(records, try await ledger(world.databaseURL), window: window)
                return found.lost.isEmpty
            }
        }
        return found
    }

    private nonisolated(nonsending) func judge(
        _ found: Reconciliation, _ world: FaultWorld, _ comment: Comment
    ) async throws {
        expectNone(found.doubled.map { "\($0)" }, "doubled", comment)
        expectNone(found.wrong, "wrong", comment)
        expectNone(found.unfounded, "unfounded", comment)
        if expectations.keepsTime {
            expectNone(found.mistimed, "mistimed", comment)
            expectNone(found.overfull, "overfull", comment)
        }
        switch expectations.loss {
        case .none: expectNone(found.lost.map { "\($0)" }, "lost", comment)
        case .counted:
            let counted = await world.total("sluice_journal_lost_total")
            #expect(counted > 0, comment)
            // One that was counted as lost and had been committed before its deadline has its row.
            let lost = found.lost.count
            #expect(lost <= counted && counted <= lost + found.committedLate, comment)
        case .damaged:
            let setAside = await world.total("sluice_journal_set_aside_total")
            #expect(setAside > 0, comment)
        }
    }

    private func judge(_ records: [CallRecord], _ times: FaultTimes, _ comment: Comment) {
        let suffering = records.filter { $0.outcome == .unchecked || $0.outcome == .unavailable }
        if expectations.isFelt {
            let felt = suffering.count(where: times.isFaulty)
            #expect(felt > 0, "\(comment): the fault was felt")
        }
        if let sufferer = expectations.sufferer {
            let others = suffering.count { times.isFaulty($0) && $0.user != sufferer }
            #expect(others == 0, "\(comment): by one user only")
        }
        let turnedAway = records.count { $0.outcome == .unavailable }
        #expect((turnedAway > 0) == expectations.turnsAway, "\(comment): \(turnedAway) turned away")
        let odd = records.count { $0.outcome == .odd }
        #expect(odd == 0, comment)
        let unanswered = records.count { !$0.isAnswered }
        if expectations.answersAll { #expect(unanswered == 0, comment) }
        // Not a matter of speed: whoever waits so long waits for what never comes.
        let hanging = records.count { $0.wait >= .seconds(10) }
        #expect(hanging == 0, "\(comment): nobody hangs")
    }

    private func expectNone(_ faults: [String], _ what: String, _ comment: Comment) {
        let count = faults.count
        #expect(count == 0, "\(comment): \(what), such as \(faults.first ?? "")")
    }
}
