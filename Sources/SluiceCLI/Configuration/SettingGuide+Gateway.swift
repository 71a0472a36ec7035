extension Setting {
    var identityGuide: SettingGuide {
        switch self {
        case .jwtSecret:
            SettingGuide(
                summary: "The secret of JSON Web Tokens that are signed with HS256.",
                allowed: "32 bytes or more", fallback: "none: no such token is let in")
        case .jwksURL:
            SettingGuide(
                summary: "Where the issuer's public keys are, for tokens signed with RS256, ES256 or EdDSA.",
                allowed: "https://…, or http:// on a loopback address", fallback: "none")
        case .jwksFile:
            SettingGuide(
                summary: "A file with the issuer's public keys, instead of `JWKS_URL`; read again when it changes.",
                allowed: "a file", fallback: "none")
        case .jwtIssuer:
            SettingGuide(
                summary: "What a token's `iss` must be.", allowed: "any text", fallback: "none: any issuer")
        case .jwtAudience:
            SettingGuide(
                summary: "What a token's `aud` must be or hold.", allowed: "any text", fallback: "none: any audience")
        case .jwtLeeway:
            SettingGuide(
                summary: "How far the issuer's clock may be off, in seconds.", allowed: "0 to 600", fallback: "30")
        default:
            SettingGuide(
                summary:
                    "How long an API key that was valid is let in while the database cannot be asked, in seconds.",
                allowed: "0 to 604800", fallback: "3600")
        }
    }

    var edgeGuide: SettingGuide {
        switch self {
        case .addressRequests:
            SettingGuide(
                summary:
                    "Requests that one client address (IPv6: one /64) may make in one window, whoever it is; 0 for any"
                    + " number. Callers with a service's key are exempt.",
                allowed: "0 to 1000000", fallback: "100")
        case .addressWindow:
            SettingGuide(
                summary: "Length of that window, in seconds.", allowed: "1 to 86400", fallback: "60")
        case .trustedProxies:
            SettingGuide(
                summary: "Proxies whose word about the client's address is taken.",
                allowed: "comma-separated addresses and networks, such as `10.0.0.0/8, 2001:db8::/32`",
                fallback: "none: the address is that of the connection")
        case .forwardedHeader:
            SettingGuide(
                summary: "The header in which those proxies say it.", allowed: "x-forwarded-for, forwarded",
                fallback: "x-forwarded-for")
        default:
            SettingGuide(
                summary: "Origins whose pages may read answers (CORS).",
                allowed: "comma-separated origins, such as `https://console.example.com`", fallback: "none")
        }
    }

    var gatewayGuide: SettingGuide {
        switch self {
        case .openAIBaseURL:
            SettingGuide(
                summary: "Where calls to the OpenAI-compatible endpoints go, as OpenAI's own clients are told it.",
                allowed: "https://…, or http://…", fallback: "https://api.openai.com/v1 with a key, else none")
        case .openAIKey:
            SettingGuide(
                summary: "The key that those calls carry.", allowed: "visible ASCII", fallback: "none")
        case .anthropicBaseURL:
            SettingGuide(
                summary: "Where calls to `/v1/messages` go, as Anthropic's own clients are told it.",
                allowed: "https://…, or http://…", fallback: "https://api.anthropic.com with a key, else none")
        case .anthropicKey:
            SettingGuide(
                summary: "The key that those calls carry.", allowed: "visible ASCII", fallback: "none")
        case .triageModel:
            SettingGuide(
                summary: "The model that answers `POST /api/ai/triage`.", allowed: "1 to 256 bytes",
                fallback: "none: triage answers 503")
        case .upstreamTimeout:
            SettingGuide(
                summary: "How long a model may take to begin its answer, and between two pieces of it, in seconds.",
                allowed: "1 to 3600", fallback: "120")
        case .onHangUp:
            SettingGuide(
                summary:
                    "What becomes of an answer whose client has gone: cut off and estimated, or read to its end for what"
                    + " it cost.",
                allowed: "cancel, drain", fallback: "cancel")
        case .bodyMaximum:
            SettingGuide(
                summary: "Bytes that the body of a call to a model may have.",
                allowed: "1024 to 1073741824", fallback: "20971520")
        default:
            SettingGuide(
                summary:
                    "How long a call may be open before what was reserved for it is booked in its stead, in seconds.",
                allowed: "60 to 86400", fallback: "1200")
        }
    }
}
