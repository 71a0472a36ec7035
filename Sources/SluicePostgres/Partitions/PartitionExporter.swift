public import Logging
public import Postgres

/// Writes tables that left the ledger to files, one at a time, and drops each when its file is whole and on the disk.
///
/// What it writes is CSV with a heading, in UTF-8, times in UTC, an absent value as nothing between two commas, the rows in the
/// order of the table's key.
public struct PartitionExporter: Sendable {
    /// Turns a whole CSV file into another one beside it; returns that one's path.
    public typealias Conversion =
        @Sendable (_ csv: String, _ columns: [ExportColumn], _ rows: Int) async throws -> String

    private let database: PostgresConfiguration
    private let folder: String
    private let conversion: Conversion?
    private let logger: Logger

    /// - Parameters:
    ///   - folder: has to exist.
    ///   - conversion: `nil` leaves CSV.
    public init(
        database: PostgresConfiguration, folder: String, conversion: Conversion? = nil, logger: Logger
    ) {
        self.database = database
        self.folder = folder
        self.conversion = conversion
        self.logger = logger
    }

    /// Writes all tables that wait for it. Stops when another process is at it.
    ///
    /// - Throws: ``ExportError`` for what is wrong with a file, `PostgresError` for the rest. What was not written is still in the
    ///   database, and waits for the next time.
    public func exportAll() async throws -> [ExportedTable] {
        let connection = try await PostgresConnection.connect(database, logger: logger)
        do {
            var exported: [ExportedTable] = []
            while let table = try await exportNext(over: connection) { exported.append(table) }
            await connection.close()
            return exported
        } catch {
            await connection.close()
            throw error
        }
    }

    private func exportNext(over connection: PostgresConnection) async throws -> ExportedTable? {
        do {
            return try await connection.withTransaction { transaction in
                guard try await transaction.run(ClaimExport()).first == true,
                    let next = try await transaction.run(PendingExports()).first
                else { return nil }
                let columns = try await transaction.run(ReadExportColumns(parent: next.parent))
                let csv = "\(folder)/\(next.fileName).csv"
                let rows = try await write(next, to: csv, in: transaction)
                let file = try await conversion?(csv, columns, rows) ?? csv
                try await transaction.run(DropExported(table: next.table, rows: rows))
                return ExportedTable(file: file, rows: rows)
            }
        } catch {
            throw error.body ?? error.postgresError ?? error
        }
    }

    private func write(
        _ next: PendingExport, to path: String, in transaction: PostgresTransaction
    ) async throws -> Int {
        let file = try ExportFile(path)
        do {
            try await transaction.execute("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'")
            let rows = try await transaction.copyOut(Self.copy(next)) { bytes in try file.write(bytes) }
            try await file.finish()
            return rows
        } catch {
            file.discard()
            throw error
        }
    }

    /// `COPY` takes no parameters.
    private static func copy(_ next: PendingExport) -> String {
        let table = next.table.replacing("'", with: "''")
        let parent = next.parent.replacing("\"", with: "\"\"")
        return """
            COPY (SELECT * FROM sluice.read_export('\(table)', NULL::sluice."\(parent)"))
            TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')
            """
    }
}
