import SluiceGateway
import Testing

struct BaseURLTests {
    private func upstream(_ url: String, _ kind: UpstreamKind = .openAI) throws -> Upstream {
        try Upstream(name: "a", kind: kind, baseURL: url, apiKey: "k")
    }

    @Test(arguments: [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("HTTPS://API.OpenAI.com//", "https://api.openai.com/v1"),
        ("https://x.openai.azure.com/openai/v1", "https://x.openai.azure.com/openai/v1"),
        ("http://[::1]:8000/api", "http://[::1]:8000/api"),
    ])
    func openAIsBase(url: String, root: String) throws {
        #expect(try upstream(url).baseURL.root(for: .openAI) == root)
    }

    @Test(arguments: [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1"),
        ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1"),
        ("https://proxy.example:8443/anthropic", "https://proxy.example:8443/anthropic/v1"),
    ])
    func anthropicsBase(url: String, root: String) throws {
        #expect(try upstream(url, .anthropic).baseURL.root(for: .anthropic) == root)
    }

    @Test(arguments: [
        "", "api.openai.com", "ftp://a", "https://", "https:///v1", "https://user:pass@host", "https://host?key=1",
        "https://host/#x", "https://host:0", "https://host:65536", "https://host:", "https://ho st", "https://host/a b",
        "https://host/../x", "https://host/%2e", "https://[::1", "https://[]", "https://höst", "https://host\r\n/x",
    ])
    func badOnesAreRefusedWithARemedy(url: String) throws {
        let error = #expect(throws: RoutingError.self) { try upstream(url) }
        #expect(error?.field == "base_url")
        #expect(error?.description.contains("upstream a: base_url") == true)
        #expect(error?.description.contains("pass@") == false)
    }

    @Test(arguments: ["", "a b", "a\n", "é"])
    func keysThatNoHeaderCarriesAreRefused(key: String) throws {
        let error = #expect(throws: RoutingError.self) {
            try Upstream(name: "a", kind: .openAI, baseURL: "https://host", apiKey: key)
        }
        #expect(error?.field == "api_key")
    }
}
