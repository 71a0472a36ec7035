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
            facts.pooler = try await pooler(before: connection)
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

    /// A pooler gives its clients process numbers of its own making. It is in transaction mode when a second client gets the
    /// server connection that the first one, which is still here, used before.
    private func pooler(before connection: PostgresConnection) async throws -> DatabaseFacts.Pooler {
        let before = try await connection.run(BackendProcess()).first
        guard before != connection.backendPID else { return .none }
        let second = try await PostgresConnection.connect(database, logger: logger)
        do {
            try await second.execute("BEGIN")
            let other = try await second.run(BackendProcess()).first
            let after = try? await connection.run(BackendProcess(), deadline: .now + .seconds(2)).first
            try await second.execute("ROLLBACK")
            await second.close()
            // With a single server connection the first client has to wait for it.
            return other == before || after != before ? .transaction : .session
        } catch {
            await second.close()
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
            facts.forbiddenFunctions = try await connection.run(ForbiddenFunctions())
            facts.partitionDays = try await connection.run(PartitionDays()).first
        } catch  where error.code.state?.classCode == "42" {
            facts.partitionDays = nil
        }
    }
}
