import NIOCore
import Synchronization

/// Notices, on one connection, that the client has gone while its request is still being answered.
///
/// The HTTP server tells of it only to who reads the request's body, which is over by then. A client that closes its side of the
/// connection counts as one that has gone: none that waits for an answer does that.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private var connection: Connection?

    func handlerAdded(context: ChannelHandlerContext) {
        let connection = Connection(executor: EventLoopExecutor(context.eventLoop))
        self.connection = connection
        Connection.open.withLock { $0[ObjectIdentifier(context.channel)] = connection }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        _ = Connection.open.withLock { $0.removeValue(forKey: ObjectIdentifier(context.channel)) }
        connection?.hungUp()
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection?.hungUp()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { connection?.hungUp() }
        context.fireUserInboundEventTriggered(event)
    }
}

extension HangUpHandler {
    /// What one connection's handler and the request on it share.
    final class Connection: Sendable {
        /// Every connection by its channel: a request knows no more of its connection.
        fileprivate static let open = Mutex<[ObjectIdentifier: Connection]>([:])

        private struct State {
            var hasHungUp = false
            var onHangUp: (@Sendable () -> Void)?
        }

        /// Runs tasks where the connection is served.
        let executor: EventLoopExecutor
        private let state = Mutex(State())

        fileprivate init(executor: EventLoopExecutor) {
            self.executor = executor
        }

        /// - Returns: `nil` for a channel without the handler, such as one of a test.
        static func of(_ channel: any Channel) -> Connection? {
            open.withLock { $0[ObjectIdentifier(channel)] }
        }

        /// Calls `action` when the client goes, or now if it has gone. A connection has one request at a time: a later action
        /// replaces this one.
        func whenHungUp(_ action: @escaping @Sendable () -> Void) {
            let hasHungUp = state.withLock { state in
                state.onHangUp = state.hasHungUp ? nil : action
                return state.hasHungUp
            }
            if hasHungUp { action() }
        }

        fileprivate func hungUp() {
            let action = state.withLock { state in
                state.hasHungUp = true
                return state.onHangUp.take()
            }
            action?()
        }
    }
}
