import Testing

@testable import SluiceServer

@Suite struct ClientAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "::ffff:192.0.2.1"), ("192.0.2.1", "::FFFF:C000:201"), ("2001:db8::1", "2001:0DB8:0:0:0:0:0:1"),
        ("::", "0:0:0:0:0:0:0:0"), ("::1", "0:0:0:0:0:0:0:1"), ("1::", "1:0:0:0:0:0:0:0"), ("fe80::1", "fe80::1%eth0"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func oneAddressHasManySpellings(one: String, other: String) {
        #expect(ClientAddress(one) != nil)
        #expect(ClientAddress(one) == ClientAddress(other))
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2..4", " 1.2.3.4", "1.2.3.4 ", "0x1.2.3.4",
        "1.2.3.-4", "1234", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "12345::", "g::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "[::1]", "%eth0", "1.2.3.4%eth0", "::1/64", "unknown",
        "１.2.3.4", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7",
    ])
    func whatIsNoAddress(text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test(arguments: [
        ("192.0.2.1:443", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("[fe80::1%eth0]:1", "fe80::1"),
    ])
    func proxiesAddPorts(node: String, address: String) {
        #expect(ClientAddress(node: node) == ClientAddress(address))
    }

    @Test(arguments: [
        "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:123456", "[::1", "[::1]443", "[::1]:", "[]", "[192.0.2.1]", ":80", "_x",
        "unknown", "",
    ])
    func whatIsNoNode(node: String) {
        #expect(ClientAddress(node: node) == nil)
    }

    @Test func ipv6IsCountedByNetwork() {
        func key(_ text: String) -> AddressKey { AddressKey(ClientAddress(text)) }
        #expect(key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"))
        #expect(key("2001:db8:1:2::1") != key("2001:db8:1:3::1"))
        #expect(key("192.0.2.1") != key("192.0.2.2"))
        #expect(key("::ffff:192.0.2.1") == key("192.0.2.1"))
        // Not the network ::/64, whose first 64 bits are those of an IPv4 address.
        #expect(key("::1") != key("0.0.0.1") && key("::1") != AddressKey(nil))
    }
}
