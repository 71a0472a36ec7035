/// Why there can be no journal, or no look at one.
public enum JournalError: Error, Hashable, Sendable {
    /// A setting is out of range.
    case invalidSetting(String, value: String, allowed: String)
    /// The directory cannot be made, read or written.
    case unusableDirectory(String, reason: String)
    /// There is no such segment in the directory, or it cannot be read.
    case unreadableSegment(String, reason: String)
}

extension JournalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidSetting(let setting, let value, let allowed):
            "the journal's \(setting) \"\(value)\" is not allowed: use \(allowed)"
        case .unusableDirectory(let path, let reason):
            "the journal's directory \"\(path)\" cannot be used (\(reason)): name a directory that this user may write"
        case .unreadableSegment(let name, let reason):
            "the segment \"\(name)\" cannot be read (\(reason)): name one that the journal's directory lists"
        }
    }
}
