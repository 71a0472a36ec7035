import ArgumentParser
import Foundation
import Testing

@testable import SluiceCLI

@Suite("Every setting, everywhere")
struct SettingTests {
    @Test("Every setting has a flag that reaches it", arguments: Setting.allCases)
    func flags(_ setting: Setting) throws {
        let arguments = setting.isSwitch ? ["--\(setting.flag)"] : ["--\(setting.flag)", "true"]
        #expect(try SettingOptions.parse(arguments).flags == [setting: "true"])
    }

    @Test("docs/configuration.md lists every setting as the program knows it", arguments: Setting.allCases)
    func documentation(_ setting: Setting) throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        #expect(text.split(separator: "\n").contains(Substring(setting.markdownRow)))
    }

    @Test("The guide's default is the default", arguments: Setting.allCases)
    func defaults(_ setting: Setting) throws {
        let shown = try load().shown(setting)
        switch setting {
        // These say in words where the default comes from.
        case .databaseURL, .dataDirectory, .journalDirectory, .replica, .serviceKeys, .migrate: break
        case _ where setting.guide.fallback.contains("none"): #expect(shown.isEmpty)
        default: #expect(setting.guide.fallback == shown)
        }
    }

    @Test(
        "Suggestions",
        arguments: [
            ("listen_prot", "listen_port"), ("pool", nil), ("poolsize", "pool_size"), ("xxxxxxxxxx", nil),
            ("databse_url", "database_url"),
        ])
    func suggestions(_ word: String, _ meant: String?) {
        #expect(Suggestion.nearest(to: word, among: Setting.allCases.map(\.key)) == meant)
    }

    @Test("Edits", arguments: [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)])
    func edits(_ first: String, _ second: String, _ count: Int) {
        #expect(Suggestion.edits(from: first, to: second) == count)
    }
}
