/// Several things of a kind, of which each task uses one: tasks that run at once seldom wait for one another.
struct Stripes<Stripe: AnyObject & Sendable>: Sendable {
    /// A power of two; so many that the few tasks that run at once seldom share one.
    private static var count: Int { 64 }

    let all: [Stripe]

    init(_ make: () -> Stripe) {
        all = (0..<Self.count).map { _ in make() }
    }

    /// The running task's, for as long as the task lives. Other tasks may have the same.
    var own: Stripe {
        all[withUnsafeCurrentTask { $0.map { $0.hashValue & (Self.count - 1) } ?? 0 }]
    }
}
