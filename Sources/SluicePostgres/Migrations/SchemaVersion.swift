/// Which versions of the schema this program works with.
public enum SchemaVersion {
    /// The one that this program carries.
    public static var newest: Int { Migration.all.count }
    /// The oldest one with which every decision works: what came later, a replica does without.
    ///
    /// It is raised by the release whose replicas begin to depend on what a later migration made.
    public static let needed = 6

    /// The functions that this program's store calls in a schema of some version, by their names in `sluice`.
    static func functions(at version: Int) -> [String] {
        functions.filter { $0.key <= version }.flatMap(\.value).sorted()
    }

    /// By the version from which on they are there, or ``needed`` for those that came before.
    static let functions: [Int: [String]] = [
        needed: [
            "admit_many", "admit_user", "check_ledger", "clock", "cover_recent", "create_key", "current_prices",
            "ensure_partitions", "expire_calls", "find_key", "list_keys", "note_key_uses", "peek_user",
            "record_refusals", "record_unchecked", "revoke_key", "set_price", "settle_many", "user_facts",
        ],
        8: ["note_default_policy"],
        12: ["admit_one"],
        13: ["admit_batch"],
    ]
}
