import Postgres
import SluiceLedger
import SluiceTesting
import Testing

/// What a superuser does behind the ledger's back is found, with its day.
@Suite("Tampering", .timeLimit(.minutes(10)))
struct TamperingTests {
    private static let row = "(SELECT md5('call' || 4)::uuid)"

    /// Every column, and another value that the constraints allow.
    static let changes: [LedgerTable: [String: String]] = [
        .calls: [
            "user_id": "md5('other')::uuid", "admitted_at": "admitted_at + interval '1 us'",
            "call_id": "md5('x')::uuid",
            "weight": "weight + 1", "running_total": "running_total + 1",
            "total_since": "total_since - interval '1 us'", "policy_id": "policy_id + 1",
            "mode": "'shadow'",
            "id_supplied": "NOT id_supplied", "route": "coalesce(route, '') || ' '", "model": "NULL",
            "replica": "'replicb'", "key_id": "md5('k')::uuid", "logical_id": "md5('l')::uuid",
            "attempt": "coalesce(attempt, 0) + 1", "reserved_input": "reserved_input + 1",
            "reserved_output": "coalesce(reserved_output, 0) + 1", "reserved_cost": "0",
        ],
        .settlements: [
            "user_id": "md5('other')::uuid", "settled_at": "settled_at + interval '1 us'",
            "call_id": "md5('x')::uuid",
            "admitted_at": "admitted_at - interval '1 us'", "model": "model || 'o'",
            "input_tokens": "input_tokens + 1",
            "cached_tokens": "cached_tokens + 1", "cache_write_tokens": "cache_write_tokens + 1",
            "output_tokens": "output_tokens + 1", "reasoning_tokens": "reasoning_tokens + 1",
            "cost_nanousd": "12346", "price_id": "2", "basis": "'estimated'",
            "is_correction": "NOT is_correction",
            "status": "201", "duration_ms": "NULL", "replica": "''", "input_total": "input_total + 1",
            "output_total": "output_total + 1", "cost_total": "cost_total + 1",
            "total_since": "total_since - interval '1 us'",
        ],
    ]

