import HTTPTypes
import Hummingbird
import HummingbirdSluice
import Logging
import ServiceLifecycle
import Sluice

/// A service of its own whose users may ask its LLM five times a minute.
///
///     DATABASE_URL=postgres://… swift run
///     curl -i localhost:8082/ask -H 'X-User: 0b6f2d1c-8a3e-4f5b-9c7d-1e2f3a4b5c6d'
@main
enum HummingbirdMiddleware {
    static func main() async throws {
        guard let databaseURL = Environment().get("DATABASE_URL") else {
            throw Problem("set DATABASE_URL to a PostgreSQL database, such as postgres:///app")
        }
        let logger = Logger(label: "example")
        let policy = try Policy.standard(limit: 5, length: .seconds(60))
        let sluice = try Sluice(databaseURL: databaseURL, policy: policy, logger: logger)

        let router = Router()
        router.add(middleware: ProblemDetailsMiddleware())
        router.add(
            middleware: RateLimitMiddleware(limiter: sluice.limiter, policy: policy) { request, _ in
                try user(of: request)
            })
        router.get("/ask") { _, _ in
            // Here the LLM would be called. The id is the call's in the ledger.
            "the answer to call \(CurrentAdmission.value?.callID.description ?? "-")\n"
        }

        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 8082)))
        // In this order the limiter outlives the requests that need it.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [sluice, application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    /// Whoever the request's authentication says. A header that anybody may send, as here, is for trying it out only.
    private static func user(of request: Request) throws -> UserID? {
        guard let name = HTTPField.Name("x-user"), let text = request.headers[name] else { return nil }
        guard let user = UserID(text) else { throw FieldError(field: "x-user", reason: "must be a UUID") }
        return user
    }
}

/// A text for whoever starts the program.
struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
