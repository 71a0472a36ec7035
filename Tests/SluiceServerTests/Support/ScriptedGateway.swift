import HTTPTypes
import HummingbirdCore
import NIOCore
import SluiceCore
import Synchronization

@testable import SluiceServer

/// A gateway whose provider is a list of the calls that reached it.
final class ScriptedGateway: GatewayRoutes {
    private let forwarded = Mutex<[Call]>([])

    var calls: [Call] { forwarded.withLock { $0 } }

    func handle(_ request: RoutedRequest) async throws -> Response {
        guard request.route.meter == .call else { return Response(status: .ok, body: ResponseBody()) }
        _ = try await request.body()
        let origin = CallOrigin(attempt: 2, reservation: Reservation(inputTokens: 1, outputTokens: 2))
        let admitted = try await request.gate.admit(
            request.principal, on: request.route, model: "m", origin: origin)
        return forward(admitted)
    }

    private func forward(_ admitted: AdmittedCall) -> Response {
        forwarded.withLock { $0.append(admitted.call) }
        return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "{}")))
    }
}
