import SluiceCore

/// Makes out of an answer, as far as it was seen, what it took.
struct AnswerReader: Sendable {
    private static let done = Array("[DONE]".utf8)

    private let kind: EndpointKind
    private let isStream: Bool
    private let estimatedInput: Int64
    private var watcher: JSONWatcher
    private var reported = ReportedUsage()
    private var model: String?
    /// The report is the last one: no more will be counted.
    private var isFinal = false
    private var isComplete = false
    /// How many bytes at the beginning of the event's data are those of ``done``; more than it has where they differ.
    private var doneMatch = 0

    init(kind: EndpointKind, isStream: Bool, request: GatewayRequest) {
        self.kind = kind
        self.isStream = isStream
        estimatedInput = request.reservation.inputTokens
        model = request.upstreamModel
        watcher = JSONWatcher(AnswerFields(kind, isStream: isStream))
    }

    mutating func take(_ bytes: Slice<UnsafeRawBufferPointer>) {
        if isStream { matchDone(bytes) }
        watcher.take(bytes)
        if !isStream {
            isComplete = watcher.isWhole
            noteFound()
            isFinal = reported.isWhole(of: kind)
        }
    }

    private mutating func matchDone(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard doneMatch < Self.done.count else { return }
        let rest = Self.done[doneMatch...]
        let start = bytes.prefix(rest.count)
        doneMatch = rest.starts(with: start) ? doneMatch + start.count : Self.done.count + 1
    }

    /// The event whose data were taken is over.
    ///
    /// - Returns: whether it brought the usage of a chat and nothing else.
    mutating func endEvent() -> Bool {
        let hasUsage = noteFound()
        let isOnlyUsage = hasUsage && kind == .chat && watcher.found[.choices].map(Self.isEmptyList) == true
        if doneMatch == Self.done.count {
            isComplete = true
            isFinal = true
        }
        noteEnd()
        if isOnlyUsage { isFinal = true }
        watcher.reset()
        doneMatch = 0
        return isOnlyUsage
    }

    /// - Returns: whether there was a report among it.
    @discardableResult
    private mutating func noteFound() -> Bool {
        if let name = watcher.found[.model].flatMap(Self.string), Self.isModel(name) { model = name }
        guard let usage = watcher.found[.usage], usage.first == UInt8(ascii: "{") else { return false }
        reported.add(usage)
        return true
    }

    /// Whether the ledger takes it.
    private static func isModel(_ name: String) -> Bool {
        (1...Call.maximumLabelBytes).contains(name.utf8.count) && !name.utf8.contains(0)
    }

    /// The ends of streams that have no `[DONE]`.
    private mutating func noteEnd() {
        guard watcher.isWhole else { return }
        let type = watcher.found[.type].flatMap(Self.string)
        switch (kind, type) {
        case (.responses, "response.completed"), (.responses, "response.incomplete"), (.responses, "response.failed"):
            isComplete = true
            isFinal = true
        case (.messages, "message_stop"):
            isComplete = true
            isFinal = true
        case (.messages, "message_delta"):
            if watcher.found[.stopReason]?.first == UInt8(ascii: "\"") { isFinal = true }
        case (.responses, "error"), (.messages, "error"): isComplete = true
        default: break
        }
    }

    private static func string(_ json: [UInt8]) -> String? {
        var scanner = JSONScanner(json)
        return try? scanner.readString()
    }

    private static func isEmptyList(_ json: [UInt8]) -> Bool {
        json.first == UInt8(ascii: "[") && json.dropFirst().dropLast().allSatisfy { $0 <= 0x20 }
    }

    var result: UsageResult {
        let tokens = reported.tokens(of: kind)
        guard isFinal, reported.isWhole(of: kind) else {
            return UsageResult(
                usage: TokenUsage(
                    input: tokens.input > 0 ? tokens.input : estimatedInput, cached: tokens.cached,
                    cacheWrite: tokens.cacheWrite, output: max(watcher.text.tokens, tokens.output),
                    reasoning: tokens.reasoning),
                basis: .estimated, model: model, isComplete: isComplete)
        }
        return UsageResult(usage: tokens, basis: .measured, model: model, isComplete: isComplete)
    }
}

extension [[UInt8]?] {
    fileprivate subscript(field: AnswerFields.Field) -> [UInt8]? { self[field.rawValue] }
}
