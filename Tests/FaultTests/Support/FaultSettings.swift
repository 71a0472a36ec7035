import Glibc

/// How long and from which seed: `bin/faults` sets them for a soak.
enum FaultSettings {
    /// How long each fault lasts.
    static let seconds = Double(variable("SLUICE_FAULT_SECONDS") ?? "") ?? 2
    static let isLong = variable("SLUICE_FAULT_SECONDS") != nil
    /// Of what the callers ask; what the machine makes of it differs from run to run.
    static let seed = UInt64(variable("SLUICE_FAULT_SEED") ?? "") ?? .random(in: 0...999_999)
    static let callers = Int(variable("SLUICE_FAULT_CALLERS") ?? "") ?? 12
    static let rate = Double(variable("SLUICE_FAULT_RATE") ?? "") ?? 400
    /// Where the figures go, a line of Markdown for each case.
    static let report = variable("SLUICE_FAULT_REPORT")

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
