import Logging
import Sluice
import SluiceCore
import SluiceJournal
import Synchronization

/// Gathers what happens in an outage, from whatever thread, and logs it in few lines: once a second somebody calls ``write(waiting:isLast:)``.
final class OutageLog: Sendable {
    let logger: Logger
    private let events = Mutex(OutageEvents())

    init(logger: Logger) {
        self.logger = logger
    }

    func note(_ change: (inout OutageEvents) -> Void) {
        events.withLock { change(&$0) }
    }

    /// Logs what is due.
    func write(waiting: Int, isLast: Bool = false) {
        let lines = events.withLock { $0.lines(at: .now, waiting: waiting, isLast: isLast) }
        lines.forEach(log)
    }

    private func log(_ line: OutageEvents.Line) {
        switch line {
        case .lost(let trouble, let calls):
            logger.error(
                "calls were let through and will get no row", metadata: ["calls": "\(calls)", "journal": "\(trouble)"])
        case .turnedAway(let trouble, let calls):
            logger.error(
                "calls were turned away because the journal cannot take them",
                metadata: ["calls": "\(calls)", "journal": "\(trouble)"])
        case .rejected(let calls):
            logger.error("the ledger never takes calls of the journal", metadata: ["calls": "\(calls)"])
        case .replayed(let recorded, let known):
            logger.notice(
                "the journal was brought to the database",
                metadata: ["recorded": "\(recorded)", "known": "\(known)"])
        case .replayFails(let error):
            logger.warning("the database does not take the journal", metadata: ["error": "\(error)"])
        case .storeFailed(let error, let calls):
            logger.warning(Self.message(for: error.kind), metadata: ["calls": "\(calls)", "error": "\(error)"])
        }
    }

    private static func message(for kind: StoreError.Kind) -> Logger.Message {
        switch kind {
        case .contended: "users were busy: their locks were not granted in time"
        case .missingPartition: "the ledger lacks a partition: the maintenance is behind"
        case .rejected: "the ledger never takes calls that were to be decided"
        default: "calls could not be decided"
        }
    }
}
