import Foundation
import Glibc
import Testing

@testable import SluiceCLI

@Suite("sluice serve", .timeLimit(.minutes(10)))
struct ServeTests {
    @Test(
        "Runs its own PostgreSQL without a configuration, and takes it down with itself", arguments: [SIGTERM, SIGINT])
    func embedded(_ signal: Int32) async throws {
        try await withTemporaryFolder { folder in
            let port = try #require(try Listener.freePorts(1).first)
            let arguments = [
                "serve", "--dev", "--listen-port", "\(port)", "--data-dir", folder, "--log-level", "warning",
            ]
            let status = try await sluice.running(arguments) { running in
                let isReady = try await eventually {
                    try await shell("curl -s http://127.0.0.1:\(port)/readyz").contains(#""schema":"right""#)
                }
                #expect(isReady)
                let answer = try await shell(Self.admit(at: port))
                #expect(answer.contains(#""admitted":true"#) && answer.contains(#""mode":"enforced""#), "\(answer)")
                let second = try await sluice.run("serve", "--dev", "--data-dir", folder)
                #expect(second.status == CommandStatus.unavailable.rawValue)
                #expect(second.errors.contains("DATABASE_URL="))
                running.send(signal)
            }
            #expect(status == 0)
            #expect(ProcessTable.mentioning(folder).isEmpty)
        }
    }

    @Test("Boots before its database and does what the policy says", arguments: [("open", "200"), ("closed", "503")])
    func withoutDatabase(_ onOutage: String, _ answer: String) async throws {
        try await withTemporaryFolder { folder in
            let port = try #require(try Listener.freePorts(1).first)
            let arguments = [
                "serve", "--dev", "--listen-port", "\(port)", "--database-url", "postgres://127.0.0.1:1/none",
                "--on-outage", onOutage, "--log-level", "critical", "--data-dir", folder,
            ]
            let status = try await sluice.running(arguments) { running in
                let isAnswered = try await eventually {
                    try await shell(Self.admit(at: port)).hasPrefix("HTTP/1.1 \(answer)")
                }
                #expect(isAnswered)
                running.send(SIGTERM)
            }
            #expect(status == 0)
            // What was let through waits for its row.
            let list = try await sluice.run("journal", "list", "--data-dir", folder)
            #expect(list.output.contains("waiting") == (onOutage == "open"), "\(list.output)\(list.errors)")
        }
    }

    @Test("Knows its callers without its database, and fails open for them alone (row A9)")
    func identityWithoutDatabase() async throws {
        try await withTemporaryFolder { folder in
            let port = try #require(try Listener.freePorts(1).first)
            var sluice = sluice
            sluice.environment["SLUICE_SERVICE_KEYS"] = firstKey
            let arguments = [
                "serve", "--listen-port", "\(port)", "--database-url", "postgres://127.0.0.1:1/none", "--log-level",
                "critical", "--data-dir", folder,
            ]
            try await sluice.running(arguments) { running in
                let isServed = try await eventually {
                    try await shell(Self.admit(at: port, key: firstKey)).hasPrefix("HTTP/1.1 200")
                }
                #expect(isServed)
                for key in [nil, secondKey, "", String(firstKey.dropLast())] as [String?] {
                    let answer = try await shell(Self.admit(at: port, key: key))
                    #expect(answer.hasPrefix("HTTP/1.1 401"), "\(answer)")
                }
                running.send(SIGTERM)
            }
        }
    }

    @Test("Does not start when its journal cannot be written, and says what to do")
    func unusableJournal() async throws {
        try await withTemporaryFolder { folder in
            let file = "\(folder)/file"
            try Data().write(to: URL(filePath: file))
            for path in [file, "\(file)/below"] {
                let result = try await sluice.run(
                    "serve", "--dev", "--listen-port", "0", "--database-url", "postgres://127.0.0.1:1/none",
                    "--journal-dir", path)
                #expect(result.status == CommandStatus.unavailable.rawValue)
                #expect(result.errors.contains(path) && result.errors.contains("SLUICE_JOURNAL_DIR"))
                #expect(result.errors.contains("SLUICE_JOURNAL_SYNC=off"), "\(result.errors)")
            }
        }
    }

    @Test("A port that is taken stops the start")
    func takenPort() async throws {
        let listener = try Listener()
        let result = try await sluice.run(
            "serve", "--dev", "--listen-port", "\(listener.port)", "--database-url", "postgres://127.0.0.1:1/none")
        #expect(result.status == CommandStatus.unavailable.rawValue, "\(result.errors)")
        #expect(result.errors.contains("port \(listener.port) is taken"))
    }

    private let sluice: SluiceUnderTest = {
        var sluice = SluiceUnderTest()
        // The tests keep two cores busy: what is asserted is what is answered, not how soon.
        sluice.environment = ["SLUICE_ADMISSION_DEADLINE_MS": "5000"]
        return sluice
    }()

    private static func admit(at port: Int, key: String? = nil) -> String {
        let header = key.map { "-H 'Authorization: Bearer \($0)' " } ?? ""
        return #"curl -si \#(header)--json '{"user":"\#(UpBanner.user)"}' http://127.0.0.1:\#(port)/v1/admit"#
    }
}
