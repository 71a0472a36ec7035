import SluiceCore
import SluiceTesting
import Testing

/// The server well, and what the replicas need of it not.
@Suite(.serialized) struct SchemaFaults {
    /// Every statement fails while connections succeed.
    @Test func functionDropped() async throws {
        try await FaultRun.run(
            begin: { try await Self.rename($0, "", "gone_") }, end: { try await Self.rename($0, "gone_", "") })
    }

    @Test func privilegeRevoked() async throws {
        try await FaultRun.run(
            begin: { try await $0.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA sluice FROM sluice_app") },
            end: { try await $0.execute("SELECT sluice.grant_privileges()") })
    }

    /// One user is held up, and nobody else: this is no outage.
    @Test func strangerHoldsLock() async throws {
        let (stranger, user) = (Stranger(), UserID.fresh())
        var setup = FaultSetup(limit: 1_000_000, settings: Self.patient)
        setup.plan.regular = user
        setup.plan.users = 16
        try await FaultRun.run(
            setup: setup, expecting: .init(sufferer: user, staysClosed: true),
            begin: { world in
                try await stranger.hold(
                    ["SELECT pg_advisory_lock(1936487795, sluice.lock_key('\(user)'))"], on: world.databaseURL)
            }, end: { _ in await stranger.leave() })
    }

    @Test func lockTable() async throws {
        let stranger = Stranger()
        try await FaultRun.run(
            begin: { world in
                try await stranger.hold(
                    ["BEGIN", "LOCK TABLE sluice.calls IN ACCESS EXCLUSIVE MODE"], on: world.databaseURL)
            }, end: { _ in await stranger.leave() })
    }

    /// The day ends, and there is no partition for the next one: the admission that misses it makes it.
    @Test func tomorrowMissing() async throws {
        var setup = FaultSetup(settings: Self.patient)
        // The clock leaves the time behind for which ids are remembered.
        setup.plan.suppliedIDs = 0
        try await FaultRun.run(
            setup: setup, expecting: .init(isFelt: false, keepsTime: false, staysClosed: true),
            begin: { world in
                try await world.execute(
                    """
                    DO $$
                    DECLARE ahead interval;
                    BEGIN
                        SELECT (max(to_date(substr(relname, 7), 'YYYYMMDD')) + 1)::timestamp AT TIME ZONE 'UTC'
                            - interval '1 second' - clock_timestamp() INTO ahead
                        FROM pg_class WHERE relnamespace = 'sluice'::regnamespace AND relname ~ '^calls_[0-9]{8}$';
                        EXECUTE format('CREATE OR REPLACE FUNCTION sluice.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
                            PARALLEL SAFE AS %L', format('SELECT pg_catalog.clock_timestamp() + %L::interval', ahead));
                    END $$
                    """)
            }, end: { _ in })
    }

    /// On a busy machine too, only what is held up is late.
    private static let patient = ["SLUICE_ADMISSION_DEADLINE_MS": "1000"]

    private static func rename(_ world: FaultWorld, _ from: String, _ to: String) async throws {
        try await world.execute(
            """
            DO $$
            DECLARE f record;
            BEGIN
                FOR f IN SELECT oid::regprocedure AS id, proname FROM pg_proc
                    WHERE pronamespace = 'sluice'::regnamespace AND proname IN ('\(from)admit_user', '\(from)admit_many')
                LOOP
                    EXECUTE format('ALTER FUNCTION %s RENAME TO %I', f.id, '\(to)' || substr(f.proname, \(from.count + 1)));
                END LOOP;
            END $$
            """)
    }
}
