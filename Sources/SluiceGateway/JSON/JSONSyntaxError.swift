/// A text that is not JSON as RFC 8259 has it.
struct JSONSyntaxError: Error, Equatable {
    /// What should stand there.
    let expected: String
    /// In bytes from 0; the length of the text for its end.
    let position: Int
}
