/// Why the embedded PostgreSQL cannot run, with the remedy.
struct EmbeddedPostgresError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
