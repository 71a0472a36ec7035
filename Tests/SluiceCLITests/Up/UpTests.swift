import Foundation
import Glibc
import Testing

@testable import SluiceCLI

/// The whole of it, as a person meets it.
@Suite("sluice up", .serialized, .timeLimit(.minutes(10)))
struct UpTests {
    @Test("Two replicas share one window, the printed lines work, Ctrl-C leaves nothing")
    func wholeLife() async throws {
        try await withTemporaryFolder { folder in
            let status = try await up(folder) { running, banner, ports in
                let lines = banner.filter { $0.contains("curl ") }.map { $0.trimmingCharacters(in: .whitespaces) }
                #expect(lines.count == 3)
                let key = try #require(banner.first { $0.contains("KEY=") }).trimmingCharacters(in: .whitespaces)
                for line in lines { #expect(try await shell("\(key); \(line)").contains("HTTP/1.1 200")) }
                // The first of two calls was the first line's; the third is refused on either replica.
                let second = try await shell("\(key); " + Self.admit(at: ports[1]))
                #expect(second.contains("HTTP/1.1 200") && second.contains(#""remaining":0"#))
                for port in ports {
                    let third = try await shell("\(key); " + Self.admit(at: port))
                    #expect(third.contains("HTTP/1.1 429"))
                    let wait = try #require(third.firstMatch(of: /(?i)retry-after: (\d+)/).flatMap { Int($0.1) })
                    #expect((1...60).contains(wait))
                }
                #expect(try await shell(Self.admit(at: ports[0])).contains("HTTP/1.1 401"))
                running.send(SIGINT)
            }
            #expect(status == 0)
            #expect(try await eventually { ProcessTable.mentioning(folder).isEmpty })
        }
    }

    @Test("Reuses the key and the data; ends everything when it is killed; starts a killed replica again")
    func killed() async throws {
        try await withTemporaryFolder { folder in
            let key = ClusterLayout(root: folder).serviceKey
            var first = ""
            try await up(folder) { running, _, ports in
                first = try String(contentsOfFile: key, encoding: .utf8)
                _ = try await shell("KEY=\(first); ".replacing("\n", with: "") + Self.admit(at: ports[0]))
                running.send(SIGKILL)
            }
            #expect(try await eventually { ProcessTable.mentioning(folder).isEmpty })
            try await up(folder) { running, _, ports in
                #expect(try String(contentsOfFile: key, encoding: .utf8) == first)
                let replica = try #require(ProcessTable.mentioning("--listen-port\0\(ports[0])").first)
                kill(replica, SIGKILL)
                #expect(
                    try await eventually {
                        let answer = try await shell(
                            "KEY=\(first); ".replacing("\n", with: "") + Self.admit(at: ports[0]))
                        return answer.contains(#""remaining":0"#)
                    })
                running.send(SIGTERM)
            }
            #expect(try await eventually { ProcessTable.mentioning(folder).isEmpty })
        }
    }

    @Test("A replica that cannot start says why")
    func brokenReplica() async throws {
        try await withTemporaryFolder { folder in
            var sluice = SluiceUnderTest()
            sluice.environment = ["SLUICE_DATA_DIR": folder, "DATABASE_URL": "postgres://127.0.0.1:1/none"]
            let ports = try Listener.freePorts(1)
            // Not an IPv4 address, so the port is not tried beforehand; nothing answers to the name.
            let result = try await sluice.run("up", "--ports", "\(ports[0])", "--listen-host", "no.such.host.invalid")
            #expect(result.status == CommandStatus.unavailable.rawValue)
            #expect(result.errors.contains("the replica on port \(ports[0]) does not start"))
            #expect(try await eventually { ProcessTable.mentioning(folder).isEmpty })
        }
    }

    private static func admit(at port: Int) -> String {
        #"curl -si -H "Authorization: Bearer $KEY" --json '{"user":"\#(UpBanner.user)"}' "#
            + "http://127.0.0.1:\(port)/v1/admit"
    }

    @discardableResult
    private func up(
        _ folder: String, _ body: (Running, _ banner: [String], _ ports: [Int]) async throws -> Void
    ) async throws -> Int32 {
        let ports = try Listener.freePorts(2)
        var sluice = SluiceUnderTest()
        sluice.environment = [
            "SLUICE_DATA_DIR": folder, "SLUICE_UP_PORTS": ports.map(String.init).joined(separator: ","),
            "LLM_RATE_LIMIT_REQUESTS": "2", "LLM_RATE_LIMIT_WINDOW": "60",
            // The tests keep two cores busy: what is asserted is who is admitted, not how soon.
            "SLUICE_ADMISSION_DEADLINE_MS": "60000",
        ]
        return try await sluice.running(["up"]) { running in
            var banner: [String] = []
            while banner.count(where: { $0.contains("curl ") }) < 3 {
                banner.append(try #require(try await running.lines.next()))
            }
            try await body(running, banner, ports)
        }
    }
}
