import SluiceCore

extension CallOrigin {
    /// As a row of `sluice.call_origin`: UUIDs and numbers alone, so that nothing needs a quote.
    var rowLiteral: String {
        func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }
        return """
            (\(text(key)),\(text(logicalID)),\(attempt),\(text(reservation?.inputTokens)),\
            \(text(reservation?.outputTokens)),\(text(reservation?.cost)))
            """
    }
}
