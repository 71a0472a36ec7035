/// What was found in a schema.
public struct SchemaInspection: Hashable, Sendable {
    /// How many steps the database recorded.
    public let current: Int
    /// What is not as it should be; steps not taken yet are no finding.
    public let findings: [SchemaFinding]
}

/// What a repair did.
public struct SchemaRepair: Hashable, Sendable {
    /// What it put right.
    public let mended: [SchemaFinding]
    /// What is still not as it should be.
    public let left: [SchemaFinding]
}
