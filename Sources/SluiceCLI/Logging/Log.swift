import Logging
import SluiceServer

/// Loggers as the configuration wants them, on standard error: standard output is for answers.
enum Log {
    /// - Returns: a logger whose every line names the replica, so that the lines of several can be told apart.
    static func logger(_ configuration: ProgramConfiguration, label: String = "sluice") -> Logger {
        var logger = Logger(label: label) { label in
            switch configuration.logFormat {
            case .json: JSONLogHandler(label: label)
            case .text: StreamLogHandler.standardError(label: label)
            }
        }
        logger.logLevel = configuration.logLevel
        logger[metadataKey: "replica"] = "\(configuration.replica)"
        return logger
    }
}
