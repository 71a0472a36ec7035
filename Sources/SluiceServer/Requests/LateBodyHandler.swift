import NIOCore
import NIOHTTP1

/// Ends a connection on which the rest of a request's body takes too long after the request was answered.
///
/// Whoever is refused may be still sending. That rest is read, so that the answer is not lost, and thrown away; but the server's own
/// timeout is about silence alone, and a client that sends a byte now and then would keep its connection for ever.
final class LateBodyHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let patience: TimeAmount
    private var isReading = false
    private var timer: Scheduled<Void>?

    fileprivate init(patience: TimeAmount) {
        self.patience = patience
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: isReading = true
        case .body: break
        case .end: ended()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data), isReading {
            let channel = context.channel
            timer = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
    }

    private func ended() {
        isReading = false
        timer?.cancel()
        timer = nil
    }
}

extension LateBodyHandler {
    /// Puts the handler where the HTTP server lets nobody put one: right behind the decoder, whose parts have public types.
    final class Installer: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Any

        private let patience: TimeAmount

        init(patience: TimeAmount) {
            self.patience = patience
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let pipeline = context.pipeline.syncOperations
            guard let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else {
                return
            }
            try? pipeline.addHandler(LateBodyHandler(patience: patience), position: .after(decoder))
        }
    }
}
