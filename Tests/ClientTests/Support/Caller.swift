import HTTPTypes
import HummingbirdTesting
import NIOCore

/// A client with one connection, kept open from call to call, that presents what it is told to.
struct Caller: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let text: String

        var json: JSON { (try? JSON(text)) ?? .null }

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
    }

    private let http: TestClient
    private let headers: HTTPFields

    /// - Parameter credential: goes into `Authorization`; `nil` for nobody.
    init(port: Int, credential: String?, _ more: [String: String] = [:]) {
        http = TestClient(host: "127.0.0.1", port: port, configuration: .init(timeout: .seconds(300)))
        http.connect()
        var headers: HTTPFields = [.contentType: "application/json"]
        if let credential { headers[.authorization] = "Bearer \(credential)" }
        for (name, value) in more { HTTPField.Name(name).map { headers[$0] = value } }
        self.headers = headers
    }

    func close() async { try? await http.shutdown() }

    func get(_ path: String, _ more: [String: String] = [:]) async throws -> Answer {
        answer(try await http.get(path, headers: fields(more)))
    }

    func post(_ path: String, _ body: JSON, _ more: [String: String] = [:]) async throws -> Answer {
        answer(try await http.post(path, headers: fields(more), body: ByteBuffer(string: body.text)))
    }

    func delete(_ path: String) async throws -> Answer {
        answer(try await http.delete(path, headers: headers, body: ByteBuffer()))
    }

    /// A chat that is not streamed.
    func chat(_ model: String = "scripted", _ more: [String: String] = [:]) async throws -> Answer {
        let body: JSON = ["model": .string(model), "messages": [["role": "user", "content": "How many?"]]]
        return try await post("/v1/chat/completions", body, more)
    }

    func triage(_ question: String, _ more: [String: JSON] = [:]) async throws -> Answer {
        try await post("/api/ai/triage", .object(more.merging(["question": .string(question)]) { $1 }))
    }

    private func fields(_ more: [String: String]) -> HTTPFields {
        more.reduce(into: headers) { headers, field in
            HTTPField.Name(field.key).map { headers[$0] = field.value }
        }
    }

    private func answer(_ response: TestClient.Response) -> Answer {
        Answer(
            status: response.status.code, headers: response.headers,
            text: response.body.map { String(buffer: $0) } ?? "")
    }
}
