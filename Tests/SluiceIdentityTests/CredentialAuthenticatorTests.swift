import SluiceCore
import SluiceIdentity
import Testing

@Suite("CredentialAuthenticator", .timeLimit(.minutes(10)))
struct CredentialAuthenticatorTests {
    private static let serviceKey = "static-service-key-of-32-characters-or-more"
    private let bench = TokenBench()
    private let store = ScriptedKeyStore()

    private var authenticator: CredentialAuthenticator {
        let clock = bench.clock
        return CredentialAuthenticator(
            serviceKeys: StaticServiceKeys([KeyDigest(of: Self.serviceKey)]),
            directory: KeyDirectory(
                store, settings: .init(deadline: .seconds(600)), now: { clock.now }, uptime: { clock.uptime }),
            tokens: bench.verifier)
    }

    @Test("key and token of one user are that user")
    func sameUser() async throws {
        let secret = APIKeySecret()
        store.set(.test(secret, user: bench.user), for: secret)
        let token = try Signer.hs256(TokenBench.secret).token(bench.claims())
        for credential in [secret.reveal(), token] {
            guard case .known(let principal) = await authenticator.authenticate(credential) else {
                Issue.record("not let in")
                continue
            }
            #expect(principal.user == bench.user && principal.role == .agent)
        }
    }

    @Test("a static key is a service of no user, and needs no store")
    func service() async {
        store.fail(StoreError(.unavailable, "scripted"))
        let authenticator = authenticator
        #expect(
            await authenticator.authenticate(Self.serviceKey)
                == .known(Principal(user: nil, role: .service, credential: .serviceKey)))
        #expect(authenticator.isServiceKey(Self.serviceKey) && authenticator.isKnownService(Self.serviceKey))
        #expect(!authenticator.isServiceKey(Self.serviceKey + "x") && !authenticator.isKnownService(""))
    }

    @Test("an API key of a service counts as a service once it was seen")
    func apiKeyOfService() async {
        let (secret, authenticator) = (APIKeySecret(), authenticator)
        store.set(.test(secret, role: .service), for: secret)
        #expect(!authenticator.isKnownService(secret.reveal()))
        _ = await authenticator.authenticate(secret.reveal())
        #expect(authenticator.isKnownService(secret.reveal()) && !authenticator.isServiceKey(secret.reveal()))
    }

    @Test("what can be no credential is refused without asking the store")
    func malformed() async {
        let key = APIKeySecret().reveal()
        for credential in [
            "", "x", "sk_sluice_", key.dropLast() + "-", key + "x", "sk-proj-abc", "a.b", "a.b.c.d", key.lowercased(),
            String(repeating: "sk_sluice_", count: 1_000_000), "\u{0}", "é", "Bearer x",
        ] {
            #expect(await authenticator.authenticate(credential) == .rejected(.malformed))
        }
        #expect(store.finds == 0)
    }

    @Test("without a directory or a verifier their credentials are unknown")
    func bare() async throws {
        let bare = CredentialAuthenticator(serviceKeys: StaticServiceKeys(), directory: nil, tokens: nil)
        for credential in [APIKeySecret().reveal(), try Signer.hs256(TokenBench.secret).token(bench.claims())] {
            #expect(await bare.authenticate(credential) == .rejected(.unknown))
        }
        #expect(await bare.authenticate(Self.serviceKey) == .rejected(.malformed))
    }
}
