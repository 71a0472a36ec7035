import HTTPTypes
import HummingbirdCore
import HummingbirdSluice
import NIOCore
package import SluiceCore
package import SluiceGateway

/// Answers `POST /api/ai/triage`: puts an operator's question, and what is known of a user, to the configured model.
package struct TriageDesk: Sendable {
    /// What it knows of users and of the service.
    package struct Sources: Sendable {
        /// A user's windows now.
        let peek: @Sendable (UserID) async throws -> Peek
        /// A user's last 24 hours.
        let history: @Sendable (UserID) async throws -> UserFacts
        /// How the service is, in lines for a person.
        let status: @Sendable () -> [String]

        package init(
            peek: @escaping @Sendable (UserID) async throws -> Peek,
            history: @escaping @Sendable (UserID) async throws -> UserFacts,
            status: @escaping @Sendable () -> [String]
        ) {
            self.peek = peek
            self.history = history
            self.status = status
        }
    }

    /// How long a model may take.
    private static let patience = Duration.seconds(120)

    private let model: String?
    private let routing: UpstreamRouting
    private let desk: ModelDesk
    private let prices: PriceBook
    private let sources: Sources

    /// - Parameter model: `nil` where none is configured.
    package init(model: String?, routing: UpstreamRouting, desk: ModelDesk, prices: PriceBook, sources: Sources) {
        self.model = model
        self.routing = routing
        self.desk = desk
        self.prices = prices
        self.sources = sources
    }

    /// - Parameter origin: of the call, from the request's body and what is reserved.
    func answer(
        _ asked: RoutedRequest, origin: (ByteBuffer, Reservation) -> CallOrigin
    ) async throws -> Response {
        let body = try await asked.body()
        let request = try TriageRequest(body)
        let (model, kind, target) = try configured()
        let prompt: TriagePrompt
        let question: GatewayRequest
        do throws(GatewayRequestError) {
            prompt = try TriagePrompt(
                question: request.question, context: request.context, facts: await facts(of: request.subject))
            question = try GatewayRequest(kind: kind, body: prompt.body(for: kind, model: model)) { _ in target.model }
        } catch {
            throw ServiceError.invalid(FieldError(field: error.field, reason: error.reason))
        }
        let reservation = Reservation(
            inputTokens: question.reservation.inputTokens, outputTokens: question.reservation.outputTokens,
            cost: question.cost(by: prices.prices))
        let admitted = try await asked.gate.admit(
            asked.principal, on: asked.route, model: model, origin: origin(body, reservation))
        let answer = try await ask(question, kind, target.upstream, for: admitted)
        return Response.triaged(answer, admitted.admission)
    }

    private func configured() throws(ServiceError) -> (String, EndpointKind, UpstreamRouting.Target) {
        guard let model else {
            throw .notConfigured(detail: "no model for triage is configured: set SLUICE_TRIAGE_MODEL")
        }
        // A model that a route names is where the route says; else the default upstream of either kind answers.
        for kind in [EndpointKind.chat, .messages] {
            if let target = routing.target(of: model, for: kind) { return (model, kind, target) }
        }
        throw .notConfigured(
            detail: "no upstream answers for the model of SLUICE_TRIAGE_MODEL: set SLUICE_OPENAI_BASE_URL or"
                + " SLUICE_ANTHROPIC_BASE_URL")
    }

    /// What cannot be read is left out and said to be: an outage is when people ask.
    private func facts(of user: UserID?) async -> TriageFacts {
        guard let user else { return TriageFacts(subject: nil, status: sources.status()) }
        async let peek = try? sources.peek(user)
        async let history = try? sources.history(user)
        return TriageFacts(
            subject: TriageFacts.Subject(user: user, peek: await peek, history: await history),
            status: sources.status())
    }

    private func ask(
        _ question: GatewayRequest, _ kind: EndpointKind, _ upstream: Upstream, for admitted: AdmittedCall
    ) async throws(ServiceError) -> TriageAnswer {
        let start = ContinuousClock.now
        var status: Int?
        do {
            let reply = try await desk.complete(
                question.body, on: upstream, for: admitted, deadline: start + Self.patience)
            status = reply.status
            guard (200..<300).contains(reply.status) else {
                throw TriageAnswerError(status: reply.status, body: reply.bytes)
            }
            let answer = try TriageAnswer(kind: kind, body: reply.bytes, request: question)
            await desk.settle(
                admitted, usage: answer.usage, basis: answer.basis, model: answer.model, status: reply.status,
                duration: start.duration(to: .now))
            return answer
        } catch {
            // Of an answer that could not be read, or did not come, the question was paid for nonetheless.
            let isPaid = status.map { (200..<300).contains($0) } ?? ((error as? ProxyFailure)?.isFree == false)
            await desk.settle(
                admitted, usage: isPaid ? TokenUsage(input: question.reservation.inputTokens) : .zero,
                basis: isPaid ? .estimated : .measured, model: nil, status: status,
                duration: start.duration(to: .now))
            throw .status(.badGateway, detail: "\(error)")
        }
    }
}
