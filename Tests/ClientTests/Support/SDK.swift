/// An official SDK, run in Python as it is, on a service at some address.
struct SDK: Sendable {
    enum Maker: String, Sendable {
        case openAI = "openai"
        case anthropic

        /// What the SDK is told to be the service's address.
        func base(_ address: String) -> String { self == .openAI ? address + "/v1" : address }
    }

    /// One call: a method of the client, such as `chat.completions.create`.
    struct Step: Sendable {
        let call: String
        let arguments: JSON
        /// Presented in place of the client's.
        var key: String?

        static func chat(_ model: String, stream: Bool = false, includesUsage: Bool? = nil) -> Step {
            var arguments: [String: JSON] = [
                "model": .string(model), "messages": [["role": "user", "content": "How many? Wie viele?"]],
            ]
            if stream { arguments["stream"] = true }
            if let includesUsage { arguments["stream_options"] = ["include_usage": .bool(includesUsage)] }
            return Step(call: "chat.completions.create", arguments: .object(arguments))
        }

        static func response(_ model: String, stream: Bool = false) -> Step {
            var arguments: [String: JSON] = ["model": .string(model), "input": "How many?"]
            if stream { arguments["stream"] = true }
            return Step(call: "responses.create", arguments: .object(arguments))
        }

        static func embedding(_ model: String) -> Step {
            Step(call: "embeddings.create", arguments: ["model": .string(model), "input": ["How many?", "And?"]])
        }

        static func message(_ model: String, stream: Bool = false) -> Step {
            var arguments: [String: JSON] = [
                "model": .string(model), "max_tokens": 200, "messages": [["role": "user", "content": "How many?"]],
            ]
            if stream { arguments["stream"] = true }
            return Step(call: "messages.create", arguments: .object(arguments))
        }

        func presenting(_ key: String) -> Step { Step(call: call, arguments: arguments, key: key) }

        fileprivate var plan: JSON {
            ["call": .string(call), "arguments": arguments, "key": key.map { .string($0) } ?? .null]
        }

        static let models = Step(call: "models.list", arguments: [:])

        static func model(_ id: String) -> Step {
            Step(call: "models.retrieve", arguments: .object(["model_id": .string(id)]))
        }
    }

    /// What came of one step.
    struct Outcome: Hashable, Sendable {
        var events: [JSON] = []
        /// The name of the exception.
        var error: String?
        var status: Int?
        var headers: [String: JSON] = [:]
        var body = JSON.null

        func header(_ name: String) -> String? { headers[name]?.string }

        /// Without what the way of the answer adds or takes away.
        var withoutHeaders: Outcome {
            var copy = self
            copy.headers = [:]
            return copy
        }
    }

    let maker: Maker
    let address: String
    let key: String
    /// As the SDK has it if nobody says otherwise.
    var retries = 2

    /// - Parameter onEvent: gets each event of a stream as soon as the SDK has given it to its caller.
    func run(
        _ steps: [Step], onEvent: @escaping @Sendable (JSON) async throws -> Void = { _ in }
    ) async throws -> [Outcome] {
        let plan: JSON = [
            "sdk": .string(maker.rawValue), "base_url": .string(maker.base(address)), "key": .string(key),
            "max_retries": .number(Double(retries)),
            "steps": .array(steps.map(\.plan)),
        ]
        let lines = try await Python.run("sdk.py", [plan.text]) { line in
            if !line["event"].isNull { try await onEvent(line["event"]) }
        }
        return lines.reduce(into: Array(repeating: Outcome(), count: steps.count)) { outcomes, line in
            guard let step = line["step"].integer else { return }
            guard line["event"].isNull else { return outcomes[step].events.append(line["event"]) }
            outcomes[step].error = line["error"].string
            outcomes[step].status = line["status"].integer
            outcomes[step].headers = line["headers"].object
            outcomes[step].body = line["body"]
        }
    }
}
