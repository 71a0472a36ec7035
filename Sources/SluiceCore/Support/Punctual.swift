/// Asks a store that may ignore its deadline.
///
/// - Parameter onEnd: told when the question itself ended, which may be long after this returned.
/// - Returns: the answer, or ``StoreError/Kind/deadlineExceeded`` at the deadline, or ``StoreError/Kind/closed`` when the caller's
///   task is cancelled. A question that is late is cancelled and left to itself.
package func punctual<Answer: Sendable>(
    by deadline: ContinuousClock.Instant, onEnd: @escaping @Sendable () -> Void = {},
    _ question: @escaping @Sendable () async throws(StoreError) -> Answer
) async -> Result<Answer, StoreError> {
    let promise = Promise<Result<Answer, StoreError>>()
    let asking = Task {
        let answer: Result<Answer, StoreError>
        do throws(StoreError) { answer = .success(try await question()) } catch { answer = .failure(error) }
        onEnd()
        promise.keep(answer)
    }
    let timer = Task {
        guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
        promise.keep(.failure(StoreError(.deadlineExceeded, "the store did not answer in time")))
    }
    defer {
        asking.cancel()
        timer.cancel()
    }
    return await withTaskCancellationHandler {
        await withCheckedContinuation { promise.wait($0) }
    } onCancel: {
        promise.keep(.failure(StoreError(.closed, "whoever asked the store went away")))
    }
}
