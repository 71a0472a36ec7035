/// Which way steps are taken.
public enum MigrationDirection: String, Sendable {
    case up, down
}

extension Migration {
    /// The file that is run.
    public func script(_ direction: MigrationDirection) -> MigrationScript {
        MigrationScript(direction == .up ? up : down)
    }
}
