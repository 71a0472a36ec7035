/// Who waits for an upstream's answer.
package struct ProxyClient: Sendable {
    /// Where the call's tasks run, beside whoever waits; `nil` for anywhere.
    let executor: (any TaskExecutor)?
    /// Calls an action when the client has gone, or now if it has.
    let whenGone: @Sendable (_ action: @escaping @Sendable () -> Void) -> Void

    /// - Parameter executor: of an event loop: then the upstream's connection is one of that loop.
    package init(
        executor: (any TaskExecutor)? = nil,
        whenGone: @escaping @Sendable (_ action: @escaping @Sendable () -> Void) -> Void = { _ in }
    ) {
        self.executor = executor
        self.whenGone = whenGone
    }
}
