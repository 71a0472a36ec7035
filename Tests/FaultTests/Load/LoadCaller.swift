import Glibc
import SluiceCore
import SluiceTesting

/// One caller, who calls again and again on a thread of its own.
struct LoadCaller {
    private struct Question {
        let user: UserID
        let weight: Int64
        let id: CallID?
    }

    private let load: Load
    private let http: PlainHTTP
    private var generator: SeededGenerator
    /// Questions with an id that will be asked again.
    private var again: [Question] = []
    private var records: [CallRecord] = []

    init(_ load: Load, number: Int) {
        self.load = load
        http = PlainHTTP(port: load.ports[number % load.ports.count])
        generator = SeededGenerator(seed: FaultSettings.seed &+ UInt64(number) &* 1_000_003)
    }

    /// Until the load is over.
    mutating func run() -> [CallRecord] {
        let interval = Duration.seconds(Double(load.plan.callers) / load.plan.rate)
        var next = ContinuousClock.now + interval * Double.random(in: 0..<1, using: &generator)
        while !load.isOver {
            Self.pause(until: next)
            let record = ask(question())
            records.append(record)
            load.heard(record)
            // Who had to wait does not hurry afterwards.
            next = max(next + interval, record.ended)
        }
        return records
    }

    private mutating func question() -> Question {
        if !again.isEmpty, Int.random(in: 0..<4, using: &generator) == 0 {
            return again.remove(at: Int.random(in: again.indices, using: &generator))
        }
        let isSupplied = Int.random(in: 0..<100, using: &generator) < load.plan.suppliedIDs
        let id = isSupplied ? CallID.version7(at: .wallClock, using: &generator) : nil
        return Question(
            user: load.user(using: &generator), weight: [1, 1, 1, 1, 2, 3][Int.random(in: 0..<6, using: &generator)],
            id: id)
    }

    private mutating func ask(_ question: Question) -> CallRecord {
        let body = Self.body(question, padding: load.plan.padding)
        let (sentAt, began) = (Timestamp.wallClock, ContinuousClock.now)
        let answer = http.post("/v1/admit", body)
        let (ended, receivedAt) = (ContinuousClock.now, Timestamp.wallClock)
        let outcome = Self.outcome(answer)
        let id = question.id ?? answer?.value(after: #""call_id":""#).flatMap { CallID($0) }
        if question.id != nil, outcome == .unanswered || Int.random(in: 0..<3, using: &generator) == 0 {
            again.append(question)
        }
        return CallRecord(
            user: question.user, weight: question.weight, id: id, isIDSupplied: question.id != nil, outcome: outcome,
            sentAt: sentAt, receivedAt: receivedAt, began: began, ended: ended)
    }

    private static func body(_ question: Question, padding: Int) -> String {
        var body = #"{"user":"\#(question.user)","weight":\#(question.weight)"#
        if let id = question.id { body += #","call_id":"\#(id)""# }
        if padding > 0 {
            let text = String(repeating: "x", count: padding)
            body += #","route":"\#(text)","model":"\#(text)""#
        }
        return body + "}"
    }

    private static func outcome(_ answer: PlainHTTP.Answer?) -> CallRecord.Outcome {
        switch answer?.status {
        case nil: .unanswered
        case 200: answer?.value(after: #""mode":""#) == "enforced" ? .enforced : .unchecked
        case 429: .refused
        case 503: .unavailable
        default: .odd
        }
    }

    private static func pause(until instant: ContinuousClock.Instant) {
        let left = instant - .now
        guard left > .zero else { return }
        usleep(UInt32(min(1_000_000, left / .microseconds(1))))
    }
}

extension Timestamp {
    static var wallClock: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
