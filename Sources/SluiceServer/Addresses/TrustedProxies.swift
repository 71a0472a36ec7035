import HTTPTypes
import HummingbirdSluice

/// Finds the address of the client behind proxies, believing none but those that are known.
///
/// Each proxy appends the address it was asked from. So the list is walked from its right end, the youngest word, for as
/// long as the one who said it is a proxy that is trusted; whatever a client itself sent lies beyond that.
package struct TrustedProxies: Sendable {
    /// The field that the proxies write. The other one is not read: a client may send it through them.
    package enum Header: String, Sendable, CaseIterable {
        case xForwardedFor = "x-forwarded-for"
        case forwarded
    }

    private let blocks: [CIDR]
    private let header: Header

    /// - Parameter blocks: such as `10.0.0.0/8` or `2001:db8::1`.
    /// - Throws: ``ServiceConfigurationError`` naming the one that is none.
    package init(_ blocks: [String] = [], header: Header = .xForwardedFor) throws(ServiceConfigurationError) {
        var parsed: [CIDR] = []
        for block in blocks { parsed.append(try CIDR(block)) }
        self.blocks = parsed
        self.header = header
    }

    private init() {
        blocks = []
        header = .xForwardedFor
    }

    /// Nobody is believed: the client is who is connected.
    package static let none = TrustedProxies()

    /// - Parameter peer: the other end of the connection; `nil`, as for a Unix socket, has no address to trust.
    func client(of peer: ClientAddress?, headers: HTTPFields) -> ClientAddress? {
        guard let peer, isTrusted(peer) else { return peer }
        var client = peer
        for address in hops(headers).reversed() {
            guard let address else { return client }
            client = address
            if !isTrusted(client) { return client }
        }
        return client
    }

    private func isTrusted(_ address: ClientAddress) -> Bool {
        blocks.contains { $0.contains(address) }
    }

    /// The addresses in the order of the field, `nil` for what is none.
    private func hops(_ headers: HTTPFields) -> [ClientAddress?] {
        switch header {
        case .xForwardedFor:
            headers[values: .xForwardedFor].flatMap { value in
                value.split(separator: ",", omittingEmptySubsequences: false)
                    .map { ClientAddress(node: $0.trimmingSpace) }
            }
        case .forwarded:
            headers[values: .forwarded].flatMap { ForwardedField.addresses($0) }
        }
    }
}

extension StringProtocol {
    /// Without the spaces and tabs around it.
    var trimmingSpace: SubSequence {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let last = lastIndex(where: { !isSpace($0) }) else { return self[endIndex...] }
        return self[...last].drop(while: isSpace)
    }
}
