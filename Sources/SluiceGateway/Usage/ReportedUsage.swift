import SluiceCore

/// The figures that a provider reported, in the words of its kind.
struct ReportedUsage: Sendable, Equatable {
    private var numbers: [String: Int64] = [:]

    /// Whether it says what question and answer took. Some providers report other figures alone, or none that is a number: that
    /// is not nothing taken.
    func isWhole(of kind: EndpointKind) -> Bool {
        switch kind {
        case .chat: has("prompt_tokens") && has("completion_tokens")
        case .embeddings: has("prompt_tokens") || has("total_tokens")
        case .responses, .messages: has("input_tokens") && has("output_tokens")
        }
    }

    /// Takes a report down. Those of a stream are cumulative, and some providers leave out or set to 0 at its end what they said at
    /// its beginning, so that of each figure the greatest counts.
    mutating func add(_ json: [UInt8]) {
        numbers.merge(JSONScanner.numbers(in: json)) { max($0, $1) }
    }

    func tokens(of kind: EndpointKind) -> TokenUsage {
        switch kind {
        case .embeddings:
            TokenUsage(input: has("prompt_tokens") ? self["prompt_tokens"] : self["total_tokens"])
        case .chat:
            TokenUsage(
                input: self["prompt_tokens"], cached: self["prompt_tokens_details.cached_tokens"],
                cacheWrite: self["prompt_tokens_details.cache_write_tokens"], output: self["completion_tokens"],
                reasoning: self["completion_tokens_details.reasoning_tokens"])
        case .responses:
            TokenUsage(
                input: self["input_tokens"], cached: self["input_tokens_details.cached_tokens"],
                cacheWrite: self["input_tokens_details.cache_write_tokens"], output: self["output_tokens"],
                reasoning: self["output_tokens_details.reasoning_tokens"])
        case .messages:
            // Anthropic's input tokens are those beside the cache.
            TokenUsage(
                input: self["input_tokens"] + self["cache_creation_input_tokens"] + self["cache_read_input_tokens"],
                cached: self["cache_read_input_tokens"], cacheWrite: self["cache_creation_input_tokens"],
                output: self["output_tokens"], reasoning: self["output_tokens_details.thinking_tokens"])
        }
    }

    private func has(_ name: String) -> Bool { numbers[name] != nil }

    /// Moved into the range of a call, so that sums do not overflow.
    private subscript(name: String) -> Int64 { min(max(0, numbers[name] ?? 0), Reservation.maximum) }
}
