import Glibc
import SluiceLedger

/// Tells a person at a terminal how far a report is that reads rows day by day.
enum AuditProgress {
    static let report: ReportProgress = { done, parts in
        guard parts > 1, isatty(STDERR_FILENO) == 1 else { return }
        let line = done < parts ? "\r\(done) of \(parts) parts read" : "\r\u{1B}[K"
        _ = Array(line.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
