import Logging
import Sluice

/// Asks 21 times for one user who may call 20 times an hour.
///
///     DATABASE_URL=postgres://… swift run LimiterInThreeLines [USER-UUID]
@main
struct LimiterInThreeLines {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let user = UserID(arguments.first ?? "5f0c4f3e-8a51-4a0e-9a43-2f7f3d1b2a10") else {
            return print("\(arguments.first ?? "") is not a UUID")
        }
        // An empty URL leaves it to libpq's own defaults and PG… variables.
        let url = Environment.value("DATABASE_URL") ?? ""

        let sluice = try Sluice(databaseURL: url, logger: Logger(label: "example"))
        async let running: Void = sluice.run()
        await sluice.ready()
        for _ in 1...21 { report(try await sluice.admit(user)) }

        sluice.shutdown()
        await running
    }

    private static func report(_ decision: Decision) {
        switch decision {
        case .admitted(let admission):
            print("admitted (\(admission.mode)), \(admission.windows.first?.remaining ?? 0) left")
        case .refused(let refusal): print("refused, try again in \(refusal.retryAfter)")
        case .neverFits: print("heavier than the whole quota")
        }
    }
}
