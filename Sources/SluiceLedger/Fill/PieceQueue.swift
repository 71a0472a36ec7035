/// Pieces of data on their way from the one that makes them to the one that sends them. Holds a few at most: the maker
/// waits then.
actor PieceQueue {
    private static let capacity = 4

    private var pieces: [[UInt8]] = []
    private var isEnded = false
    private var isBroken = false
    private var maker: CheckedContinuation<Void, Never>?
    private var sender: CheckedContinuation<Void, Never>?

    /// - Throws: `CancellationError` when nobody takes pieces any more.
    func put(_ piece: [UInt8]) async throws {
        while pieces.count >= Self.capacity, !isBroken { await withCheckedContinuation { maker = $0 } }
        if isBroken { throw CancellationError() }
        pieces.append(piece)
        wake()
    }

    /// The next piece; `nil` after the last one.
    ///
    /// - Throws: `CancellationError` when no more will be made, and what was made is not whole.
    func next() async throws -> [UInt8]? {
        while pieces.isEmpty, !isEnded, !isBroken { await withCheckedContinuation { sender = $0 } }
        if isBroken { throw CancellationError() }
        if pieces.isEmpty { return nil }
        defer { wake() }
        return pieces.removeFirst()
    }

    func end() {
        isEnded = true
        wake()
    }

    /// One side has failed.
    func breakOff() {
        isBroken = true
        wake()
    }

    private func wake() {
        maker?.resume()
        sender?.resume()
        (maker, sender) = (nil, nil)
    }
}
