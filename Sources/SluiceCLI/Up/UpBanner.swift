/// What `sluice up` prints once everything runs.
struct UpBanner: Sendable {
    let ports: [Int]
    let host: String
    /// The key that Sluice made; `nil` when the person configured keys, which are not repeated.
    let key: String?
    let databaseURL: String
    let logs: String

    /// A user to try with.
    static let user = "6f1c9a52-7d3e-4b8a-9c55-0e2f6a1b3c4d"

    var text: String {
        """

        Sluice is up: \(ports.count) replicas on one PostgreSQL. Ctrl-C stops all of it.

          replicas  \(ports.map(base).joined(separator: "  "))
          key       \(key ?? "as configured; put it into KEY")
          database  psql '\(databaseURL)'
          logs      \(logs)

        Try:

          KEY=\(key ?? "…")
        \(curls.map { "  \($0)" }.joined(separator: "\n"))

        """
    }

    /// Two calls and a look, over two replicas when there are two.
    private var curls: [String] {
        let authorization = #"-H "Authorization: Bearer $KEY""#
        let body = #"--json '{"user":"\#(Self.user)"}'"#
        let (first, last) = (ports.first ?? 0, ports.last ?? 0)
        return [
            "curl -i \(authorization) \(body) \(base(first))/v1/admit",
            "curl -i \(authorization) \(body) \(base(last))/v1/peek",
            "curl -i \(authorization) \(base(last))/v1/users/\(Self.user)/window",
        ]
    }

    private func base(_ port: Int) -> String { "http://\(host):\(port)" }
}
