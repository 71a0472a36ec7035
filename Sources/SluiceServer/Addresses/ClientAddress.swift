/// An IP address: 128 bits, an IPv4 address as its IPv4-mapped form (`::ffff:a.b.c.d`), which is thereby the same address.
struct ClientAddress: Hashable, Sendable {
    let bits: UInt128

    init(bits: UInt128) {
        self.bits = bits
    }

    init(ipv4: UInt32) {
        bits = 0xFFFF_0000_0000 | UInt128(ipv4)
    }

    var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// Parses an address alone: IPv4 with four decimal numbers, or IPv6 (RFC 4291), whose zone (`%eth0`) is dropped.
    init?(_ text: some StringProtocol) {
        if let address = Self.ipv4(text) {
            self.init(ipv4: address)
        } else {
            guard let bits = Self.ipv6(text.prefix { $0 != "%" }) else { return nil }
            self.init(bits: bits)
        }
    }

    /// Parses an address as proxies write it, which may have a port: `192.0.2.1:443`, `[2001:db8::1]:443`.
    init?(node text: some StringProtocol) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"),
                let bits = Self.ipv6(text[..<end].dropFirst().prefix { $0 != "%" }),
                Self.isPort(text[end...].dropFirst())
            else { return nil }
            self.init(bits: bits)
        } else if let colon = text.firstIndex(of: ":"), text[colon...].dropFirst().allSatisfy({ $0 != ":" }) {
            guard let address = Self.ipv4(text[..<colon]), Self.isPort(text[colon...]) else { return nil }
            self.init(ipv4: address)
        } else {
            self.init(text)
        }
    }

    /// Nothing, or a colon and a number. Which one does not matter: RFC 7239 lets proxies hide it, too.
    private static func isPort(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty else { return true }
        return text.first == ":" && (2...6).contains(text.utf8.count)
            && text.utf8.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension ClientAddress {
    /// Four numbers up to 255 without leading zeros, which some read as octal.
    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let number = number(part, radix: 10, digits: 3), number < 256, part.count == 1 || part.first != 0x30
            else { return nil }
            address = address << 8 | number
        }
        return address
    }

    /// Eight groups of 16 bits; `::` stands for one or more that are zero; the last two may be written as IPv4.
    private static func ipv6(_ text: some StringProtocol) -> UInt128? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = groups(text), groups.count == 8 else { return nil }
            return joined(groups)
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 8, !text[..<gap.lowerBound].contains(".")
        else { return nil }
        return joined(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let address = ipv4(part) {
                groups += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard let group = number(part.utf8, radix: 16, digits: 4) else { return nil }
                groups.append(UInt16(group))
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func joined(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func number(_ text: some Collection<UInt8>, radix: UInt32, digits: Int) -> UInt32? {
        guard (1...digits).contains(text.count) else { return nil }
        var value: UInt32 = 0
        for byte in text {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { return nil }
            value = value * radix + UInt32(digit)
        }
        return value
    }
}
