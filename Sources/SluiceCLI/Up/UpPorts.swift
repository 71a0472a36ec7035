/// The ports of the replicas that `sluice up` starts, one each.
struct UpPorts: Equatable, Sendable {
    let ports: [Int]

    static let fallback = "8080,8081"
    static let variable = "SLUICE_UP_PORTS"

    /// - Throws: ``ConfigurationError`` unless the text is 1 to 16 distinct ports.
    init(_ text: String, source: String) throws(ConfigurationError) {
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        let ports = items.compactMap { Int($0) }.filter { (1...65_535).contains($0) }
        guard ports.count == items.count, Set(ports).count == ports.count, ports.count <= 16 else {
            throw ConfigurationError(problems: [
                ConfigurationProblem(
                    key: source, value: text, source: "ports of sluice up",
                    reason: "must be 1 to 16 distinct ports of 1 to 65535, such as \(Self.fallback)")
            ])
        }
        self.ports = ports
    }

    /// - Throws: ``CommandError`` naming the process that holds a port and how to choose others.
    func checkFree(host: String) throws(CommandError) {
        for port in ports {
            try PortOwner.checkFree(
                port, host: host, otherwise: "choose other ports: \(Self.variable)=\(port + 100),\(port + 101)")
        }
    }
}
