import Glibc

/// A counting semaphore for threads that may block; its waits end by the monotonic clock.
final class Semaphore: Sendable {
    private struct Parts {
        var mutex = pthread_mutex_t()
        var condition = pthread_cond_t()
        var count = 0
    }

    nonisolated(unsafe) private let parts: UnsafeMutablePointer<Parts>

    init() {
        parts = .allocate(capacity: 1)
        parts.initialize(to: Parts())
        pthread_mutex_init(&parts.pointee.mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(&parts.pointee.condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(&parts.pointee.condition)
        pthread_mutex_destroy(&parts.pointee.mutex)
        parts.deinitialize(count: 1)
        parts.deallocate()
    }

    func signal() {
        pthread_mutex_lock(&parts.pointee.mutex)
        parts.pointee.count += 1
        pthread_cond_signal(&parts.pointee.condition)
        pthread_mutex_unlock(&parts.pointee.mutex)
    }

    /// - Returns: false when `deadline` passed without a signal.
    @discardableResult
    func wait(until deadline: ContinuousClock.Instant? = nil) -> Bool {
        pthread_mutex_lock(&parts.pointee.mutex)
        defer { pthread_mutex_unlock(&parts.pointee.mutex) }
        while parts.pointee.count == 0 {
            guard let deadline else {
                pthread_cond_wait(&parts.pointee.condition, &parts.pointee.mutex)
                continue
            }
            var time = Self.monotonic(deadline)
            let status = pthread_cond_timedwait(&parts.pointee.condition, &parts.pointee.mutex, &time)
            if status == ETIMEDOUT { return false }
        }
        parts.pointee.count -= 1
        return true
    }

    private static func monotonic(_ deadline: ContinuousClock.Instant) -> timespec {
        let rest = max(.zero, ContinuousClock.now.duration(to: deadline)).components
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = time.tv_nsec + Int(rest.attoseconds / 1_000_000_000)
        time.tv_sec += Int(min(rest.seconds, 1_000_000_000)) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
