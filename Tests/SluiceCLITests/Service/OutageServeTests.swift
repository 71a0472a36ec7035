import Foundation
import Glibc
import SluiceTesting
import Testing

@testable import SluiceCLI

/// A replica, as others see it, that loses what it decides with.
@Suite("sluice serve in an outage", .timeLimit(.minutes(10)))
struct OutageServeTests {
    @Test("Goes on with its callers alone, writes down, brings in, and shows all of it")
    func outage() async throws {
        try await PostgresServer.with { server in
            try await withReplica(on: server) { replica in
                try await replica.expect("HTTP/1.1 200", from: replica.admit(key: firstKey), mode: "enforced")
                await server.stop()
                try await replica.expect("HTTP/1.1 200", from: replica.admit(key: firstKey), mode: "unchecked")
                for key in [nil, secondKey] as [String?] {
                    #expect(try await shell(replica.admit(key: key)).hasPrefix("HTTP/1.1 401"))
                }
                let metrics = try await shell(replica.get("metrics"))
                #expect(metrics.contains(#/\nsluice_journal_records [1-9]/#), "\(metrics)")
                #expect(metrics.contains(#/\nsluice_journal_recorded_total [1-9]/#))
                #expect(metrics.contains(#/\nsluice_journal_bytes [1-9]/#))
                #expect(metrics.contains(#"sluice_journal_lost_total{reason="full"} 0"#))
                #expect(metrics.contains("sluice_journal_sync_seconds_count"))
                try await server.start()
                let isBrought = try await eventually {
                    let metrics = try await shell(replica.get("metrics"))
                    return metrics.contains("\nsluice_journal_records 0\n")
                        && metrics.contains("\nsluice_journal_oldest_seconds 0\n")
                        && metrics.contains(#/sluice_journal_replayed_total{outcome="recorded"} [1-9]/#)
                }
                #expect(isBrought)
                let ready = try await shell(replica.get("readyz"))
                #expect(ready.contains(#""journal":"ok""#), "\(ready)")
            }
        }
    }

    @Test("Tells of a schema that is dropped under it, and stays")
    func droppedSchema() async throws {
        try await PostgresServer.with { server in
            try await withReplica(on: server) { replica in
                try await replica.expect("HTTP/1.1 200", from: replica.admit(key: firstKey), mode: "enforced")
                _ = try await shell(
                    "psql '\(TestRole.superuser.url(like: replica.database))' -qc 'DROP SCHEMA sluice CASCADE' 2>&1")
                let isTold = try await eventually {
                    try await shell("curl -si \(replica.base)/readyz").contains(#""schema":"wrong""#)
                }
                #expect(isTold)
                let ready = try await shell("curl -si \(replica.base)/readyz")
                #expect(ready.hasPrefix("HTTP/1.1 200") && ready.contains(#""ready":true"#), "\(ready)")
            }
        }
    }

    private struct Replica {
        let base: String
        let database: String

        func get(_ path: String) -> String { "curl -s \(base)/\(path)" }

        func admit(key: String?) -> String {
            let header = key.map { "-H 'Authorization: Bearer \($0)' " } ?? ""
            return #"curl -si \#(header)--json '{"user":"\#(UUID())"}' \#(base)/v1/admit"#
        }

        func expect(_ status: String, from command: String, mode: String) async throws {
            let isAnswered = try await eventually {
                let answer = try await shell(command)
                return answer.hasPrefix(status) && answer.contains(#""mode":"\#(mode)""#)
            }
            #expect(isAnswered, "\(command)")
        }
    }

    private func withReplica(
        on server: PostgresServer, _ body: (Replica) async throws -> Void
    ) async throws {
        let database = server.url(database: try await server.createMigratedDatabase(), user: "app")
        try await withTemporaryFolder { folder in
            let port = try #require(try Listener.freePorts(1).first)
            var sluice = SluiceUnderTest()
            sluice.environment = [
                "SLUICE_SERVICE_KEYS": firstKey, "DATABASE_URL": database, "SLUICE_MIGRATE": "wait",
                "SLUICE_ADMISSION_DEADLINE_MS": "1000", "SLUICE_JOURNAL_DIR": "\(folder)/journal",
                "LISTEN_PORT": "\(port)", "SLUICE_LOG_LEVEL": "critical", "SLUICE_BREAKER_PAUSE_MAX_MS": "500",
            ]
            let status = try await sluice.running(["serve"]) { running in
                try await body(Replica(base: "http://127.0.0.1:\(port)", database: database))
                running.send(SIGTERM)
            }
            #expect(status == 0)
        }
    }
}
