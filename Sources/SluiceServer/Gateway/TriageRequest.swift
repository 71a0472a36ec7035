import HummingbirdSluice
import NIOCore
import SluiceCore

/// The body of `POST /api/ai/triage`. Lengths are the prompt's business.
struct TriageRequest: Equatable, Sendable {
    let question: String
    let context: String?
    /// Whose window the question is about.
    let subject: UserID?

    init(_ body: ByteBuffer) throws(FieldError) {
        let values = try RequestFields(body, known: ["question", "context", "subject"])
        question = try values.requiredText("question")
        context = try values.text("context")
        if let text = try values.text("subject") {
            guard let user = UserID(text) else {
                throw FieldError(field: "subject", reason: "must be the UUID of a user in its usual form")
            }
            subject = user
        } else {
            subject = nil
        }
    }
}
