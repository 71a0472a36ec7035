import Foundation
import Glibc
import Testing

@testable import SluiceCLI

/// The commands that need no database.
@Suite("Commands and their exit codes")
struct CommandTests {
    private static let user = UpBanner.user

    struct Case: CustomTestStringConvertible {
        let arguments: [String]
        let status: CommandStatus
        let words: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let cases = [
        Case(arguments: ["version"], status: .success, words: "sluice \(SluiceVersion.text)"),
        Case(arguments: ["--version"], status: .success, words: SluiceVersion.text),
        Case(arguments: ["config"], status: .success, words: "SLUICE_POOL_SIZE"),
        Case(arguments: ["nonsense"], status: .usage, words: "nonsense"),
        Case(arguments: ["serve", "--nonsense"], status: .usage, words: "--nonsense"),
        Case(arguments: ["admit", "somebody"], status: .usage, words: "\"somebody\" is not a UUID"),
        Case(arguments: ["admit", user, "--weight=-1"], status: .usage, words: "weight -1 is out of range"),
        Case(arguments: ["admit", user, "--call-id", user], status: .usage, words: "is not a UUID of version 7"),
        Case(arguments: ["peek", user, "--weight=-1"], status: .usage, words: "weight -1 is out of range"),
        Case(arguments: ["migrate", "down"], status: .usage, words: "repeat it with --yes"),
        Case(arguments: ["config", "--listen-port", "80a"], status: .configuration, words: "--listen-port = \"80a\""),
        Case(arguments: ["serve"], status: .configuration, words: "no key is configured"),
        Case(arguments: ["up", "--ports", "x"], status: .configuration, words: "--ports = \"x\""),
        Case(arguments: ["serve", "--config", "/nowhere.yaml"], status: .configuration, words: "/nowhere.yaml"),
        Case(
            arguments: ["admit", user, "--data-dir", "/nowhere"], status: .unavailable,
            words: "no embedded PostgreSQL runs in /nowhere"),
        Case(
            arguments: ["peek", user, "--database-url", "postgres://127.0.0.1:1/d"], status: .unavailable,
            words: "the database"),
        Case(
            arguments: ["migrate", "up", "--database-url", "postgres://127.0.0.1:1/d"], status: .unavailable,
            words: "could not be asked"),
        Case(
            arguments: ["doctor", "--database-url", "postgres://127.0.0.1:1/d"], status: .checkFailed,
            words: "fail  database"),
    ]

    @Test("Each says what it should", arguments: cases)
    func each(_ example: Case) async throws {
        let result = try await SluiceUnderTest().run(example.arguments)
        #expect(result.status == example.status.rawValue)
        #expect((result.output + result.errors).contains(example.words), "\(result.output)\(result.errors)")
    }

    @Test("docs/operations.md lists every exit code", arguments: CommandStatus.allCases)
    func documentation(_ status: CommandStatus) throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
        #expect(text.contains("\n| \(status.rawValue) |"))
    }

    @Test(
        "Lengths of time",
        arguments: [
            (0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (1_001, "2 s"), (3_600_000, "1 h"),
            (90_061_000, "1 d 1 h 1 min 1 s"),
        ])
    func durations(_ milliseconds: Int64, _ text: String) {
        #expect(DurationText.text(milliseconds: milliseconds) == text)
    }
}
