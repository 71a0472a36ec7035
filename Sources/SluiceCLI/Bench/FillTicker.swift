import SluiceCore
import SluiceLedger

/// Tells on standard error how far a fill is, once a second.
final class FillTicker {
    private var lastSecond = 0

    func hear(_ progress: FillProgress) {
        let second = Int(progress.elapsed / .seconds(1))
        guard second > lastSecond else { return }
        lastSecond = second
        Terminal.printError(Self.line(progress))
    }

    static func line(_ progress: FillProgress) -> String {
        let left = progress.timeLeft.map { ", \(text($0)) left" } ?? ""
        return "\(progress.day): \(progress.calls) of \(progress.plannedCalls) calls, \(progress.rows) rows,"
            + " \(Int(progress.rowsPerSecond)) rows/s\(left)"
    }

    static func result(_ progress: FillProgress) -> String {
        "\(progress.rows) rows in \(progress.daysDone) days, \(text(progress.elapsed)),"
            + " \(Int(progress.rowsPerSecond)) rows/s"
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMicroseconds / 1_000)
    }
}
