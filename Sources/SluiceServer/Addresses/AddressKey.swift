/// Whose requests are counted together: an IPv4 address, or an IPv6 network of 64 bits, which is what one customer has at
/// least; and everybody without an address.
enum AddressKey: Hashable, Sendable {
    case ipv4(UInt32)
    case ipv6(UInt64)
    case none

    init(_ address: ClientAddress?) {
        guard let address else {
            self = .none
            return
        }
        self =
            address.isIPv4
            ? .ipv4(UInt32(truncatingIfNeeded: address.bits)) : .ipv6(UInt64(truncatingIfNeeded: address.bits >> 64))
    }
}
