import Foundation

/// How long and from which seed the tests under load run: `bin/soak` sets both.
enum Soak {
    /// Seconds of load.
    static let seconds = number("SLUICE_SOAK_SECONDS") ?? 8
    /// The seed of what the clients ask; what the machine makes of it differs from run to run.
    static let seed = number("SLUICE_SOAK_SEED").map(UInt64.init) ?? .random(in: 0...999_999)
    static let isLong = number("SLUICE_SOAK_SECONDS") != nil

    static func print(_ line: String) {
        if isLong { Swift.print("soak: \(line)") }
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }.map { max(0, $0) }
    }
}
