// Who is let in, what stands in front, and where calls go.
extension SettingReader {
    mutating func identity(on machine: Machine) -> ProgramConfiguration.Identity {
        let secret: String? = parse(.jwtSecret, default: nil) { text throws(Rejection) in
            // RFC 7518 section 3.2: as many bits as the hash has, or more.
            guard text.utf8.count >= 32 else {
                throw Rejection(
                    "is \(text.utf8.count) bytes long: use 32 or more, as `openssl rand -hex 32` makes")
            }
            return text
        }
        return ProgramConfiguration.Identity(
            secret: secret, keySet: keySet(on: machine), issuer: optional(.jwtIssuer), audience: optional(.jwtAudience),
            leeway: seconds(.jwtLeeway, 0...600, default: 30),
            keyGrace: seconds(.keyGrace, 0...604_800, default: 3_600))
    }

    private mutating func keySet(on machine: Machine) -> ProgramConfiguration.Identity.KeySet? {
        let url: String? = parse(.jwksURL, default: nil) { text throws(Rejection) in
            guard let address = WebAddress(text), address.isHTTPS || address.isLoopback else {
                throw Rejection("is no usable address: use https://…, or http:// on a loopback address")
            }
            return text
        }
        let file = values[.jwksFile] == nil ? nil : folder(.jwksFile, default: "/", on: machine)
        if url != nil, file != nil {
            reject(.jwksFile, "stands beside \(Setting.jwksURL.variable): keep one of them")
        }
        return url.map { .url($0) } ?? file.map { .file($0) }
    }

    mutating func edge() -> ProgramConfiguration.Edge {
        ProgramConfiguration.Edge(
            requests: Int(integer(.addressRequests, 0...1_000_000, default: 100)),
            window: seconds(.addressWindow, 1...86_400, default: 60),
            trustedProxies: parse(.trustedProxies, default: []) { text throws(Rejection) in Self.items(text) },
            forwardedHeader: choice(.forwardedHeader, default: .xForwardedFor),
            corsOrigins: parse(.corsOrigins, default: []) { text throws(Rejection) in
                let origins = Self.items(text)
                for origin in origins where WebAddress(origin)?.isOrigin != true {
                    throw Rejection("holds \(origin), which is no origin: write https://console.example.com")
                }
                return origins
            })
    }

    mutating func gateway() -> ProgramConfiguration.Gateway {
        let (openAIKey, anthropicKey) = (upstreamKey(.openAIKey), upstreamKey(.anthropicKey))
        let fromEnvironment = [
            upstream("openai", .openai, .openAIBaseURL, openAIKey),
            upstream("anthropic", .anthropic, .anthropicBaseURL, anthropicKey),
        ]
        return ProgramConfiguration.Gateway(
            upstreams: values.upstreams + fromEnvironment.compactMap { $0 }, routes: values.routes,
            openAIKey: openAIKey, anthropicKey: anthropicKey,
            triageModel: optional(.triageModel, maximum: 256),
            timeout: seconds(.upstreamTimeout, 1...3_600, default: 120), onHangUp: choice(.onHangUp, default: .cancel),
            bodyMaximum: Int(integer(.bodyMaximum, 1_024...1 << 30, default: 20 << 20)),
            lease: seconds(.callLease, 60...86_400, default: 1_200))
    }

    /// One that is set by the environment alone; `nil` where neither its address nor its key is.
    private mutating func upstream(
        _ name: String, _ kind: UpstreamEntry.Kind, _ setting: Setting, _ key: String?
    ) -> UpstreamEntry? {
        let url: String? = parse(setting, default: nil) { text throws(Rejection) in
            guard WebAddress(text) != nil else { throw Rejection("is no usable address: use https://…") }
            return text
        }
        guard url != nil || key != nil else { return nil }
        guard !values.upstreams.contains(where: { $0.name == name }) else {
            reject(setting, "names the upstream \(name), which the configuration file has too: keep one of them")
            return nil
        }
        return UpstreamEntry(
            name: name, kind: kind, baseURL: url ?? kind.baseURL, key: key.map { .text($0) } ?? .none)
    }

    private mutating func upstreamKey(_ setting: Setting) -> String? {
        parse(setting, default: nil) { text throws(Rejection) in
            guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw Rejection("holds a character that a header cannot: use visible ASCII")
            }
            return text
        }
    }

    private mutating func optional(_ setting: Setting, maximum: Int = 1_024) -> String? {
        parse(setting, default: nil) { text throws(Rejection) in
            guard text.utf8.count <= maximum, !text.utf8.contains(0) else {
                throw Rejection("is \(text.utf8.count) bytes long or holds U+0000: use at most \(maximum) bytes")
            }
            return text
        }
    }

    private mutating func seconds(_ setting: Setting, _ range: ClosedRange<Int64>, default fallback: Int64) -> Duration
    {
        .seconds(integer(setting, range, default: fallback))
    }
}
