/// One numbered step of the schema, as its two files in this folder.
public struct MigrationFile: Sendable {
    /// From the file's name, counting from 1 without gaps.
    public let version: Int
    /// From the file's name: a verb and a noun.
    public let name: String
    public let up: [UInt8]
    public let down: [UInt8]

    /// Every file of this folder in order. The binary carries them, so that it can migrate without a checkout.
    public static let all: [MigrationFile] = [
        MigrationFile(
            version: 1, name: "create_ledger",
            up: PackageResources._001_create_ledger_up_sql, down: PackageResources._001_create_ledger_down_sql),
        MigrationFile(
            version: 2, name: "create_partitions",
            up: PackageResources._002_create_partitions_up_sql, down: PackageResources._002_create_partitions_down_sql),
        MigrationFile(
            version: 3, name: "create_admission",
            up: PackageResources._003_create_admission_up_sql, down: PackageResources._003_create_admission_down_sql),
        MigrationFile(
            version: 4, name: "create_recording",
            up: PackageResources._004_create_recording_up_sql, down: PackageResources._004_create_recording_down_sql),
        MigrationFile(
            version: 5, name: "create_identity",
            up: PackageResources._005_create_identity_up_sql, down: PackageResources._005_create_identity_down_sql),
        MigrationFile(
            version: 6, name: "create_settlements",
            up: PackageResources._006_create_settlements_up_sql,
            down: PackageResources._006_create_settlements_down_sql),
    ]
}
