import SluiceLedger

/// What the program's exit codes mean; `docs/operations.md` lists them. The numbers above 63 are those of `sysexits.h`.
enum CommandStatus: Int32, CaseIterable, Sendable {
    case success = 0
    /// A check of `sluice doctor` or `sluice health` failed.
    case checkFailed = 1
    /// The command line is wrong. ArgumentParser exits with this by itself.
    case usage = 64
    /// The call never fits in its window: waiting does not help.
    case neverFits = 65
    /// The database, a port or a folder is not available.
    case unavailable = 69
    /// A defect of the program.
    case internalError = 70
    /// The call was refused now; it will be admitted later.
    case refused = 75
    /// A setting is wrong.
    case configuration = 78

    /// What was asked for may succeed later, as a refused call does.
    static let tryAgain = refused
}

extension CommandStatus {
    init(_ error: any Error) {
        switch error {
        case let error as CommandError: self = error.status
        case is ConfigurationError: self = .configuration
        case is EmbeddedPostgresError, is SealError: self = .unavailable
        default: self = .internalError
        }
    }
}
