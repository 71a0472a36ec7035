import Postgres

/// Something in the schema that is not as the migrations make it.
public struct SchemaFinding: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// What the database recorded and what this program carries do not agree.
        case history
        /// An index that PostgreSQL keeps up to date, or not even that, but does not use.
        case invalidIndex = "invalid_index"
        /// A partition that was being detached when somebody was killed.
        case pendingDetach = "pending_detach"
        /// A partition that lacks an index or a trigger of its parent.
        case incompletePartition = "incomplete_partition"
        /// A trigger that does not fire.
        case disabledTrigger = "disabled_trigger"
        /// A table without the trigger that refuses changes, or one that refuses none.
        case unguarded
        /// A function that this program calls and that is not there.
        case missingFunction = "missing_function"
        /// The service may not call a function, or everybody may; somebody may write a table directly.
        case privilege
    }

    public let kind: Kind
    /// The name in the schema `sluice`, or the step.
    public let object: String
    /// What is wrong with it.
    public let detail: String
    /// What to do, in words or as SQL.
    public let remedy: String
    /// The SQL that puts it right; `nil` for what a person has to decide.
    let mend: String?

    /// Whether ``Migrator/repair(acceptingChecksumOf:)`` puts it right.
    public var isMendable: Bool { mend != nil }

    static let repair = "sluice migrate repair"
}
