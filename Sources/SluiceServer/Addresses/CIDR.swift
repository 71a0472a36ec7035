/// A block of addresses: those that begin with the same bits.
struct CIDR: Hashable, Sendable {
    let network: ClientAddress
    /// Of 128 bits, so that it is 96 more than is written for IPv4.
    let prefix: Int

    /// Parses `10.0.0.0/8`, `2001:db8::/32`, or an address alone, which is a block of one.
    ///
    /// - Throws: ``ServiceConfigurationError`` saying what to write instead.
    init(_ text: String) throws(ServiceConfigurationError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = ClientAddress(parts[0]) else { throw .notANetwork(text) }
        let isShort = address.isIPv4 && !parts[0].contains(":")
        var prefix = 128
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
                length <= (isShort ? 32 : 128)
            else { throw .notANetwork(text) }
            prefix = isShort ? 96 + length : length
        }
        let mask: UInt128 = prefix == 0 ? 0 : .max << (128 - prefix)
        guard address.bits & ~mask == 0 else { throw .networkWithHostBits(text) }
        network = address
        self.prefix = prefix
    }

    /// An IPv6 block holds no IPv4 address, although `::/0` would by its bits.
    func contains(_ address: ClientAddress) -> Bool {
        address.isIPv4 == (network.isIPv4 && prefix >= 96) && (address.bits ^ network.bits) >> (128 - prefix) == 0
    }
}
