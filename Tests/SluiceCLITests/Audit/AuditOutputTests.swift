import SluiceCore
import SluiceLedger
import Testing

@testable import SluiceCLI

/// What reports look like.
@Suite struct AuditOutputTests {
    private static let table = AuditTable(
        columns: [.init("route"), .init("at"), .init("cost_nanousd", isDetail: true), .init("cost_usd")],
        rows: [
            [.text("a,\"b\"\nc"), .moment(Timestamp(microseconds: 1)), .integer(-5), .usd(-5)],
            [.unknown, .unknown, .integer(2_500_000_000), .usd(2_500_000_000)],
        ])

    @Test("CSV is RFC 4180")
    func csv() {
        #expect(
            Self.table.csv == "route,at,cost_nanousd,cost_usd\r\n"
                + "\"a,\"\"b\"\"\nc\",1970-01-01T00:00:00.000001Z,-5,-0.000000005\r\n,,2500000000,2.500000000\r\n")
        #expect(CSVText.encode([["\r", "plain text", ""]]) == "\"\r\",plain text,\r\n")
    }

    @Test("JSON keeps numbers whole, and money as text")
    func json() throws {
        #expect(
            try JSONText.encode(Self.table)
                == #"[{"at":"1970-01-01T00:00:00.000001Z","cost_nanousd":-5,"cost_usd":"-0.000000005","#
                + #""route":"a,\"b\"\nc"},{"at":null,"cost_nanousd":2500000000,"cost_usd":"2.500000000","route":null}]"#
        )
    }

    @Test("People see neither details nor line ends within a value")
    func text() {
        let lines = Self.table.text.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("route") && !lines[0].contains("nanousd"))
        #expect(lines[2].hasPrefix("-") && lines[2].hasSuffix("2.50"))
    }

    @Test(
        "A bound is a date or a moment, of years that the ledger can have",
        arguments: [
            "yesterday", "2026-13-01", "2026-02-29", "1999-12-31", "9000-01-01", "0000-01-01", "2026-11-28T12:00:00",
            "",
        ])
    func badBounds(text: String) throws {
        #expect {
            try AuditOptions.bound(text, of: "--from")
        } throws: { error in
            guard let error = error as? CommandError else { return false }
            return error.status == .usage && error.description.contains("--from \"\(text)\"")
        }
    }

    @Test("Dates and moments are told apart")
    func goodBounds() throws {
        #expect(try AuditOptions.bound(nil, of: "--from") == nil)
        #expect(try AuditOptions.bound("2026-11-28", of: "--to") == .day(try #require(LedgerDay(iso: "2026-11-28"))))
        #expect(
            try AuditOptions.bound("2000-01-01T01:00:00+01:00", of: "--to")
                == .moment(Timestamp(microseconds: 946_684_800_000_000)))
        #expect(throws: CommandError.self) { try AuditOptions.limit(0) }
    }
}
