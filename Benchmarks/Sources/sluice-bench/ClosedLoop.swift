import ArgumentParser
import Foundation

/// Callers who each call again as soon as they are answered.
struct ClosedLoop: Sendable {
    /// How long a measurement is.
    enum Length: Sendable {
        case calls(Int)
        case time(Duration)
    }

    let callers: Int
    /// Calls before the measurement.
    var warmUp = 0
    /// When the measurement begins, in seconds since 1970; `nil` at once.
    var begin: Double?

    @discardableResult
    func run(
        _ length: Length, _ call: @escaping @Sendable () async throws -> Outcome
    ) async throws -> Measurement {
        if warmUp > 0 { _ = try await measure(.calls(warmUp), call) }
        if let begin {
            let rest = begin - Date().timeIntervalSince1970
            guard rest > 0 else {
                throw ValidationError("the warm-up was over \(-rest) s after the begin: begin later")
            }
            try await Task.sleep(for: .seconds(rest))
        }
        return try await measure(length, call)
    }

    private func measure(
        _ length: Length, _ call: @escaping @Sendable () async throws -> Outcome
    ) async throws -> Measurement {
        let start = ContinuousClock.now
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for caller in 0..<callers {
                switch length {
                case .calls(let calls):
                    let share = calls / callers + (caller < calls % callers ? 1 : 0)
                    group.addTask { try await repeating(call, share) }
                case .time(let duration):
                    group.addTask { try await repeating(call, until: start + duration) }
                }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        return Measurement(tally: tally, duration: start.duration(to: .now))
    }

    private func repeating(_ call: @Sendable () async throws -> Outcome, _ times: Int) async throws -> Tally {
        var tally = Tally()
        tally.latencies.reserveCapacity(times)
        for _ in 0..<times {
            let start = ContinuousClock.now
            tally.count(try await call(), after: start.duration(to: .now))
        }
        return tally
    }

    private func repeating(
        _ call: @Sendable () async throws -> Outcome, until end: ContinuousClock.Instant
    ) async throws -> Tally {
        var tally = Tally()
        var start = ContinuousClock.now
        while start < end {
            let outcome = try await call()
            let now = ContinuousClock.now
            tally.count(outcome, after: start.duration(to: now))
            start = now
        }
        return tally
    }
}
