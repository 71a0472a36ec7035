import FoundationEssentials

/// Why there is no answer to a ``TriagePrompt``.
package struct TriageAnswerError: Error, Equatable, Sendable {
    /// Fit to be shown to the operator.
    package let reason: String

    /// Characters of what an upstream says itself.
    package static let maximumQuotation = 300

    init(reason: String) {
        self.reason = reason
    }

    /// The answer of an upstream that is not a success.
    ///
    /// Its message is quoted, but for 401 and 403: those are about the service's own key, and may show it.
    package init(status: Int, body: [UInt8]) {
        guard status != 401, status != 403 else {
            reason = "the upstream does not accept the service's key (status \(status))"
            return
        }
        let failure = try? JSONDecoder().decode(Failure.self, from: Data(body))
        let quotation = failure.map { ": \($0.error.message.prefix(Self.maximumQuotation))" } ?? ""
        reason = "the upstream answered with status \(status)\(quotation)"
    }

    /// - Parameter reason: as the upstream names it.
    static func noText(because reason: String?) -> TriageAnswerError {
        let reason = reason.map { " (\($0.prefix(64)))" } ?? ""
        return TriageAnswerError(reason: "the upstream answered without text\(reason)")
    }
}

extension TriageAnswerError: CustomStringConvertible {
    package var description: String { reason }
}

/// Both providers put it in the same place.
private struct Failure: Decodable {
    struct Cause: Decodable {
        let message: String
    }

    let error: Cause
}
