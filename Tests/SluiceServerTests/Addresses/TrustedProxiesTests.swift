import HTTPTypes
import HummingbirdSluice
import Testing

@testable import SluiceServer

@Suite struct TrustedProxiesTests {
    private func client(
        _ peer: String?, _ fields: [(HTTPField.Name, String)], trusting: [String] = ["10.0.0.0/8", "fd00::/8"],
        by header: TrustedProxies.Header = .xForwardedFor
    ) throws -> ClientAddress? {
        var headers = HTTPFields()
        for (name, value) in fields { headers.append(HTTPField(name: name, value: value)) }
        return try TrustedProxies(trusting, header: header)
            .client(of: peer.flatMap { ClientAddress($0) }, headers: headers)
    }

    @Test(arguments: [
        // Who is no proxy says nothing about others, and nothing about itself.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"), ("203.0.113.9", "10.0.0.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        // What the client sent itself stands to the left of what the proxy says.
        ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"), ("10.0.0.1", "10.0.0.2,198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "garbage, 198.51.100.1", "198.51.100.1"),
        // Garbage ends the walk at the last who is known.
        ("10.0.0.1", "198.51.100.1, garbage", "10.0.0.1"), ("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1,", "10.0.0.1"), ("10.0.0.1", "", "10.0.0.1"),
        // A client within the network of the proxies.
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"), ("10.0.0.1", "198.51.100.1:5555", "198.51.100.1"),
        ("fd00::1", "[2001:db8::7]:443", "2001:db8::7"), ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ])
    func theWalkEndsAtTheFirstWhoIsNotTrusted(peer: String, field: String, expected: String) throws {
        #expect(try client(peer, [(.xForwardedFor, field)]) == ClientAddress(expected))
    }

    @Test func severalFieldsAreOneList() throws {
        let fields: [(HTTPField.Name, String)] = [
            (.xForwardedFor, "192.0.2.66"), (.xForwardedFor, "198.51.100.1"), (.xForwardedFor, "10.0.0.2"),
        ]
        #expect(try client("10.0.0.1", fields) == ClientAddress("198.51.100.1"))
    }

    @Test func onlyTheConfiguredFieldIsRead() throws {
        let fields: [(HTTPField.Name, String)] = [
            (.xForwardedFor, "198.51.100.1"), (.forwarded, "for=198.51.100.2"),
        ]
        #expect(try client("10.0.0.1", fields) == ClientAddress("198.51.100.1"))
        #expect(try client("10.0.0.1", fields, by: .forwarded) == ClientAddress("198.51.100.2"))
        #expect(try client("10.0.0.1", [(.forwarded, "for=198.51.100.2")]) == ClientAddress("10.0.0.1"))
    }

    @Test(arguments: [
        ("for=198.51.100.1", "198.51.100.1"), ("For=\"198.51.100.1:80\";proto=https;by=10.0.0.1", "198.51.100.1"),
        ("for=\"[2001:db8::7]:443\"", "2001:db8::7"), ("for=192.0.2.66, for=198.51.100.1", "198.51.100.1"),
        ("for=192.0.2.66;by=\"a,b;for=1.1.1.1\"", "192.0.2.66"), ("for=198.51.100.1, for=_hidden", "10.0.0.1"),
        ("for=198.51.100.1, for=unknown", "10.0.0.1"), ("proto=https", "10.0.0.1"), ("", "10.0.0.1"),
        ("for=\"198.51.100.1", "10.0.0.1"), ("for=1.1.1.1;for=198.51.100.1", "10.0.0.1"),
        ("for=\"198.51.100\\.1\"", "10.0.0.1"),
    ])
    func readsForwarded(field: String, expected: String) throws {
        #expect(try client("10.0.0.1", [(.forwarded, field)], by: .forwarded) == ClientAddress(expected))
    }

    @Test func withoutProxiesOrAnAddressNothingIsBelieved() throws {
        #expect(try client("10.0.0.1", [(.xForwardedFor, "1.1.1.1")], trusting: []) == ClientAddress("10.0.0.1"))
        #expect(try client(nil, [(.xForwardedFor, "1.1.1.1")], trusting: ["0.0.0.0/0", "::/0"]) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("::/0", "2001:db8::1", true), ("::/0", "203.0.113.1", false), ("2001:db8::/32", "2001:db8:ffff::", true),
        ("2001:db8::/33", "2001:db8:ffff::", false), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
    ])
    func blocksHoldWhatBeginsAlike(block: String, address: String, isIn: Bool) throws {
        #expect(try CIDR(block).contains(#require(ClientAddress(address))) == isIn)
    }

    @Test(arguments: [
        ("10.0.0.1/8", ServiceConfigurationError.networkWithHostBits("10.0.0.1/8")),
        ("2001:db8::1/64", .networkWithHostBits("2001:db8::1/64")), ("10.0.0.0/33", .notANetwork("10.0.0.0/33")),
        ("::/129", .notANetwork("::/129")), ("10.0.0.0/", .notANetwork("10.0.0.0/")), ("", .notANetwork("")),
        ("proxy.local", .notANetwork("proxy.local")), ("10.0.0.0/+8", .notANetwork("10.0.0.0/+8")),
        ("10.0.0.0/8/8", .notANetwork("10.0.0.0/8/8")),
    ])
    func whatIsNoBlockStopsTheStart(text: String, expected: ServiceConfigurationError) {
        let error = #expect(throws: ServiceConfigurationError.self) { try TrustedProxies(["10.0.0.0/8", text]) }
        #expect(error == expected)
        #expect(expected.description.contains(text))
    }
}
