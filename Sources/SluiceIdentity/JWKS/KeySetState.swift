import SluiceCore

/// The keys that count now, and when they are to be loaded: pure.
struct KeySetState: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Step: Hashable, Sendable {
        /// Load them, then call ``loaded(_:digest:at:)`` or ``failed(_:)``.
        case load
        /// They are being loaded.
        case wait
        /// They were loaded, or could not be, so short a time ago that nothing new is to be expected.
        case tooSoon(retryAfter: Duration)
    }

    private let settings: JWKSettings
    private var keys: KeySet?
    private var digest: KeyDigest?
    private var loadedAt: Instant?
    private var attemptedAt: Instant?
    private var isLoading = false
    /// Changes whenever keys do.
    private(set) var generation: UInt64 = 1
    private(set) var failure: JWKSError?

    init(_ settings: JWKSettings) {
        self.settings = settings
    }

    /// `nil` if they were never loaded, or too long ago.
    mutating func current(at now: Instant) -> KeySet? {
        if keys != nil, let loadedAt, now - loadedAt >= settings.maximumAge {
            keys = nil
            digest = nil
            generation += 1
        }
        return keys
    }

    /// - Parameter isDue: whether a load is due whatever came before.
    mutating func wanted(isDue: Bool, at now: Instant) -> Step {
        if isLoading { return .wait }
        if !isDue, let attemptedAt, now - attemptedAt < settings.minimumPause {
            return .tooSoon(retryAfter: settings.minimumPause - (now - attemptedAt))
        }
        isLoading = true
        attemptedAt = now
        return .load
    }

    /// - Parameter digest: of the document, which tells whether anything changed.
    mutating func loaded(_ keys: KeySet, digest: KeyDigest, at now: Instant) {
        isLoading = false
        failure = nil
        loadedAt = now
        guard digest != self.digest else { return }
        self.keys = keys
        self.digest = digest
        generation += 1
    }

    /// The keys that there are stay.
    mutating func failed(_ error: JWKSError) {
        isLoading = false
        failure = error
    }
}
