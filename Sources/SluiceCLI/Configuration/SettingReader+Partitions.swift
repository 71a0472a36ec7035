import Sluice
import SluiceCore
import SluicePostgres

extension SettingReader {
    /// - Parameter policy: no row may leave that one of its windows still counts.
    mutating func partitions(policy: Policy, on machine: Machine) -> PartitionPlan {
        PartitionPlan(
            unit: choice(.partitionBy, default: .day),
            daysAhead: Int(integer(.partitionsAhead, 1...366, default: 14)),
            retention: retention(policy: policy, on: machine))
    }

    private mutating func retention(policy: Policy, on machine: Machine) -> RetentionRule? {
        let allowed = RetentionRule.allowedDays
        let days = parse(.retentionDays, default: RetentionRule.standard.days) { text throws(Rejection) in
            guard let days = Int(text) else { throw Rejection("is not a whole number") }
            guard days == 0 || allowed.contains(days) else {
                throw Rejection("is out of range: use 0, or \(allowed.lowerBound) to \(allowed.upperBound)")
            }
            return days
        }
        let action: RetentionAction = choice(.retentionAction, default: .drop)
        let isFolderSet = values[.retentionExportDirectory] != nil
        let exportFolder = isFolderSet ? folder(.retentionExportDirectory, default: "/", on: machine) : nil
        let window = (policy.windows.map(\.length).max() ?? .zero).components.seconds
        if days > 0, days < window / 86_400 + 2 {
            reject(
                .retentionDays,
                "is too short for a window of \(window) seconds, which looks back as far: use"
                    + " \(window / 86_400 + 2) or more")
        }
        if action == .export, exportFolder == nil {
            reject(.retentionAction, "needs a folder: set \(Setting.retentionExportDirectory.variable)")
        }
        guard days > 0 else { return nil }
        return RetentionRule(days: days, action: action, exportFolder: action == .export ? exportFolder : nil)
    }
}
