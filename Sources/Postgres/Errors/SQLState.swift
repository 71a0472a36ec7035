/// A five-character SQLSTATE, as PostgreSQL's appendix "Error Codes" lists them.
public struct SQLState: Hashable, Sendable {
    /// The five characters, such as `"55P03"`.
    public let code: String

    /// Any text is taken: a server may send states that no list knows.
    public init(_ code: String) {
        self.code = code
    }

    /// The first two characters: the class.
    public var classCode: String { String(code.prefix(2)) }
}

extension SQLState: CustomStringConvertible {
    public var description: String { code }
}

extension SQLState {
    public static let protocolViolation = SQLState("08P01")
    public static let featureNotSupported = SQLState("0A000")
    public static let checkViolation = SQLState("23514")
    public static let foreignKeyViolation = SQLState("23503")
    public static let notNullViolation = SQLState("23502")
    public static let uniqueViolation = SQLState("23505")
    public static let readOnlySQLTransaction = SQLState("25006")
    public static let inFailedSQLTransaction = SQLState("25P02")
    public static let invalidSQLStatementName = SQLState("26000")
    public static let invalidAuthorization = SQLState("28000")
    public static let invalidPassword = SQLState("28P01")
    public static let invalidCatalogName = SQLState("3D000")
    public static let invalidSchemaName = SQLState("3F000")
    public static let serializationFailure = SQLState("40001")
    public static let deadlockDetected = SQLState("40P01")
    public static let insufficientPrivilege = SQLState("42501")
    public static let syntaxError = SQLState("42601")
    public static let undefinedColumn = SQLState("42703")
    public static let duplicateObject = SQLState("42710")
    public static let duplicateFunction = SQLState("42723")
    public static let undefinedFunction = SQLState("42883")
    public static let undefinedTable = SQLState("42P01")
    public static let duplicateDatabase = SQLState("42P04")
    public static let duplicateSchema = SQLState("42P06")
    public static let duplicateTable = SQLState("42P07")
    public static let diskFull = SQLState("53100")
    public static let outOfMemory = SQLState("53200")
    public static let tooManyConnections = SQLState("53300")
    public static let objectInUse = SQLState("55006")
    public static let lockNotAvailable = SQLState("55P03")
    public static let queryCanceled = SQLState("57014")
    public static let adminShutdown = SQLState("57P01")
    public static let crashShutdown = SQLState("57P02")
    public static let cannotConnectNow = SQLState("57P03")
    public static let internalError = SQLState("XX000")
}

extension SQLState {
    /// Class 08: the connection itself.
    public var isConnectionException: Bool { classCode == "08" }

    /// Class 23: a constraint said no.
    public var isIntegrityConstraintViolation: Bool { classCode == "23" }

    /// Class 53: disk, memory or connections have run out.
    public var isInsufficientResources: Bool { classCode == "53" }

    /// The server is starting, stopping, or has crashed: 57P01, 57P02, 57P03.
    public var isShutdown: Bool { self == .adminShutdown || self == .crashShutdown || self == .cannotConnectNow }

    /// The same transaction may succeed when it is run again: 40001, 40P01.
    public var isRetryableTransactionFailure: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// Trying to connect again changes nothing until a person changes something: wrong password, role or database.
    public var isPermanentConnectFailure: Bool {
        classCode == "28" || self == .invalidCatalogName
    }

    /// The session that reported this should not be used again: the server stops, or it is no longer the primary.
    var condemnsSession: Bool {
        isConnectionException || isShutdown || self == .readOnlySQLTransaction
    }
}
