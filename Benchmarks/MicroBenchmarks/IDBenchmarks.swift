import Benchmark
import SluiceCore

/// The ids of calls and users.
func measureIDs() {
    measure("ids: make the id of a call", calls: 10_000, {}) { _, calls in
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<calls { blackHole(CallID.version7(at: Sample.now, using: &generator)) }
    }
    measure("ids: parse the id of a user", calls: 100_000, { (0..<1_000).map { Sample.user($0).description } }) {
        texts, calls in
        for number in 0..<calls { blackHole(UserID(texts[number % texts.count])) }
    }
    measure("ids: print the id of a user", calls: 100_000, { (0..<1_000).map { Sample.user($0) } }) { users, calls in
        for number in 0..<calls { blackHole(users[number % users.count].description) }
    }
}
