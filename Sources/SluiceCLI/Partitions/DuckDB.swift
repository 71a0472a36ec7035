import FoundationEssentials
import Glibc
import SluicePostgres
import Subprocess
import SystemPackage

/// The `duckdb` program, which turns CSV into Parquet.
struct DuckDB: Sendable {
    private let path: String

    /// - Throws: ``CommandError`` when it is not on `PATH`.
    init() throws(CommandError) {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let candidates = folders.map { folder in "\(folder)/duckdb" }
        guard let path = candidates.first(where: { path in access(path, X_OK) == 0 }) else {
            throw CommandError(
                .unavailable,
                "the program duckdb, which writes Parquet, is not on PATH: install it (`pip install duckdb-cli`), or use"
                    + " --format csv")
        }
        self.path = path
    }

    /// Writes a Parquet file beside a CSV file, and takes that away when it holds as many rows.
    func convert(_ csv: String, columns: [ExportColumn], rows: Int) async throws -> String {
        let parquet = (csv.hasSuffix(".csv") ? String(csv.dropLast(4)) : csv) + ".parquet"
        let partial = parquet + ".part"
        let printed = try await run(Self.script(from: csv, to: partial, columns: columns))
        guard printed.split(whereSeparator: \.isNewline).last == "\(rows)" else {
            throw ExportError("\(parquet) holds other rows than \(csv), which stays: duckdb counts \(printed)")
        }
        try await DurableFile.settle(partial, as: parquet)
        unlink(csv)
        return parquet
    }

    private func run(_ script: String) async throws -> String {
        // Nothing is fetched, nor read from anybody's home.
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: ["-init", "/dev/null", "-batch", "-bail", "-csv", "-noheader", "-c", script],
            environment: .custom(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"]), input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw ExportError("duckdb failed (\(result.terminationStatus)): \(result.standardError)")
        }
        return result.standardOutput
    }

    /// An absent value is nothing between two commas, an empty text is `""`.
    static func script(from csv: String, to parquet: String, columns: [ExportColumn]) -> String {
        let types = columns.map { "\(quoted($0.name)): \(quoted(type(of: $0)))" }.joined(separator: ", ")
        return """
            SET autoinstall_known_extensions = false;
            SET autoload_known_extensions = false;
            COPY (SELECT * FROM read_csv(\(quoted(csv)), header = true, auto_detect = false, delim = ',', quote = '"',
                escape = '"', nullstr = '', allow_quoted_nulls = false, parallel = false, new_line = '\\n',
                columns = {\(types)}))
            TO \(quoted(parquet)) (FORMAT parquet, COMPRESSION zstd);
            SELECT count(*) FROM read_parquet(\(quoted(parquet)));
            """
    }

    private static func type(of column: ExportColumn) -> String {
        switch column.type {
        case "uuid": "UUID"
        case "timestamp with time zone": "TIMESTAMPTZ"
        case "bigint": "BIGINT"
        case "integer": "INTEGER"
        case "smallint": "SMALLINT"
        case "boolean": "BOOLEAN"
        default: "VARCHAR"
        }
    }

    private static func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
}
