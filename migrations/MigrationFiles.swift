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
        MigrationFile(
            version: 7, name: "grant_privileges",
            up: PackageResources._007_grant_privileges_up_sql, down: PackageResources._007_grant_privileges_down_sql),
        MigrationFile(
            version: 8, name: "create_policies",
            up: PackageResources._008_create_policies_up_sql, down: PackageResources._008_create_policies_down_sql),
        MigrationFile(
            version: 9, name: "add_retention",
            up: PackageResources._009_add_retention_up_sql, down: PackageResources._009_add_retention_down_sql),
        MigrationFile(
            version: 10, name: "create_reports",
            up: PackageResources._010_create_reports_up_sql, down: PackageResources._010_create_reports_down_sql),
        MigrationFile(
            version: 11, name: "seal_days",
            up: PackageResources._011_seal_days_up_sql, down: PackageResources._011_seal_days_down_sql),
        MigrationFile(
            version: 12, name: "admit_one",
            up: PackageResources._012_admit_one_up_sql, down: PackageResources._012_admit_one_down_sql),
        MigrationFile(
            version: 13, name: "admit_batch",
            up: PackageResources._013_admit_batch_up_sql, down: PackageResources._013_admit_batch_down_sql),
        MigrationFile(
            version: 14, name: "batch_repeated_users",
            up: PackageResources._014_batch_repeated_users_up_sql,
            down: PackageResources._014_batch_repeated_users_down_sql),
    ]
}
