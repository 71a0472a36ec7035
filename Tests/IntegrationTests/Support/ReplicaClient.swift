import HTTPTypes
import HummingbirdTesting
import NIOCore
import SluiceCore
import SluiceTesting

/// One connection to a replica, kept open from call to call.
struct ReplicaClient: Sendable {
    private static let headers: HTTPFields = [
        .authorization: "Bearer \(ReplicaProcess.serviceKey)", .contentType: "application/json",
    ]

    private let http: TestClient

    init(_ replica: ReplicaProcess) {
        http = TestClient(host: "127.0.0.1", port: replica.port, configuration: .init(timeout: .seconds(120)))
        http.connect()
    }

    func close() async { try? await http.shutdown() }

    func admit(_ user: UserID, weight: Int64? = nil, callID: CallID? = nil) async throws -> Answer {
        var fields = [#""user":"\#(user)""#]
        if let weight { fields.append(#""weight":\#(weight)"#) }
        if let callID { fields.append(#""call_id":"\#(callID)""#) }
        return try await post("/v1/admit", "{\(fields.joined(separator: ","))}")
    }

    func peek(_ user: UserID) async throws -> Answer { try await post("/v1/peek", #"{"user":"\#(user)"}"#) }

    func window(of user: UserID) async throws -> Answer { try await get("/v1/users/\(user)/window") }

    func get(_ path: String) async throws -> Answer { Answer(try await http.get(path, headers: Self.headers)) }

    private func post(_ path: String, _ body: String) async throws -> Answer {
        Answer(try await http.post(path, headers: Self.headers, body: ByteBuffer(string: body)))
    }
}
