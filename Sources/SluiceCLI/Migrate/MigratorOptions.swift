import ArgumentParser
import SluicePostgres

/// How patient a migrator is.
struct MigratorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long one attempt may wait for a lock; others queue behind it for as long.",
            discussion: "1ms to 1h. Longer than the admission deadline, it lets admissions time out.",
            valueName: "duration"))
    var lockTimeout = DurationArgument(MigratorSettings().lockTimeout)

    @Option(
        help: ArgumentHelp(
            "How long to wait for another migrator, and to try each step again.", discussion: "Such as 30s or 5min.",
            valueName: "duration"))
    var wait = DurationArgument(MigratorSettings().patience)

    func validate() throws {
        guard (.milliseconds(1)...(.seconds(3_600))).contains(lockTimeout.duration) else {
            throw ValidationError("--lock-timeout \(lockTimeout.defaultValueDescription): use 1ms to 1h")
        }
    }

    var migratorSettings: MigratorSettings {
        MigratorSettings(lockTimeout: lockTimeout.duration, patience: wait.duration)
    }
}
