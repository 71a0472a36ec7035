import DequeModule

/// What a connection does next: one statement at a time, the others in a queue, and how a statement is abandoned.
///
/// Pure: it knows numbers of requests and nothing of sockets. A caller that gives up is answered at once; the connection
/// then *drains*: the server was asked to stop, and only when its last answer has been read *and* the request to stop has
/// been delivered (so that it cannot hit the next statement) does the next one go out.
struct ConnectionMachine {
    typealias Request = UInt64

    private enum State {
        /// Can transition to `running` and `closed`.
        case idle
        /// The answer to this request is awaited. Can transition to `idle`, `draining` and `closed`.
        case running(Request)
        /// Nobody waits for the answer any more. Can transition to `idle`, `running` and `closed`.
        case draining(answered: Bool, cancelReturned: Bool)
        /// For good.
        case closed
    }

    private var state = State.idle
    private var queue: Deque<Request> = []

    /// Nothing is under way and nothing waits.
    var isIdle: Bool { if case .idle = state { queue.isEmpty } else { false } }

    var isClosed: Bool { if case .closed = state { true } else { false } }

    var isDraining: Bool { if case .draining = state { true } else { false } }

    /// An answer of the server is to come, whether or not anybody still wants it.
    var awaitsAnswer: Bool {
        switch state {
        case .running, .draining(answered: false, _): true
        case .idle, .draining, .closed: false
        }
    }

    var running: Request? { if case .running(let request) = state { request } else { nil } }

    // MARK: Events

    enum SubmitAction: Equatable {
        case send, wait, refuse
    }

    mutating func submitted(_ request: Request) -> SubmitAction {
        switch state {
        case .idle:
            state = .running(request)
            return .send
        case .running, .draining:
            queue.append(request)
            return .wait
        case .closed:
            return .refuse
        }
    }

    enum AnswerAction: Equatable {
        /// Answer this request (none when it was abandoned), then send the next.
        case proceed(answer: Request?, send: Request?)
        /// The answer has come, the request to stop is still on its way.
        case keepDraining
        case none
    }

    /// The server has answered in full and is ready for the next statement.
    mutating func answered() -> AnswerAction {
        switch state {
        case .running(let request):
            return .proceed(answer: request, send: next())
        case .draining(_, cancelReturned: true):
            return .proceed(answer: nil, send: next())
        case .draining(_, cancelReturned: false):
            state = .draining(answered: true, cancelReturned: false)
            return .keepDraining
        case .idle, .closed:
            // A statement ended that nobody asked for, or the socket was read after the close.
            return .none
        }
    }

    enum GiveUpAction: Equatable {
        /// It never went out: fail it, nothing else.
        case drop
        /// Fail it now; ask the server to stop and begin to drain.
        case abandon
        /// It was answered in the meantime.
        case none
    }

    /// A deadline passed or a task was cancelled.
    mutating func gaveUp(_ request: Request) -> GiveUpAction {
        if case .running(request) = state {
            state = .draining(answered: false, cancelReturned: false)
            return .abandon
        }
        guard let index = queue.firstIndex(of: request) else { return .none }
        queue.remove(at: index)
        return .drop
    }

    /// The request to stop was delivered, or will never be.
    mutating func cancelReturned() -> AnswerAction {
        switch state {
        case .draining(answered: true, _):
            return .proceed(answer: nil, send: next())
        case .draining(answered: false, _):
            state = .draining(answered: false, cancelReturned: true)
            return .keepDraining
        case .idle, .running, .closed:
            return .none
        }
    }

    /// The answer does not come: the request to stop may have reached the server before the statement did.
    ///
    /// - Returns: whether to ask once more.
    mutating func asksAgain() -> Bool {
        guard case .draining(answered: false, cancelReturned: true) = state else { return false }
        state = .draining(answered: false, cancelReturned: false)
        return true
    }

    /// The connection is gone or is being closed.
    ///
    /// - Returns: the request that was on the wire, and those that never were.
    mutating func closed() -> (running: Request?, waiting: [Request]) {
        let lost = (running, Array(queue))
        state = .closed
        queue = []
        return lost
    }

    private mutating func next() -> Request? {
        let request = queue.popFirst()
        state = request.map { .running($0) } ?? .idle
        return request
    }
}
