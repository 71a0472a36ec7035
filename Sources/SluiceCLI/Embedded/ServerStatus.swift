import FoundationEssentials

/// What the server says of itself in `postmaster.pid`.
struct ServerStatus: Equatable, Sendable {
    let process: Int32
    let isReady: Bool

    /// `nil` while there is no such file, or only a part of it.
    init?(_ layout: ClusterLayout) {
        guard let text = try? String(contentsOfFile: layout.processFile, encoding: .utf8) else { return nil }
        self.init(text: text)
    }

    /// The first line is the process, the eighth the state, padded with spaces.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let process = lines.first.flatMap({ Int32($0) }) else { return nil }
        self.process = process
        isReady = lines.count > 7 && lines[7].hasPrefix("ready")
    }
}
