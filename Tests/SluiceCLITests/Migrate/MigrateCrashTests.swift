import Glibc
import Logging
import Postgres
import SluicePostgres
import SluiceTesting
import Testing

@testable import SluiceCLI

/// Many migrators, and migrators that are killed.
@Suite("migrate up, by many and with kill -9", .timeLimit(.minutes(30)))
struct MigrateCrashTests {
    @Test("20 processes at once on an empty database: each step is taken once, and all succeed")
    func many() async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator) { url in
            let sluice = SluiceUnderTest(environment: ["DATABASE_URL": url])
            let results = try await withThrowingTaskGroup(of: SluiceUnderTest.Result.self) { group in
                for _ in 0..<20 { group.addTask { try await sluice.run("migrate", "up") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.allSatisfy { $0.status == 0 }, "\(results.filter { $0.status != 0 }.map(\.errors))")
            let applied = results.flatMap { $0.output.split(separator: "\n") }.filter { $0.hasPrefix("applied ") }
            #expect(applied.sorted() == Migration.all.map { "applied \($0)" })
            #expect(try await history(url) == Migration.all.map(MigratePrintTests.line))
        }
    }

    @Test("Killed at any moment in 50 runs, the next run always completes")
    func killed() async throws {
        let pauses = try await pausesBetweenSteps()
        var left: [Int: Int] = [:]
        for _ in 0..<50 {
            try await withEmptyDatabase { url in
                try await kill(url, after: Int.random(in: 0..<pauses.count), pauses)
                left[try await history(url, orNoneYet: true).count, default: 0] += 1
                let next = try await SluiceUnderTest(environment: ["DATABASE_URL": url]).run("migrate", "up")
                #expect(next.status == 0, "\(next.errors)")
                #expect(try await history(url) == Migration.all.map(MigratePrintTests.line))
                let migrator = Migrator(
                    configuration: try PostgresConfiguration(url: url), logger: Logger(label: "test"))
                #expect(try await migrator.inspect().findings == [])
            }
        }
        let found = left.sorted { $0.key < $1.key }.map { "\($0.value) at \($0.key)" }.joined(separator: ", ")
        let whole = pauses.reduce(.zero, +)
        print("migrate up takes \(whole); 50 runs were killed, which left the schema at these versions: \(found)")
    }

    /// How long a run takes until it has taken its first step, and from there to each further one.
    private func pausesBetweenSteps() async throws -> [Duration] {
        var pauses: [Duration] = []
        try await withEmptyDatabase { url in
            try await SluiceUnderTest(environment: ["DATABASE_URL": url]).running(["migrate", "up"]) { running in
                var last = ContinuousClock.now
                while let line = try await running.lines.next() {
                    guard line.hasPrefix("applied ") else { continue }
                    pauses.append(last.duration(to: .now))
                    last = .now
                }
            }
        }
        #expect(pauses.count == Migration.all.count)
        return pauses
    }

    /// Kills a run somewhere between two steps that it has taken.
    private func kill(_ url: String, after steps: Int, _ pauses: [Duration]) async throws {
        try await SluiceUnderTest(environment: ["DATABASE_URL": url]).running(["migrate", "up"]) { running in
            for _ in 0..<steps { _ = try await running.line(beginning: "applied ") }
            try await Task.sleep(for: pauses[steps] * Double.random(in: 0...1))
            running.send(SIGKILL)
        }
    }

    private func withEmptyDatabase(_ body: (String) async throws -> Void) async throws {
        try await PostgresServer.shared().withDatabase(as: .migrator, body)
    }
}
