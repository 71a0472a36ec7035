package import SluiceCore

/// What the service knows that may explain an incident.
package struct TriageFacts: Sendable {
    /// The user that is asked about.
    package struct Subject: Sendable {
        package let user: UserID
        /// `nil` where the database did not tell.
        package let peek: Peek?
        /// `nil` where the database did not tell.
        package let history: UserFacts?

        package init(user: UserID, peek: Peek?, history: UserFacts?) {
            self.user = user
            self.peek = peek
            self.history = history
        }
    }

    package let subject: Subject?
    /// How breaker and journal are, a sentence each.
    package let status: [String]

    package init(subject: Subject?, status: [String]) {
        self.subject = subject
        self.status = status
    }
}
