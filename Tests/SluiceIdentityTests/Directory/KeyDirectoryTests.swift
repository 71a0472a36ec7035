import SluiceCore
import SluiceIdentity
import Testing

@Suite("KeyDirectory", .timeLimit(.minutes(10)))
struct KeyDirectoryTests {
    private static let away = StoreError(.unavailable, "scripted")
    private let clock = TestClock()
    private let store = ScriptedKeyStore()
    private let secret = APIKeySecret()

    /// Waits for the store as long as it takes, unless told otherwise.
    private func directory(_ settings: KeyDirectorySettings = .init(deadline: .seconds(600))) -> KeyDirectory {
        KeyDirectory(store, settings: settings, now: { clock.now }, uptime: { clock.uptime })
    }

    @Test("a known key is let in as its owner, and the store is asked again once it is no longer fresh")
    func fresh() async {
        let key = APIKey.test(secret, role: .operator)
        store.set(key, for: secret)
        let directory = directory()
        for _ in 0..<10 { #expect(await directory.authenticate(secret) == .known(key.principal)) }
        #expect(store.finds == 1)
        clock.advance(.seconds(5))
        #expect(await directory.authenticate(secret) == .known(key.principal))
        #expect(store.finds == 2)
    }

    @Test("a slow answer is as old as its question")
    func slow() async {
        let gate = Gate()
        store.set(.test(secret), for: secret)
        store.hold(at: gate)
        let directory = directory()
        async let answer = directory.authenticate(secret)
        await gate.arrivals(1)
        clock.advance(.seconds(4))
        store.set(.test(secret, revokedAt: clock.now), for: secret)
        gate.open()
        guard case .known = await answer else {
            Issue.record("not let in")
            return
        }
        clock.advance(.seconds(1))
        #expect(await directory.authenticate(secret) == .rejected(.revoked))
    }

    @Test("a wall clock that is set back makes nothing fresh")
    func wallClock() async {
        let key = APIKey.test(secret)
        store.set(key, for: secret)
        let directory = directory()
        #expect(await directory.authenticate(secret) == .known(key.principal))
        clock.advance(.seconds(5))
        clock.setWall(by: .seconds(-3_600))
        store.set(.test(secret, revokedAt: clock.now), for: secret)
        #expect(await directory.authenticate(secret) == .rejected(.revoked))
    }

    @Test("a revocation elsewhere counts once the key is no longer fresh, and for good")
    func revokedElsewhere() async {
        store.set(.test(secret), for: secret)
        let directory = directory()
        _ = await directory.authenticate(secret)
        store.set(.test(secret, revokedAt: clock.now), for: secret)
        clock.advance(.seconds(5))
        #expect(await directory.authenticate(secret) == .rejected(.revoked))
        store.fail(Self.away)
        clock.advance(.seconds(7_200))
        #expect(await directory.authenticate(secret) == .rejected(.revoked))
        #expect(store.finds == 2)
    }

    @Test("a revocation here counts at once, even against an answer that was under way")
    func revokedHere() async {
        let key = APIKey.test(secret)
        store.set(key, for: secret)
        let directory = directory()
        _ = await directory.authenticate(secret)
        directory.forget(key.id)
        #expect(await directory.authenticate(secret) == .rejected(.revoked))

        let (other, gate) = (APIKeySecret(), Gate())
        let otherKey = APIKey.test(other)
        store.set(otherKey, for: other)
        store.hold(at: gate)
        async let answer = directory.authenticate(other)
        await gate.arrivals(1)
        directory.forget(otherKey.id)
        gate.open()
        #expect(await answer == .rejected(.revoked))
    }

    @Test("an expired key is refused, whatever the store says and whether it is there or not")
    func expired() async {
        let key = APIKey.test(secret, expiresAt: clock.now.advanced(by: .seconds(60)))
        store.set(key, for: secret)
        let directory = directory()
        #expect(await directory.authenticate(secret) == .known(key.principal))
        store.fail(Self.away)
        clock.advance(.seconds(59))
        #expect(await directory.authenticate(secret) == .known(key.principal))
        clock.advance(.seconds(1))
        #expect(await directory.authenticate(secret) == .rejected(.expired))
    }

    @Test("while the store is away known keys get in for the grace and no longer; unknown ones never")
    func outage() async {
        let (key, unknown) = (APIKey.test(secret), APIKeySecret())
        store.set(key, for: secret)
        store.set(.test(unknown), for: unknown)
        let directory = directory()
        #expect(await directory.authenticate(secret) == .known(key.principal))
        store.fail(Self.away)
        for _ in 0..<359 {
            clock.advance(.seconds(10))
            #expect(await directory.authenticate(secret) == .known(key.principal))
            #expect(await directory.authenticate(unknown) == .unavailable(retryAfter: .seconds(1)))
        }
        clock.advance(.seconds(10))
        #expect(await directory.authenticate(secret) == .unavailable(retryAfter: .seconds(1)))
        store.fail(nil)
        clock.advance(.seconds(1))
        #expect(await directory.authenticate(secret) == .known(key.principal))
    }

    @Test("right after a start without a store nobody is let in")
    func boot() async {
        store.set(.test(secret), for: secret)
        store.fail(Self.away)
        #expect(await directory().authenticate(secret) == .unavailable(retryAfter: .seconds(1)))
    }

    @Test("a store that fails is left alone for a while")
    func pause() async {
        store.fail(Self.away)
        let directory = directory()
        for _ in 0..<100 { _ = await directory.authenticate(APIKeySecret()) }
        #expect(store.finds == 1)
        clock.advance(.seconds(1))
        for _ in 0..<100 { _ = await directory.authenticate(APIKeySecret()) }
        #expect(store.finds == 2)
    }

    @Test("a store that does not answer holds nobody up beyond the deadline, and known keys get in meanwhile")
    func hanging() async {
        let key = APIKey.test(secret)
        store.set(key, for: secret)
        let directory = directory(.init(deadline: .milliseconds(20)))
        let gate = Gate()
        defer { gate.open() }
        // The first answer may be late on a busy machine.
        while await directory.authenticate(secret) != .known(key.principal) { clock.advance(.seconds(1)) }
        store.hold(at: gate)
        clock.advance(.seconds(5))
        #expect(await directory.authenticate(secret) == .known(key.principal))
        #expect(await directory.authenticate(APIKeySecret()) == .unavailable(retryAfter: .seconds(1)))
    }

    @Test("while one asks whether the store is back, known keys do not wait for it")
    func probing() async {
        let (key, gate) = (APIKey.test(secret), Gate())
        store.set(key, for: secret)
        let directory = directory()
        _ = await directory.authenticate(secret)
        store.fail(Self.away)
        clock.advance(.seconds(5))
        _ = await directory.authenticate(secret)
        clock.advance(.seconds(1))
        store.hold(at: gate)
        async let probe = directory.authenticate(secret)
        await gate.arrivals(1)
        #expect(await directory.authenticate(secret) == .known(key.principal))
        #expect(await directory.authenticate(APIKeySecret()) == .unavailable(retryAfter: .seconds(1)))
        gate.open()
        #expect(await probe == .known(key.principal))
        #expect(store.finds == 3)
    }

    @Test("a failure long past does not let a key in unasked")
    func oldFailure() async {
        store.set(.test(secret), for: secret)
        let directory = directory()
        _ = await directory.authenticate(secret)
        store.fail(Self.away)
        clock.advance(.seconds(5))
        _ = await directory.authenticate(secret)
        store.fail(nil)
        store.set(.test(secret, revokedAt: clock.now), for: secret)
        clock.advance(.seconds(3_000))
        #expect(await directory.authenticate(secret) == .rejected(.revoked))
    }

    @Test("however many present a key at once, the store is asked once, also when the first one goes away")
    func singleFlight() async {
        let (key, gate) = (APIKey.test(secret), Gate())
        store.set(key, for: secret)
        store.hold(at: gate)
        let directory = directory()
        await withTaskGroup(of: Authentication.self) { group in
            for _ in 0..<100 { group.addTask { await directory.authenticate(secret) } }
            let first = Task { await directory.authenticate(secret) }
            await gate.arrivals(1)
            first.cancel()
            gate.open()
            for await answer in group { #expect(answer == .known(key.principal)) }
        }
        #expect(store.finds == 1)
    }

    @Test("a spray of random keys is bounded and pushes no good key out")
    func spray() async {
        let key = APIKey.test(secret)
        store.set(key, for: secret)
        let directory = directory(.init(deadline: .seconds(600), maximumKeys: 10, maximumAbsent: 100))
        _ = await directory.authenticate(secret)
        for _ in 0..<1_000 { #expect(await directory.authenticate(APIKeySecret()) == .rejected(.unknown)) }
        #expect(directory.count.known == 1 && directory.count.absent <= 100)
        #expect(await directory.authenticate(secret) == .known(key.principal))
        #expect(store.finds == 1_001)
    }

    @Test("only so many unknown keys are asked about at once; known ones always are")
    func questions() async {
        let (key, gate) = (APIKey.test(secret), Gate())
        store.set(key, for: secret)
        let directory = directory(.init(deadline: .seconds(600), maximumQuestions: 3))
        _ = await directory.authenticate(secret)
        clock.advance(.seconds(5))
        store.hold(at: gate)
        await withTaskGroup(of: Authentication.self) { group in
            for _ in 0..<3 { group.addTask { await directory.authenticate(APIKeySecret()) } }
            await gate.arrivals(3)
            #expect(await directory.authenticate(APIKeySecret()) == .unavailable(retryAfter: .seconds(1)))
            group.addTask { await directory.authenticate(secret) }
            await gate.arrivals(4)
            gate.open()
            var answers: [Authentication] = []
            for await answer in group { answers.append(answer) }
            #expect(answers.filter { $0 == .known(key.principal) }.count == 1)
        }
    }

    @Test("a key that is gone from the store is not let in by an outage")
    func gone() async {
        store.set(.test(secret), for: secret)
        let directory = directory()
        _ = await directory.authenticate(secret)
        store.remove(secret)
        clock.advance(.seconds(5))
        #expect(await directory.authenticate(secret) == .rejected(.unknown))
        store.fail(Self.away)
        clock.advance(.seconds(5))
        #expect(await directory.authenticate(secret) == .unavailable(retryAfter: .seconds(1)))
    }

    @Test("an unknown key is asked about again after a moment")
    func absent() async {
        let directory = directory()
        for _ in 0..<5 { #expect(await directory.authenticate(secret) == .rejected(.unknown)) }
        #expect(store.finds == 1)
        let key = APIKey.test(secret)
        store.set(key, for: secret)
        clock.advance(.seconds(2))
        #expect(await directory.authenticate(secret) == .known(key.principal))
    }

    @Test("a service is known by its key only once that was seen, and only while it is valid")
    func services() async {
        let (agent, key) = (APIKeySecret(), APIKey.test(secret, role: .service))
        store.set(key, for: secret)
        store.set(.test(agent), for: agent)
        let directory = directory()
        #expect(!directory.isKnownService(secret.digest))
        _ = await directory.authenticate(secret)
        _ = await directory.authenticate(agent)
        #expect(directory.isKnownService(secret.digest) && !directory.isKnownService(agent.digest))
        directory.forget(key.id)
        #expect(!directory.isKnownService(secret.digest))
    }
}
