import HTTPTypes
import Hummingbird
package import HummingbirdCore
import HummingbirdSluice
import NIOCore
import SluiceCore
package import SluiceGateway

/// Passes calls of the providers' own SDKs on to the providers: counted first, settled after.
package struct Gateway: GatewayRoutes {
    private let routing: UpstreamRouting
    private let desk: ModelDesk
    private let prices: PriceBook
    private let logicalCalls: LogicalCall
    private let triage: TriageDesk

    /// - Parameter secret: the same on all replicas, and known to nobody who reads the ledger.
    package init(
        routing: UpstreamRouting, desk: ModelDesk, prices: PriceBook, triage: TriageDesk, secret: String
    ) {
        self.routing = routing
        self.desk = desk
        self.prices = prices
        self.triage = triage
        logicalCalls = LogicalCall(secret: secret)
    }

    package func handle(_ asked: RoutedRequest) async throws -> Response {
        switch asked.route {
        case .chatCompletions: try await call(.chat, asked)
        case .responses: try await call(.responses, asked)
        case .embeddings: try await call(.embeddings, asked)
        case .messages: try await call(.messages, asked)
        case .models: try await models(nil, asked)
        case .model: try await models(asked.context.pathText("model"), asked)
        case .triage:
            try await triage.answer(asked) { body, reservation in
                origin(of: asked, logicalID: logicalID(of: asked, body), reservation: reservation)
            }
        default: throw ServiceError.notFound
        }
    }

    private func call(_ kind: EndpointKind, _ asked: RoutedRequest) async throws -> Response {
        let body = try await asked.body()
        let (user, headers) = (asked.principal.user, asked.request.headers)
        let path = asked.route.path
        let (question, logicalID) = try await BodyWork.run(on: body) {
            (try read(body, as: kind), user.map { logicalCalls.id(of: $0, path: path, headers: headers, body: body) })
        }
        guard let target = routing.target(of: question.model, for: kind) else {
            throw unanswered(question.model, kind)
        }
        var reservation = question.reservation
        reservation = Reservation(
            inputTokens: reservation.inputTokens, outputTokens: reservation.outputTokens,
            cost: question.cost(by: prices.prices))
        let admitted = try await asked.gate.admit(
            asked.principal, on: asked.route, model: question.model,
            origin: origin(of: asked, logicalID: logicalID, reservation: reservation))
        let call = ProxyCall(
            kind: kind, request: question, headers: asked.request.headers, upstream: target.upstream)
        return try await answer(asked, desk.forward(call, from: asked.context.client, for: admitted, on: asked.route))
            .telling(of: admitted.admission, in: asked.context.errorShape)
    }

    /// Which models there are is known to the providers: that of the SDK that asks is asked.
    private func models(_ model: String?, _ asked: RoutedRequest) async throws -> Response {
        let isAnthropic = asked.context.errorShape == .anthropic || asked.request.headers[.anthropicVersion] != nil
        let upstream =
            routing.defaultUpstream(of: isAnthropic ? .anthropic : .openAI)
            ?? routing.defaultUpstream(of: isAnthropic ? .openAI : .anthropic) ?? routing.upstreams.first
        guard let upstream else { throw ServiceError.notConfigured(detail: Self.noUpstream) }
        let call = ProxyCall(
            model: model, query: asked.request.uri.query, headers: asked.request.headers, upstream: upstream)
        guard let call else { throw ServiceError.unknownModel(model ?? "") }
        return try await answer(asked, desk.list(call, from: asked.context.client))
    }

    private func read(_ body: ByteBuffer, as kind: EndpointKind) throws(ServiceError) -> GatewayRequest {
        do {
            return try GatewayRequest(kind: kind, body: Array(body.readableBytesView)) { model in
                routing.target(of: model, for: kind)?.model
            }
        } catch {
            throw .invalid(FieldError(field: error.field, reason: error.reason))
        }
    }

    private func logicalID(of asked: RoutedRequest, _ body: ByteBuffer) -> CallID? {
        asked.principal.user.map { user in
            logicalCalls.id(of: user, path: asked.route.path, headers: asked.request.headers, body: body)
        }
    }

    private func origin(of asked: RoutedRequest, logicalID: CallID?, reservation: Reservation) -> CallOrigin {
        CallOrigin(
            key: asked.principal.keyID, logicalID: logicalID, attempt: LogicalCall.attempt(asked.request.headers),
            reservation: reservation)
    }

    private func answer(_ asked: RoutedRequest, _ answer: ProxyAnswer) async throws -> Response {
        switch answer {
        case .failed(let failure):
            throw ServiceError.failed(failure)
        case .answered(let response):
            // Nobody will read the body of an answer to HEAD.
            guard asked.request.method != .head else {
                response.body.leave()
                return Response(response)
            }
            return try await .passing(response)
        }
    }

    private func unanswered(_ model: String, _ kind: EndpointKind) -> ServiceError {
        routing.upstreams.contains { $0.kind == kind.upstreamKind }
            ? .unknownModel(model) : .notConfigured(detail: Self.missing(kind.upstreamKind))
    }

    private static let noUpstream =
        "no upstream is configured: set SLUICE_OPENAI_BASE_URL or SLUICE_ANTHROPIC_BASE_URL"

    private static func missing(_ kind: UpstreamKind) -> String {
        let name = kind == .openAI ? "OPENAI" : "ANTHROPIC"
        return "no upstream for this endpoint is configured: set SLUICE_\(name)_BASE_URL or SLUICE_\(name)_API_KEY"
    }
}

extension ServiceContext {
    /// Who waits for an upstream's answer.
    fileprivate var client: ProxyClient {
        ProxyClient(executor: executor) { action in whenClientHangsUp(action) }
    }
}

extension Response {
    /// An upstream's answer to HEAD.
    fileprivate init(_ answer: ProxyResponse) {
        let body = ResponseBody(contentLength: answer.contentLength) { writer in try await writer.finish(nil) }
        self.init(status: answer.status, headers: answer.headers, body: body)
    }

    /// An upstream's answer: at once where all of it came in one piece, else written to the client as it comes and at its pace.
    fileprivate static func passing(_ answer: ProxyResponse) async throws -> Response {
        var bytes = answer.body.makeAsyncIterator()
        var first: ByteBuffer?
        if let length = answer.contentLength {
            do {
                first = try await bytes.next()
                if let first, first.readableBytes == length, try await bytes.next() == nil {
                    return Response(
                        status: answer.status, headers: answer.headers, body: ResponseBody(byteBuffer: first))
                }
            } catch {
                throw ServiceError.failed(error as? ProxyFailure ?? .closed)
            }
        }
        let body = ResponseBody(contentLength: answer.contentLength) { [bytes, first] writer in
            var bytes = bytes
            if let first { try await writer.write(first) }
            while let chunk = try await bytes.next() { try await writer.write(chunk) }
            try await writer.finish(nil)
        }
        return Response(status: answer.status, headers: answer.headers, body: body)
    }

    /// Adds what the user has left, and the call's name in the ledger.
    fileprivate func telling(of admission: Admission, in shape: ErrorShape) -> Response {
        var response = self
        response.headers.setRateLimit(admission.windows, at: admission.admittedAt, for: shape)
        response.headers[.sluiceCallID] = admission.callID.description
        return response
    }
}

extension ServiceError {
    fileprivate static func failed(_ failure: ProxyFailure) -> ServiceError {
        .status(.init(code: failure.status), detail: "\(failure)")
    }
}

extension HTTPField.Name {
    fileprivate static let anthropicVersion = HTTPField.Name("anthropic-version") ?? .accept
}
