import Postgres

/// Each names the value and the remedy.
extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .changed, .renamed, .newerSchema, .gap, .unknownTarget, .notApplied: historyWords
        case .busy, .contended, .failed, .lost: stepWords
        case .pooler, .notOwner, .mayNotCreate, .unreadable, .database: accessWords
        }
    }

    private var historyWords: String {
        switch self {
        case .changed(let step, let database, let program):
            """
            migration \(step) was changed after it was applied: the database recorded SHA-256 \(database.prefix(12))…, this \
            program carries \(program.prefix(12))…; restore the file and put the change into a new migration, or, if the \
            schema is as the file has it, sluice migrate repair --accept-checksum \(Self.number(of: step))
            """
        case .renamed(let step, let database):
            """
            this program carries migration \(step), the database recorded \(database) under that number: migrations were \
            renamed or put into another order; restore their names and numbers
            """
        case .newerSchema(let database, let program, let unknown):
            """
            the database is at version \(database), this program knows \(program) and not \(unknown): update this program, \
            or migrate down with the newer one
            """
        case .gap(let missing, let found):
            """
            the database recorded migration \(found) but not \(missing): sluice.migrations was edited by hand; restore the \
            missing row, or the database from a backup
            """
        case .unknownTarget(let target, let newest): "there is no version \(target): use 0 to \(newest)"
        case .notApplied(let version, let current):
            "the database has not taken migration \(version): it is at version \(current)"
        default: ""
        }
    }

    private var stepWords: String {
        switch self {
        case .busy(let waited, let holder):
            """
            another migrator was at work for \(waited)\(holder.map { " (\($0))" } ?? ""): wait for it to end, then try again
            """
        case .contended(let step, let attempts, let waited, let error):
            """
            migration \(step) did not get its locks in \(attempts) attempts over \(waited) (\(Self.words(error))), and \
            nothing of it was done: end long transactions on the tables of the schema sluice, or allow more with \
            --lock-timeout or --wait, then try again
            """
        case .failed(let step, let number?, let count?, let error):
            """
            statement \(number) of \(count) of migration \(step) failed: \(Self.words(error)); the statements before it \
            stay, and the next attempt repeats them
            """
        case .failed(let step, _, _, let error):
            "migration \(step) failed and was rolled back: \(Self.words(error))"
        case .lost(let step, let error):
            """
            the connection broke during migration \(step): \(Self.words(error)); what the database has taken stays, \
            and trying again goes on from there
            """
        default: ""
        }
    }

    private var accessWords: String {
        switch self {
        case .pooler:
            """
            the connection leads through a pooler in transaction mode, which does not keep the migrators' lock: use a URL \
            that leads to the server directly, or to a pooler in session mode
            """
        case .notOwner(let role, let owner):
            """
            the schema sluice belongs to \(owner), and the role \(role) may not become that: connect as another role, or let \
            a superuser run GRANT \(owner) TO \(role)
            """
        case .mayNotCreate(let role, let database):
            """
            the role \(role) may not make the schema sluice in the database \(database): connect as another role, or let a \
            superuser run GRANT CREATE ON DATABASE \(database) TO \(role)
            """
        case .unreadable(let role):
            """
            the role \(role) may not read which migrations were applied: let a superuser run GRANT sluice_app TO \(role), \
            or, for people who only look, GRANT sluice_audit TO \(role)
            """
        case .database(let error): "the database could not be asked: \(Self.words(error))"
        default: ""
        }
    }

    private static func number(of step: String) -> Int { Int(step.prefix { $0.isNumber }) ?? 0 }

    /// A migration is run by whoever may see its SQL, so the server's own words may be shown.
    private static func words(_ error: PostgresError) -> String {
        guard let server = error.server else { return error.detail.map { "\(error): \($0)" } ?? "\(error)" }
        return "\(server.message) (SQLSTATE \(server.state))" + (server.hint.map { "; \($0)" } ?? "")
    }
}
