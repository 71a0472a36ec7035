import SluiceCore
import SluiceTesting
import Testing

/// After an outage the window holds what was let through in it, and its waits are promises (invariants 1 and 3).
@Suite struct PromiseAfterOutage {
    private static let limit = 4

    @Test func windowHoldsUncheckedCalls() async throws {
        let setup = FaultSetup(limit: Self.limit, window: 10)
        try await FaultWorld.with(setup) { world in
            let caller = Caller(port: world.ports[0], user: .fresh())
            let isEnforcing = try await eventually { await caller.isEnforced(.fresh()) }
            #expect(isEnforcing)
            await world.server.stop()
            var unchecked = 0
            while unchecked < Self.limit {
                let answer = try #require(await caller.admit())
                #expect(answer.status == 200 && answer.body.contains(#""mode":"unchecked""#))
                unchecked += 1
            }
            try await world.server.start()
            let isBack = try await eventually { await world.hasRecovered() }
            #expect(isBack)
            #expect(try await ledger(world.databaseURL).count { $0.user == caller.user } == Self.limit)
            try await expectPromise(caller)
        }
    }

    /// Asks all the time: refused until a second before the wait is over, and admitted from its end on.
    private func expectPromise(_ caller: Caller) async throws {
        var refusal = try #require(await caller.admit())
        // Decided on a busy machine without the database's word: that call counts as well.
        while refusal.status == 200 { refusal = try #require(await caller.admit()) }
        #expect(refusal.status == 429)
        let milliseconds = try #require(refusal.value(after: #""retry_after_ms":"#).flatMap { Int($0) })
        let promised = ContinuousClock.now + .milliseconds(milliseconds)
        #expect(milliseconds > 0 && milliseconds <= 10_000)
        while true {
            let isDue = ContinuousClock.now >= promised
            let answer = try #require(await caller.admit())
            let isEarly = ContinuousClock.now < promised - .seconds(1)
            if answer.status == 200 {
                #expect(!isEarly, "admitted more than a second before its time")
                return
            }
            #expect(answer.status == 429)
            #expect(!isDue, "refused when its time had come")
            if isDue { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private struct Caller: Sendable {
        let port: Int
        let user: UserID

        func admit(_ other: UserID? = nil) async -> PlainHTTP.Answer? {
            let (port, user) = (port, other ?? user)
            return await OwnThread.run { PlainHTTP(port: port).post("/v1/admit", #"{"user":"\#(user)"}"#) }
        }

        func isEnforced(_ user: UserID) async -> Bool {
            await admit(user)?.body.contains(#""mode":"enforced""#) ?? false
        }
    }
}