    @Test("One column of one row", arguments: LedgerTable.allCases)
    func column(_ table: LedgerTable) async throws {
        try await SealWorld.with { world in
            let head = try await world.seal().last?.chain
            let name = "sluice.\(table.rawValue)"
            let changes = try #require(Self.changes[table])
            let columns = try await world.forger.query(
                """
                SELECT a.attname FROM pg_attribute AS a
                WHERE a.attrelid = \(name)::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
                """)
            #expect(try Set(columns.map { try $0.decode(String.self, at: 0) }) == Set(changes.keys))
            try await world.forger.execute("CREATE TABLE kept AS SELECT * FROM \(name)")
            for (column, value) in changes.sorted(by: { $0.key < $1.key }) {
                // With a price, so that either may change alone.
                try await world.forger.execute(
                    "UPDATE \(name) SET \(column) = \(value) WHERE call_id = \(Self.row)")
                let problems = try await world.verify(head: head).problems
                #expect(problems.map(\.kind) == [.rows], "\(column)")
                #expect(
                    problems.first?.day == SealWorld.first && problems.first?.table == table, "\(column)")
                #expect(problems.first?.expectedRows == 40 && problems.first?.foundRows == 40, "\(column)")
                try await world.forger.execute(
                    "DELETE FROM \(name); INSERT INTO \(name) SELECT * FROM kept")
            }
            #expect(try await world.verify(head: head).problems == [])
        }
    }

    /// A row of a user who had none.
    private static func stranger(_ user: String) -> String {
        """
        \(SealWorld.calls(on: SealWorld.first, 50..<51, mode: "enforced"));
        UPDATE sluice.calls SET user_id = '\(user)' WHERE call_id = md5('call50')::uuid
        """
    }

    /// What is done, and the kinds of what is found.
    static let forgeries: [(name: String, sql: String, kinds: Set<SealProblem.Kind>, day: LedgerDay?)] = [
        (
            "a row deleted", "DELETE FROM sluice.calls WHERE call_id = \(row)", [.rows], SealWorld.first
        ),
        (
            "a late row deleted", "DELETE FROM sluice.calls WHERE call_id = md5('call41')::uuid",
            [.rows], SealWorld.first
        ),
        (
            "a late row changed",
            "UPDATE sluice.calls SET weight = 9 WHERE call_id = md5('call41')::uuid", [.rows],
            SealWorld.first
        ),
        (
            "a settlement deleted", "DELETE FROM sluice.settlements WHERE call_id = \(row)", [.rows],
            SealWorld.first
        ),
        (
            "a row added", SealWorld.calls(on: SealWorld.first, 50..<51, mode: "enforced"), [.rows],
            SealWorld.first
        ),
        ("a row added before the first", stranger("00000000-0000-0000-0000-000000000001"), [.rows], SealWorld.first),
        ("a row added after the last", stranger("ffffffff-ffff-ffff-ffff-ffffffffffff"), [.rows], SealWorld.first),
        (
            "a row on an empty day",
            SealWorld.calls(on: SealWorld.first.next, 50..<51, mode: "enforced"), [.rows],
            SealWorld.first.next
        ),
        (
            "values swapped",
            """
            UPDATE sluice.calls SET reserved_input = CASE reserved_input WHEN 4 THEN 5 ELSE 4 END
            WHERE reserved_input IN (4, 5)
            """, [.rows], SealWorld.first
        ),
        (
            "a row before all",
            "SELECT sluice.ensure_partitions('2025-01-05'); \(SealWorld.calls(on: LedgerDay(number: 20_093), 0..<1, mode: "enforced"))",
            [.rows], nil
        ),
        ("a partition dropped", "DROP TABLE sluice.calls_20250312", [.rows], SealWorld.last),
        (
            "a seal changed", "UPDATE sluice.seals SET row_count = 39 WHERE seal_no = 1",
            [.chain, .ranges], SealWorld.first
        ),
        (
            "a seal's time changed",
            "UPDATE sluice.seals SET sealed_at = sealed_at - interval '1 us' WHERE seal_no = 3",
            [.chain], SealWorld.first.next
        ),
        (
            "the last seal removed",
            "DELETE FROM sluice.seals WHERE seal_no = 6; DELETE FROM sluice.seal_ranges WHERE seal_no = 6",
            [.head, .gap], SealWorld.last
        ),
        (
            "the last day removed",
            "DELETE FROM sluice.seals WHERE seal_no > 4; DELETE FROM sluice.seal_ranges WHERE seal_no > 4",
            [.head], nil
        ),
        (
            "the chain reordered",
            """
            UPDATE sluice.seals SET seal_no = 99 WHERE seal_no = 3; UPDATE sluice.seals SET seal_no = 3 WHERE seal_no = 4;
            UPDATE sluice.seals SET seal_no = 4 WHERE seal_no = 99
            """, [.chain], SealWorld.first.next
        ),
        (
            "a seal in the middle removed", "DELETE FROM sluice.seals WHERE seal_no = 3",
            [.chain, .gap], SealWorld.first.next
        ),
        (
            "a range changed",
            "UPDATE sluice.seal_ranges SET digest = sha256('x') WHERE seal_no = 1 AND NOT is_late",
            [.ranges, .rows], SealWorld.first
        ),
        (
            "ranges removed", "DELETE FROM sluice.seal_ranges WHERE seal_no = 2", [.ranges, .rows],
            SealWorld.first
        ),
        (
            "a late row struck off the list",
            "DELETE FROM sluice.seal_late_calls WHERE call_id = md5('call41')::uuid", [.rows, .ranges],
            SealWorld.first
        ),
        (
            "a retirement that never was",
            "\(retirement); UPDATE sluice.calls SET weight = 9 WHERE call_id = \(row)", [.rows], SealWorld.first
        ),
        (
            "a retirement of all but the late rows",
            "\(retirement); DELETE FROM sluice.calls WHERE mode <> 'unchecked' AND admitted_at < '2025-03-11Z'",
            [.rows], SealWorld.first
        ),
        (
            "a row added after a retirement",
            """
            DROP TABLE sluice.calls_20250310; \(retirement); SELECT sluice.ensure_partitions('2025-03-10');
            \(SealWorld.calls(on: SealWorld.first, 50..<51, mode: "enforced"))
            """, [.rows], SealWorld.first
        ),
        (
            "a row whose mode is null",
            """
            ALTER TABLE sluice.calls ALTER COLUMN mode DROP NOT NULL;
            \(SealWorld.calls(on: SealWorld.first, 50..<51, mode: "enforced"));
            UPDATE sluice.calls SET mode = NULL WHERE call_id = md5('call50')::uuid
            """, [.rows], SealWorld.first
        ),
        (
            "a row before all whose mode is null",
            """
            SELECT sluice.ensure_partitions('2025-01-05'); ALTER TABLE sluice.calls ALTER COLUMN mode DROP NOT NULL;
            \(SealWorld.calls(on: LedgerDay(number: 20_093), 50..<51, mode: "enforced"));
            UPDATE sluice.calls SET mode = NULL WHERE call_id = md5('call50')::uuid
            """, [.rows], nil
        ),
        (
            "the first key of a range changed",
            "UPDATE sluice.seal_ranges SET first_call = md5('x')::uuid WHERE seal_no = 1 AND NOT is_late", [.ranges],
            SealWorld.first
        ),
        (
            "the last key of a range changed",
            "UPDATE sluice.seal_ranges SET last_at = last_at + interval '1 us' WHERE seal_no = 1 AND is_late",
            [.ranges], SealWorld.first
        ),
    ]

    /// A row that only retention should write.
    private static let retirement = """
        INSERT INTO sluice.retirements (parent, partition, starts_at, ends_at, action, begun_at, begun_by, finished_at)
        VALUES ('calls', 'calls_20250310', '2025-03-10Z', '2025-03-11Z', 'drop', sluice.clock(), 'x', sluice.clock())
        """

    @Test("Rows and seals", arguments: forgeries.indices)
    func forgery(_ index: Int) async throws {
        let forgery = Self.forgeries[index]
        try await SealWorld.with { world in
            let head = try await world.seal().last?.chain
            try await world.forger.execute(forgery.sql)
            let problems = try await world.verify(head: head).problems
            #expect(Set(problems.map(\.kind)) == forgery.kinds, "\(forgery.name): \(problems)")
            if let day = forgery.day {
                #expect(problems.contains { $0.day == day }, "\(forgery.name): \(problems)")
            }
        }
    }

    /// Whoever seals anew what was changed makes another chain.
    @Test("A day sealed anew does not lead to the head that was kept")
    func forgedChain() async throws {
        try await SealWorld.with { world in
            let head = try await world.seal().last?.chain
            try await world.forger.execute(
                """
                DELETE FROM sluice.seal_late_calls; DELETE FROM sluice.seal_ranges; DELETE FROM sluice.seals;
                UPDATE sluice.calls SET model = 'cheap' WHERE call_id = \(Self.row)
                """)
            try await world.seal()
            #expect(try await world.verify().problems == [])
            #expect(try await world.verify(head: head).problems.map(\.kind) == [.head])
        }
    }

    @Test("In a long day, the range is named")
    func range() async throws {
        try await SealWorld.with { world in
            try await world.forger.execute(
                SealWorld.calls(on: SealWorld.first.next, 1_000..<71_000, mode: "enforced").replacing(
                    "61.000123 s", with: "1.2 s"))
            #expect(try await world.seal().map(\.rows).contains(70_000))
            #expect(try await world.verify().problems == [])
            let last =
                "(SELECT call_id FROM sluice.calls ORDER BY admitted_at >= '\(SealWorld.first.next)Z'::timestamptz AND admitted_at < '\(SealWorld.last)Z'::timestamptz DESC, user_id DESC, admitted_at DESC LIMIT 1)"
            try await world.forger.execute("DELETE FROM sluice.calls WHERE call_id = \(last)")
            let problems = try await world.verify().problems
            #expect(problems.count == 1)
            #expect(
                problems.first?.range?.ordinal == 1 && problems.first?.expectedRows == 70_000 - 65_536)
            #expect(problems.first?.foundRows == 70_000 - 65_536 - 1)
            // No range holds it.
            try await world.forger.execute(
                """
                ALTER TABLE sluice.calls DROP CONSTRAINT calls_pkey;
                ALTER TABLE sluice.calls ALTER COLUMN user_id DROP NOT NULL;
                \(SealWorld.calls(on: SealWorld.first.next, 80..<81, mode: "enforced"));
                UPDATE sluice.calls SET user_id = NULL WHERE call_id = md5('call80')::uuid
                """)
            #expect(try await world.verify().problems.map(\.foundRows) == [70_000 - 65_536 - 1, 1])
        }
    }

    @Test("Each range is read by the key's index, from one partition")
    func plan() async throws {
        try await SealWorld.with { world in
            try await world.seal()
            let reader = LedgerReader(connection: world.auditor)
            for (table, part) in [
                (LedgerTable.calls, SealPart.ordered), (.calls, .late), (.settlements, .ordered),
            ] {
                let query = RangeQuery(
                    table: table, day: SealWorld.first, part: part, seal: 1, after: nil, through: nil)
                let select = query.sql.dropFirst("COPY (".count).dropLast(") TO STDOUT".count)
                let plan = try await reader.withSnapshot {
                    try await world.auditor.query("EXPLAIN (COSTS off) \(unescaped: String(select))")
                        .map { try $0.decode(String.self, at: 0) }
                }
                #expect(!plan.contains { $0.contains("Sort") || $0.contains("Seq Scan") }, "\(plan)")
                #expect(plan.filter { $0.contains("20250310") }.count == 1, "\(plan)")
                #expect(!plan.contains { $0.contains("20250311") || $0.contains("20250312") }, "\(plan)")
            }
        }
    }
}
