import SluiceCore
import SluiceTesting
import Testing

/// A statement arrives after its call was brought by the journal: it finds the call and adds nothing (invariant 4).
@Suite struct LateOriginal {
    /// One connection, so that replay has another than the statement.
    private static let single = ["SLUICE_POOL_SIZE": "1", "SLUICE_BATCHES_IN_FLIGHT": "1"]

    @Test func addsNothing() async throws {
        try await FaultWorld.with(FaultSetup(path: .proxy, settings: Self.single)) { world in
            let proxy = try #require(world.proxy)
            let user = UserID.fresh()
            for round in 1...2 {
                // The connection that took this one takes the next one too.
                let isEnforced = try await eventually { await admit(user, world)?.mode == "enforced" }
                #expect(isEnforced)
                await proxy.set(.hold, for: .existing)
                let late = try #require(await admit(user, world))
                #expect(late.mode == "unchecked", "round \(round)")
                let waiting = await proxy.status().waitingBytes
                #expect(waiting > 0, "its statement is on its way")
                let isBrought = try await eventually {
                    try await ledger(world.databaseURL).contains { $0.callID == late.id && $0.isUnchecked }
                }
                #expect(isBrought)
                await proxy.set(.pass, for: .existing)
                let isDelivered = try await eventually {
                    let waiting = await proxy.status().waitingBytes
                    return try await world.isQuiet() && waiting == 0
                }
                #expect(isDelivered)
                // Not all rows: calls before, which a busy machine let through unchecked, may have come meanwhile.
                let rows = try await ledger(world.databaseURL).filter { $0.callID == late.id }
                #expect(rows.count == 1, "round \(round)")
            }
        }
    }

    private func admit(_ user: UserID, _ world: FaultWorld) async -> (mode: String?, id: CallID?)? {
        let port = world.ports[0]
        let answer = await OwnThread.run {
            PlainHTTP(port: port).post("/v1/admit", #"{"user":"\#(user)"}"#)
        }
        return answer.map { answer in
            (answer.value(after: #""mode":""#), answer.value(after: #""call_id":""#).flatMap { CallID($0) })
        }
    }
}
