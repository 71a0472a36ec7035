import SluiceCore
import SluiceTesting
import Testing

/// The ledger says what each call took and cost, once, whatever became of it.
@Suite(.timeLimit(.minutes(10))) struct LedgerTests {
    /// No timeout of ours ends an answer before the test is given up.
    private static let patient = ["SLUICE_UPSTREAM_TIMEOUT": "3600"]

    @Test func callsCostWhatTheirTokensDo() async throws {
        try await withWorld([[:], [:]]) { world in
            let model = "scripted-in900-out40-cached100-write20-think10"
            try await ReplicaProcess.run(
                [
                    "prices", "set", "scripted*", "--input", "2.50", "--cached", "1.25", "--cache-write", "3",
                    "--output",
                    "10",
                ], on: world.database)
            let key = try await world.key(of: .fresh())
            let steps: [SDK.Step] = [.chat(model), .chat(model, stream: true)]
            async let first = world.sdk(.openAI, key: key).run(steps)
            async let second = world.sdk(.openAI, key: key, replica: 1).run(steps)
            #expect((try await first + second).allSatisfy { $0.error == nil })
            for row in try await world.settledLedger(4) {
                // Nano-USD: 780 of 2,500, 100 of 1,250, 20 of 3,000 and 40 of 10,000 each.
                #expect(row["cost_nanousd"].integer == 780 * 2_500 + 100 * 1_250 + 20 * 3_000 + 40 * 10_000)
            }
        }
    }

    /// From two replicas, at random bytes of the answer, some before its first and after its last.
    @Test(arguments: ["cancel", "drain"])
    func hangingUpSettlesOnce(_ policy: String) async throws {
        let setting = ["SLUICE_ON_HANG_UP": policy]
        try await withWorld([setting, setting]) { world in
            let (user, seed) = (UserID.fresh(), UInt64.random(in: 0...999_999))
            let key = try await world.key(of: user)
            var generator = SeededGenerator(seed: seed)
            let limits = (0..<40).map { _ in Int.random(in: 0...6_500, using: &generator) }
            try await withThrowingDiscardingTaskGroup { group in
                for (index, limit) in limits.enumerated() {
                    group.addTask {
                        try await RawClient.post(
                            "/v1/chat/completions", RawClient.chat("scripted-in900-out40-chunks20-big50"), key: key,
                            to: world.replicas[index % 2]
                        ) { $0.count >= limit }
                    }
                }
            }
            let whole = Taken(input: 900, output: 40)
            let rows = try await world.settledLedger(limits.count)
            #expect(Set(rows.map { $0["call_id"] }).count == limits.count, "seed \(seed)")
            for row in rows {
                var taken = Taken(row)
                switch taken.basis {
                case "drained" where policy == "drain":
                    taken.basis = "measured"
                    fallthrough
                case "measured":
                    #expect(taken == whole, "seed \(seed): \(row.text)")
                case "estimated" where policy == "cancel":
                    // No more than was sent: 50 letters a piece, 4 a token.
                    #expect(taken.input == row["reserved_input"].integer && (0...250).contains(taken.output))
                default:
                    Issue.record("seed \(seed): \(row.text)")
                }
            }
        }
    }

    @Test func hangingUpCancelsTheProvider() async throws {
        try await withWorld([Self.patient]) { world in
            let key = try await world.key(of: .fresh())
            // The provider waits for ever after the first piece, so that only a cancellation ends its answer.
            try await hangUp(world, key, "scripted-in900-out40-chunks3-hang1")
            let exchange = try await world.upstream.exchange(0)
            #expect(try await exchange.finished() == .cutOff)
            let row = try await world.settledLedger(1)[0]
            #expect(row["basis"] == "estimated" && row["status"].integer == 200)
            #expect((1...5).contains(Taken(row).output), "what was seen: one word")
        }
    }

    @Test func hangingUpBeforeAnAnswerCancelsTheProvider() async throws {
        try await withWorld([Self.patient]) { world in
            let key = try await world.key(of: .fresh())
            let upstream = world.upstream
            let caller = Task {
                try await RawClient.post(
                    "/v1/chat/completions", RawClient.chat("scripted-hang"), key: key, to: world.replicas[0]
                ) { _ in true }
            }
            let exchange = try await upstream.exchange(0)
            caller.cancel()
            #expect(try await exchange.finished() == .cutOff)
            let row = try await world.settledLedger(1)[0]
            #expect(row["basis"] == "estimated" && row["status"].isNull)
        }
    }

    @Test func drainingReadsToTheEnd() async throws {
        try await withWorld([["SLUICE_ON_HANG_UP": "drain"]]) { world in
            let key = try await world.key(of: .fresh())
            try await hangUp(world, key, "scripted-in900-out40-chunks50-big20000-gate")
            // Far more than fits into the buffers of a connection that nobody reads.
            world.upstream.gate.openForGood()
            #expect(try await world.upstream.exchange(0).finished() == .complete)
            let row = try await world.settledLedger(1)[0]
            #expect(Taken(row) == Taken(input: 900, output: 40, basis: "drained"))
        }
    }

    @Test func retriesOfOneCallAreTiedTogether() async throws {
        try await withWorld([[:], [:]]) { world in
            let user = UserID.fresh()
            let key = try await world.key(of: user)
            let failed = try await world.sdk(.openAI, key: key, retries: 1).run([.chat("scripted-status500")])[0]
            #expect(failed.error == "InternalServerError" && failed.status == 500)
            let retried = try await world.settledLedger(2)
            #expect(Set(retried.map { $0["logical_id"].string }).count == 1 && !retried[0]["logical_id"].isNull)
            #expect(retried.map { $0["attempt"].integer } == [0, 1])
            #expect(Set(retried.map { $0["call_id"].string }).count == 2, "each is a call that counts")
            #expect(retried.allSatisfy { Taken($0) == Taken(input: 0, output: 0) && $0["status"].integer == 500 })
            // Told by the client itself, on whatever replica, whatever the words.
            for (replica, model) in [(0, "scripted-a"), (1, "scripted-b")] {
                let answer = try await world.calling(as: key, replica: replica) {
                    try await $0.chat(model, ["Idempotency-Key": "order-66"])
                }
                #expect(answer.status == 200)
            }
            let told = try await world.settledLedger(4).suffix(2)
            #expect(Set(told.map { $0["logical_id"].string }).count == 1)
            #expect(told.first?["logical_id"] != retried[0]["logical_id"])
        }
    }

    /// Reads the first piece of an answer, then goes.
    private func hangUp(_ world: World, _ key: String, _ model: String) async throws {
        try await RawClient.post("/v1/chat/completions", RawClient.chat(model), key: key, to: world.replicas[0]) {
            let text = String(decoding: $0, as: UTF8.self)
            return text.contains(#""content":"wörd0"#) || text.contains(#""content":"x"#)
        }
    }
}
