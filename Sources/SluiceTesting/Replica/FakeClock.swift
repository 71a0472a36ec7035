import Glibc

/// A wall clock that is moved while the process that has it runs.
///
/// Forwards: moved backwards, the library holds up timers of `CLOCK_BOOTTIME` as well, which no real clock does.
public final class FakeClock: Sendable {
    private let file: String

    /// - Parameter folder: where it keeps the time.
    public init(in folder: ScratchFolder) throws {
        file = "\(folder.path)/clock"
        try set(.zero)
    }

    /// How far it is off from now on, in whole seconds; never less than before.
    public func set(_ skew: Duration) throws {
        let text = "\(skew < .zero ? "" : "+")\(skew.components.seconds)\n"
        // In one step, since it is read at every look at the clock.
        guard let stream = fopen("\(file).new", "w") else {
            throw FixtureError("\(file) cannot be written: errno \(errno)")
        }
        fputs(text, stream)
        fclose(stream)
        guard rename("\(file).new", file) == 0 else { throw FixtureError("\(file) cannot be written: errno \(errno)") }
    }

    /// The wrapper sets up the library, which then takes the time from the file in place of the wrapper's.
    func prefix() throws(FixtureError) -> [String] {
        let faketime = try Executables.path(of: "faketime", package: "faketime")
        return [
            faketime, "-m", "--exclude-monotonic", "-f", "+0", "env", "-u", "FAKETIME",
            "FAKETIME_TIMESTAMP_FILE=\(file)",
            "FAKETIME_NO_CACHE=1",
        ]
    }
}
