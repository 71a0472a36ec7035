import ArgumentParser
import Foundation

/// Callers who each call again as soon as they are answered.
struct ClosedLoop: Sendable {
    /// How long a measurement is.
    enum Length: Sendable {
        case calls(Int)
        case time(Duration)
    }

    /// One call, with numbers that are its caller's alone.
    typealias Act = @Sendable (inout SplitMix64) async throws -> Outcome

    let callers: Int
    /// Of the numbers that the callers get.
    let seed: UInt64
    /// Calls before the measurement.
    var warmUp = 0
    /// When the measurement begins, in seconds since 1970; `nil` at once.
    var begin: Double?

    @discardableResult
    func run(_ length: Length, _ call: @escaping Act) async throws -> Measurement {
        var numbers = SplitMix64(seed: seed)
        if warmUp > 0 { _ = try await measure(.calls(warmUp), &numbers, call) }
        if let begin {
            let rest = begin - Date().timeIntervalSince1970
            guard rest > 0 else {
                throw ValidationError("the warm-up was over \(-rest) s after the begin: begin later")
            }
            try await Task.sleep(for: .seconds(rest))
        }
        return try await measure(length, &numbers, call)
    }

    private func measure(
        _ length: Length, _ numbers: inout SplitMix64, _ call: @escaping Act
    ) async throws -> Measurement {
        let own = (0..<callers).map { _ in numbers.fork() }
        let start = ContinuousClock.now
        let tallies = try await withThrowingTaskGroup(of: Tally.self) { group in
            for caller in 0..<callers {
                switch length {
                case .calls(let calls):
                    let share = calls / callers + (caller < calls % callers ? 1 : 0)
                    group.addTask { try await repeating(call, own[caller], share) }
                case .time(let duration):
                    group.addTask { try await repeating(call, own[caller], until: start + duration) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let duration = start.duration(to: .now)
        return Measurement(tally: tallies.reduce(into: Tally()) { $0.add($1) }, duration: duration)
    }

    private func repeating(_ call: Act, _ numbers: SplitMix64, _ times: Int) async throws -> Tally {
        var numbers = numbers
        var tally = Tally()
        tally.latencies.reserveCapacity(times)
        for _ in 0..<times {
            let start = ContinuousClock.now
            tally.count(try await call(&numbers), after: start.duration(to: .now))
        }
        return tally
    }

    private func repeating(
        _ call: Act, _ numbers: SplitMix64, until end: ContinuousClock.Instant
    ) async throws -> Tally {
        var numbers = numbers
        var tally = Tally()
        var start = ContinuousClock.now
        while start < end {
            let outcome = try await call(&numbers)
            let now = ContinuousClock.now
            tally.count(outcome, after: start.duration(to: now))
            start = now
        }
        return tally
    }
}
