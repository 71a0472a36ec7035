public import SluiceCore

/// Proves invariant 1 on a history: no interval of a window's length holds more weight than its limit.
public enum WindowChecker {
    /// One admitted call.
    public struct Event: Hashable, Sendable {
        public let at: Timestamp
        public let weight: Int64

        public init(at: Timestamp, weight: Int64) {
            self.at = at
            self.weight = weight
        }
    }

    /// An interval that holds too much.
    public struct Violation: Hashable, Sendable, CustomStringConvertible {
        /// The interval is `(end − length, end]`.
        public let end: Timestamp
        public let weight: Int64
        public let window: Window

        public var description: String {
            "\(weight) in the \(window.length) up to \(end.microseconds) µs, limit \(window.limit)"
        }
    }

    /// Looks at every interval that ends with an event, since the fullest ones do.
    ///
    /// - Parameter events: of one user, in any order.
    public static func violations(_ events: [Event], in window: Window) -> [Violation] {
        let events = events.sorted { $0.at < $1.at }
        var violations: [Violation] = []
        var (first, weight) = (0, Int64(0))
        for (index, event) in events.enumerated() {
            weight += event.weight
            while events[first].at <= event.at.advanced(by: .zero - window.length) {
                weight -= events[first].weight
                first += 1
            }
            // Of events at one instant the last stands for all.
            let isLastOfInstant = index + 1 == events.count || events[index + 1].at > event.at
            if isLastOfInstant, weight > window.limit {
                violations.append(Violation(end: event.at, weight: weight, window: window))
            }
        }
        return violations
    }
}
