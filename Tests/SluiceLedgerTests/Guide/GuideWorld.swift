import Logging
import Postgres
import SluiceCore
import SluicePostgres
import SluiceTesting
import Subprocess

/// A database in which everything that the guide asks about has happened.
struct GuideWorld {
    let server: PostgresServer
    let database: String
    let user: UserID
    let call: CallID
    let key: KeyID
    let month: String

    private static let quiet = Logger(label: "guide") { _ in SwiftLogNoOpLogHandler() }

    func url(_ role: TestRole) -> String { server.url(database: database, user: role.rawValue) }

    /// What `psql` prints for a script.
    func psql(_ script: String, as role: TestRole) async throws -> String {
        let variables = ["user": "\(user)", "call": "\(call)", "key": "\(key)", "month": month]
        let arguments =
            ["-X", "-v", "ON_ERROR_STOP=1"] + variables.flatMap { ["-v", "\($0.key)=\($0.value)"] } + [url(role)]
        let result = try await Subprocess.run(
            .name("psql"), arguments: Arguments(arguments), input: .string(script), output: .string(limit: 1 << 20),
            error: .combinedWithOutput)
        guard result.terminationStatus.isSuccess else { throw GuideError(result.standardOutput) }
        return result.standardOutput
    }

    /// Runs a program with its arguments.
    static func run(_ words: String...) async throws {
        let result = try await Subprocess.run(
            .name(words[0]), arguments: Arguments(Array(words.dropFirst())), output: .string(limit: 1 << 20),
            error: .combinedWithOutput)
        guard result.terminationStatus.isSuccess else { throw GuideError(result.standardOutput) }
    }

    /// On a server of its own, since the guide makes roles.
    static func with(_ body: (GuideWorld) async throws -> Void) async throws {
        try await PostgresServer.with { server in
            let database = try await server.createMigratedDatabase()
            let url = server.url(database: database, user: TestRole.app.rawValue)
            let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url), logger: quiet)
            do {
                try await body(try await live(server, database, connection))
                await connection.close()
            } catch {
                await connection.close()
                throw error
            }
        }
    }

    /// Calls that are settled, open, unchecked and refused; a key, a price and a policy.
    private static func live(
        _ server: PostgresServer, _ database: String, _ connection: PostgresConnection
    ) async throws -> GuideWorld {
        let deadline = ContinuousClock.now + .seconds(60)
        let store = PostgresStore(database: connection, replica: "replica-1")
        let policy = try Policy.standard()
        try await store.noteDefaultPolicy(policy, deadline: deadline)
        try await store.setPrice(NewPrice(model: "m*", input: 1_000_000, output: 2_000_000), deadline: deadline)
        let user = UserID.fresh()
        let digest = KeyDigest([UInt8](repeating: 7, count: 32))
        guard let digest else { throw GuideError("no digest") }
        let new = NewAPIKey(digest: digest, prefix: "sk_sluice_ab", name: "CI", user: user, role: .agent, lifetime: nil)
        let key = try await PostgresKeyStore(database: connection).create(new, deadline: deadline).id
        let origin = CallOrigin(key: key, reservation: Reservation(inputTokens: 10, outputTokens: 20))
        let calls = try (0..<4).map { _ in try Call(user: user, id: .fresh(), route: "chat", model: "m", origin: origin)
        }
        for (index, result) in try await store.admit(calls, under: policy, deadline: deadline).enumerated() {
            guard index < 3, case .admitted(let admission) = try result.get() else { continue }
            let settlement = try Settlement(
                user: user, callID: admission.callID, admittedAt: admission.admittedAt, model: "m-1",
                usage: TokenUsage(input: 9, output: 5), basis: .measured, status: 200)
            _ = try await store.settle([settlement], replica: "replica-1", deadline: deadline)
        }
        let now = try await store.clock(deadline: deadline)
        let unchecked = UncheckedCall(try Call(user: user, id: .fresh(), model: "m"), admittedAt: now, policyID: 1)
        _ = try await store.record([unchecked], replica: "replica-2", deadline: deadline)
        let refusal = RefusalCount(user: user, policyID: 1, minute: now, count: 3)
        try await store.record([refusal], replica: "replica-1", deadline: deadline)
        let month = try await connection.query("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-01')")
        return GuideWorld(
            server: server, database: database, user: user, call: calls[0].id, key: key,
            month: try month.first?.decode(at: 0) ?? "")
    }
}
