import ArgumentParser

/// How a report is printed.
enum AuditFormat: String, CaseIterable, ExpressibleByArgument {
    case table, csv, json
}
