/// What the values of options may be. libpq itself would only say so when it connects.
enum ConnectionOptionRules {
    private static let choices: [String: [String]] = [
        "sslmode": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        "target_session_attrs": ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"],
        "channel_binding": ["disable", "prefer", "require"],
        "gssencmode": ["disable", "prefer", "require"],
    ]
    private static let numbers: Set<String> = [
        "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout",
    ]

    static func check(_ options: [ConnectionString.Option]) throws(ConnectionString.Malformed) {
        for option in options { try check(option) }
        try checkCounts(options)
    }

    private static func check(_ option: ConnectionString.Option) throws(ConnectionString.Malformed) {
        let (keyword, value) = (option.keyword, option.value)
        if let allowed = choices[keyword], !allowed.contains(value) {
            throw refusal(keyword, value, allowed.joined(separator: ", "))
        }
        if numbers.contains(keyword), Int32(value) == nil {
            throw refusal(keyword, value, "a whole number")
        }
        if keyword == "port" {
            let ports = value.split(separator: ",", omittingEmptySubsequences: false)
            guard ports.allSatisfy({ $0.isEmpty || (UInt16($0) ?? 0) > 0 }) else {
                throw refusal(keyword, value, "numbers from 1 to 65535")
            }
        }
        let encodings = ["utf8", "utf-8", "unicode"]
        if keyword == "client_encoding", !encodings.contains(value.lowercased()) {
            throw refusal(keyword, value, "UTF8, or left out")
        }
        if keyword == "replication", !["false", "off", "no", "0"].contains(value.lowercased()) {
            throw refusal(keyword, value, "left out")
        }
    }

    /// libpq matches hosts, addresses and ports one to one.
    private static func checkCounts(_ options: [ConnectionString.Option]) throws(ConnectionString.Malformed) {
        func count(_ keyword: String) -> Int? {
            options.last { $0.keyword == keyword }.map {
                $0.value.split(separator: ",", omittingEmptySubsequences: false).count
            }
        }
        let hosts = count("host") ?? count("hostaddr") ?? 1
        if let addresses = count("hostaddr"), addresses != hosts {
            throw ConnectionString.Malformed(reason: "\(hosts) hosts, but \(addresses) addresses in hostaddr")
        }
        if let ports = count("port"), ports != 1, ports != hosts {
            throw ConnectionString.Malformed(reason: "\(hosts) hosts, but \(ports) ports: give one, or one for each")
        }
    }

    private static func refusal(
        _ keyword: String, _ value: String, _ remedy: String
    ) -> ConnectionString.Malformed {
        .init(reason: "\(keyword) is '\(value)', and must be \(remedy)")
    }
}
