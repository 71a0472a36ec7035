/// Debian's `faketime`: moves the wall clock of a process, and that clock only.
enum FakeTime {
    /// What is put before a command to move its wall clock by whole seconds.
    ///
    /// Waits and deadlines go by the monotonic clock, which a machine whose clock is wrong has like any other. The wrapper and not its
    /// library alone: the library, made to begin by itself, moves the environment, by which Swift finds a program's arguments.
    static func prefix(_ skew: Duration) throws(FixtureError) -> [String] {
        guard skew != .zero else { return [] }
        let faketime = try Executables.path(of: "faketime", package: "faketime")
        let offset = "\(skew < .zero ? "" : "+")\(skew.components.seconds)s"
        return [faketime, "-m", "--exclude-monotonic", "-f", offset]
    }
}
