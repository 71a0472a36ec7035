/// What there is to look for in an answer of one kind: the whole of it, or each event of its stream.
struct AnswerFields: Sendable {
    enum Field: Int, CaseIterable, Sendable {
        case usage
        case model
        /// Which kind of event it is.
        case type
        /// Why an Anthropic message ended.
        case stopReason
        /// Of a chunk of a chat; kept only when it is short, as an empty list is.
        case choices

        var isLong: Bool { self != .choices }
    }

    /// Bytes of a value that is not ``Field/isLong``.
    static let maximumShortValue = 16

    private struct Path: Sendable {
        let outer: [UInt8]?
        let name: [UInt8]
        let field: Field

        init(_ field: Field, _ name: String, in outer: String? = nil) {
            self.outer = outer.map { Array($0.utf8) }
            self.name = Array(name.utf8)
            self.field = field
        }
    }

    private let paths: [Path]
    private let textNames: [[UInt8]]
    private let isTextOutermost: Bool

    init(_ kind: EndpointKind, isStream: Bool) {
        let usage = Path(.usage, "usage")
        let model = Path(.model, "model")
        let type = Path(.type, "type")
        switch (kind, isStream) {
        case (.responses, true):
            paths = [type, Path(.usage, "usage", in: "response"), Path(.model, "model", in: "response")]
        case (.messages, true):
            paths = [
                type, usage, Path(.usage, "usage", in: "message"), Path(.model, "model", in: "message"),
                Path(.stopReason, "stop_reason", in: "delta"),
            ]
        case (.chat, true): paths = [usage, model, Path(.choices, "choices")]
        default: paths = [usage, model]
        }
        textNames = Self.textNames(of: kind, isStream: isStream).map { Array($0.utf8) }
        isTextOutermost = kind == .responses && isStream
    }

    /// The members that hold what the model wrote, its thoughts and the arguments of tools included.
    private static func textNames(of kind: EndpointKind, isStream: Bool) -> [String] {
        switch (kind, isStream) {
        case (.embeddings, _): []
        case (.chat, _): ["content", "reasoning_content", "reasoning", "refusal", "arguments"]
        // The other events repeat what came in the deltas.
        case (.responses, true): ["delta"]
        case (.responses, false): ["text", "arguments", "refusal", "input"]
        case (.messages, _): ["text", "thinking", "partial_json"]
        }
    }

    /// - Parameter outer: the member of the outermost object that `name` is in; `nil` where it is one itself.
    func field(_ name: [UInt8], in outer: [UInt8]?) -> Field? {
        paths.first { $0.name == name && $0.outer == outer }?.field
    }

    /// Whether the string of that name is text of the model.
    func isText(_ name: [UInt8], depth: Int) -> Bool {
        (!isTextOutermost || depth == 1) && textNames.contains(name)
    }
}
