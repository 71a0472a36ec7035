import SluicePostgres

extension Setting {
    var partitionGuide: SettingGuide {
        switch self {
        case .partitionsAhead:
            SettingGuide(
                summary: "How many days ahead the ledger has partitions.",
                allowed: "1 to 366", fallback: "14")
        case .partitionBy:
            SettingGuide(
                summary: "What one partition of the ledger holds; months suit few calls.",
                allowed: "day, month", fallback: "day")
        case .retentionDays:
            SettingGuide(
                summary:
                    "Days after which the ledger's rows leave it, partition by partition; 0 keeps them for ever. Longer than"
                    + " the window.",
                allowed: "0, \(RetentionRule.allowedDays.lowerBound) to \(RetentionRule.allowedDays.upperBound)",
                fallback: "400")
        case .retentionAction:
            SettingGuide(
                summary:
                    "What becomes of them: dropped, kept in tables of their own, or written to CSV files and dropped then.",
                allowed: "drop, detach, export", fallback: "drop")
        case .sealAfter:
            SettingGuide(
                summary: "How long after its end, in hours, a day of the ledger is sealed; later rows are amendments.",
                allowed: "1 to 8784", fallback: "26")
        default:
            SettingGuide(
                summary: "Where those files are written.",
                allowed: "a folder", fallback: "none; needed to export")
        }
    }
}
