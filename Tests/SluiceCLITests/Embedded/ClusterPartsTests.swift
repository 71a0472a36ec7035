import Testing

@testable import SluiceCLI

@Suite("Parts of the embedded PostgreSQL")
struct ClusterPartsTests {
    @Test("The socket's path fits into its 107 bytes, whatever the data directory")
    func socketPath() {
        let short = ClusterLayout(root: "/var/lib/sluice/")
        #expect(short.root == "/var/lib/sluice")
        #expect(short.socketDirectory == "/var/lib/sluice/run")
        for root in ["/" + String(repeating: "long/", count: 40), "/with space", "/comma,", "/ümlaut"] {
            let layout = ClusterLayout(root: root)
            #expect(layout.socketDirectory.hasPrefix("/tmp/sluice-"))
            #expect("\(layout.socket).lock".utf8.count <= 107)
            #expect(layout.socketDirectory == ClusterLayout(root: root).socketDirectory)
        }
        #expect(ClusterLayout(root: "/a b").socketDirectory != ClusterLayout(root: "/a c").socketDirectory)
    }

    @Test(
        "What the server says of itself",
        arguments: [
            ("12\n/data\n1700000000\n5432\n/run\n\n  123 45\nready   \n", 12, true),
            ("12\n/data\n1700000000\n5432\n/run\n\n  123 45\nstarting\n", 12, false),
            ("12\n/data\n", 12, false), ("12", 12, false),
        ])
    func status(_ text: String, _ process: Int32, _ isReady: Bool) throws {
        let status = try #require(ServerStatus(text: text))
        #expect(status.process == process)
        #expect(status.isReady == isReady)
    }

    @Test("A process file that is not whole", arguments: ["", "\n", "abc\n"])
    func noStatus(_ text: String) {
        #expect(ServerStatus(text: text) == nil)
    }

    @Test(
        "Versions",
        arguments: [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", 15), ("postgres (PostgreSQL) 17beta1", 17),
            ("postgres (PostgreSQL) 18devel", 18), ("something else 9", nil),
        ])
    func versions(_ answer: String, _ version: Int?) {
        #expect(PostgresInstallation.majorVersion(from: answer) == version)
    }

    @Test("A database of a version that is not installed is refused with the remedy")
    func missingVersion() async {
        let error = await #expect(throws: EmbeddedPostgresError.self) {
            try await PostgresInstallation.find(for: 9, searchPath: "/usr/bin")
        }
        #expect(error?.description.contains("made by PostgreSQL 9") == true)
        #expect(error?.description.contains("postgresql-9") == true)
    }

    @Test("Pauses double up to a bound, and a healthy run resets them")
    func backoff() {
        var backoff = RestartBackoff()
        let pauses = (0..<8).map { _ in backoff.ended(after: .seconds(1)) }
        #expect(pauses.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(pauses.last == RestartBackoff.longest)
        #expect(backoff.ended(after: RestartBackoff.healthyAfter) == RestartBackoff.first)
    }
}
