import HummingbirdSluice
import Logging
import Postgres
import SluiceCore
import SluicePostgres

/// Asks a database what ``DoctorExam`` judges.
struct DatabaseExaminer: Sendable {
    let database: PostgresConfiguration
    let logger: Logger

    /// - Throws: `PostgresError` when the database cannot be reached or does not answer.
    func facts() async throws -> DatabaseFacts {
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            var facts = try await connection.run(ServerFacts()).first ?? DatabaseFacts()
            facts.isEncrypted = connection.isEncrypted
            facts.isLocal =
                connection.host.hasPrefix("/") || ["", "localhost", "127.0.0.1", "::1"].contains(connection.host)
            facts.pooler = try await PoolerMode.find(before: connection, database, logger: logger)
            (facts.clockOffset, facts.clockUncertainty) = try await clock(connection)
            facts.schema = await schema()
            if case .absent = facts.schema {} else { try await lookIntoSchema(connection, &facts) }
            await connection.close()
            return facts
        } catch {
            await connection.close()
            throw error
        }
    }

    /// The best of a few: the shorter the way, the less the server's clock may have moved meanwhile.
    private func clock(_ connection: PostgresConnection) async throws -> (offset: Double, uncertainty: Double) {
        var best = (offset: 0.0, uncertainty: Double.infinity)
        for _ in 0..<5 {
            let sent = Timestamp.wallClock()
            guard let theirs = try await connection.run(ServerClock()).first else { continue }
            let received = Timestamp.wallClock()
            let uncertainty = Double(received.microseconds - sent.microseconds) / 2_000
            let middle = Double(sent.microseconds) / 1_000 + uncertainty
            if uncertainty < best.uncertainty {
                best = (Double(theirs.microseconds) / 1_000 - middle, uncertainty)
            }
        }
        return best
    }

    private func schema() async -> DatabaseFacts.Schema {
        do throws(MigrationError) {
            let plan = try await Migrator(configuration: database, logger: logger).plan()
            if plan.current == 0 { return .absent }
            guard plan.pending.isEmpty else { return .behind(version: plan.current, wanted: plan.newest) }
            return .current(version: plan.current)
        } catch {
            return .wrong("\(error)")
        }
    }

    /// A schema that is behind may lack the functions that these use; then there is nothing to say.
    private func lookIntoSchema(_ connection: PostgresConnection, _ facts: inout DatabaseFacts) async throws {
        do throws(PostgresError) {
            facts.roles = try await connection.run(ReadRoleFacts()).first
            facts.partitions = try await PartitionStore(database: connection).summary(deadline: .now + .seconds(30))
        } catch  where error.code.state?.classCode == "42" {
            facts.partitions = nil
        }
    }
}
