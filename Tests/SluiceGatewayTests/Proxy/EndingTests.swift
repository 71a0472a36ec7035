import HTTPTypes
import Logging
import NIOCore
import SluiceCore
import SluiceGateway
import SluiceTesting
import Testing

/// Every call ends exactly once, with what there is to settle.
@Suite(.timeLimit(.minutes(10)))
struct EndingTests {
    /// Shutting the proxy down waits for all ends: what was told twice would have been told by then.
    private func expectOneEnd(
        _ ended: ProxyEnd.Ending, status: Int?, _ body: @Sendable (inout ProxyWorld) async throws -> Void
    ) async throws -> ProxyEnd {
        let ends = try await ProxyWorld.run { world in
            try await body(&world)
            _ = try await world.ends.next()
            await world.proxy.shutdown()
            #expect(world.proxy.callsUnderWay == 0)
            return world.ends.all
        }
        #expect(ends.count == 1)
        let end = try #require(ends.first)
        #expect(end.ended == ended)
        #expect(end.status == status)
        return end
    }

    private func expectFailure(_ world: ProxyWorld, _ call: ProxyCall, _ failure: ProxyFailure) async {
        await #expect(throws: failure) { try await world.response(call) }
    }

    @Test func unreachable() async throws {
        let end = try await expectOneEnd(.upstreamFailed(.unreachable), status: nil) { world in
            let port = try FreePort.next()
            let upstream = try Upstream(name: "none", kind: .openAI, baseURL: "http://127.0.0.1:\(port)", apiKey: "k")
            let request = try GatewayRequest(kind: .chat, body: Array(#"{"model":"m"}"#.utf8)) { $0 }
            let call = ProxyCall(kind: .chat, request: request, headers: [:], upstream: upstream)
            await expectFailure(world, call, .unreachable)
        }
        #expect(end.usage.usage == .zero)
        #expect(end.basis == .measured)
    }

    @Test func droppedBeforeTheHead() async throws {
        let end = try await expectOneEnd(.upstreamFailed(.closed), status: nil) { world in
            await expectFailure(world, try world.call("scripted-drop"), .closed)
        }
        #expect(end.basis == .estimated)
        #expect(end.usage.usage.input > 0)
    }

    @Test func notHTTP() async throws {
        _ = try await expectOneEnd(.upstreamFailed(.malformed), status: nil) { world in
            await expectFailure(world, try world.call("scripted-garbage"), .malformed)
        }
    }

    @Test func noFirstByteInTime() async throws {
        _ = try await expectOneEnd(.upstreamTimedOut, status: nil) { world in
            world.timeouts.firstByte = .milliseconds(100)
            await expectFailure(world, try world.call("scripted-hang"), .timedOut)
        }
    }

    @Test func noNextByteInTime() async throws {
        _ = try await expectOneEnd(.upstreamTimedOut, status: 200) { world in
            world.timeouts.idle = .milliseconds(100)
            let response = try await world.response(world.call("scripted-hang2"))
            await #expect(throws: ProxyFailure.timedOut) { try await response.body.collected() }
        }
    }

    @Test func notInTotalTime() async throws {
        try await ProxyWorld.run { world in
            world.timeouts.total = .milliseconds(500)
            let call = try world.call("scripted-chunks900-gate")
            // Where the machine is busy, time may be up before there is a head.
            do {
                _ = try await world.response(call).body.collected()
                Issue.record("The answer came to its end")
            } catch {
                #expect(error as? ProxyFailure == .timedOut)
            }
            let end = try await world.ends.next()
            #expect(end?.ended == .upstreamTimedOut)
        }
    }

    @Test(arguments: [("scripted-cut2", true), ("scripted-cut1", false), ("scripted-short", false)])
    func brokenOffByTheUpstream(model: String, isStream: Bool) async throws {
        let end = try await expectOneEnd(.upstreamFailed(.closed), status: 200) { world in
            let response = try await world.response(world.call(model, stream: isStream))
            await #expect(throws: ProxyFailure.closed) { try await response.body.collected() }
        }
        #expect(end.basis == (model == "scripted-short" ? end.basis : .estimated))
    }

    @Test(arguments: [400, 404, 429, 500, 529])
    func errors(status: Int) async throws {
        let end = try await expectOneEnd(.complete, status: status) { world in
            let response = try await world.response(world.call("scripted-status\(status)"))
            #expect(response.status.code == status)
            #expect(response.isUpstreamLimit == (status == 429))
            let body = try await response.body.collected()
            #expect(body.contains("Scripted"))
            #expect(response.contentLength == body.utf8.count)
            let isWaiting = status == 429 || status == 529
            #expect(response.headers[HTTPField.Name("retry-after")!] == (isWaiting ? "7" : nil))
        }
        #expect(end.usage.usage == .zero)
        #expect(end.basis == .measured)
    }

    @Test(arguments: [
        ("scripted-status401", ProxyFailure.keyRefused, 401), ("scripted-status403", .keyRefused, 403),
        ("scripted-redirect", .redirected, 307),
    ])
    func answersThatAreNotForClients(model: String, failure: ProxyFailure, status: Int) async throws {
        let end = try await expectOneEnd(.upstreamFailed(failure), status: status) { world in
            await expectFailure(world, try world.call(model), failure)
            #expect(failure.status == 502)
            #expect(world.upstream.count == 1)
        }
        #expect(end.usage.usage == .zero)
    }

    @Test func theClientStopsReading() async throws {
        let end = try await expectOneEnd(.clientGone, status: 200) { world in
            let response = try await world.response(world.call("scripted-chunks5-gate", kind: .messages))
            for try await _ in response.body { break }
            #expect(try await world.upstream.exchange(0).finished() == .cutOff)
        }
        #expect(end.basis == .estimated)
    }

    @Test func theBodyIsNeverRead() async throws {
        _ = try await expectOneEnd(.clientGone, status: 200) { world in
            _ = try await world.response(world.call("scripted-chunks5-gate"))
            #expect(try await world.upstream.exchange(0).finished() == .cutOff)
        }
    }

    @Test func theClientsTaskIsCancelledBeforeTheHead() async throws {
        let end = try await expectOneEnd(.clientGone, status: nil) { world in
            let client = Task { [world] in await world.forward(try world.call("scripted-hang")) }
            let exchange = try await world.upstream.exchange(0)
            client.cancel()
            #expect(try await exchange.finished() == .cutOff)
        }
        #expect(end.basis == .estimated)
    }

    @Test func theClientsConnectionGoesBeforeTheHead() async throws {
        _ = try await expectOneEnd(.clientGone, status: nil) { world in
            let (actions, action) = AsyncStream.makeStream(of: (@Sendable () -> Void).self)
            let call = try world.call("scripted-hang")
            let asking = Task { [world] in
                let client = ProxyClient { action.yield($0) }
                return await world.proxy.forward(call, from: client) { world.ends.add($0) }
            }
            let exchange = try await world.upstream.exchange(0)
            for await hangUp in actions {
                hangUp()
                break
            }
            #expect(try await exchange.finished() == .cutOff)
            guard case .failed = await asking.value else {
                return #expect(Bool(false), "nobody is there to be answered")
            }
        }
    }

    @Test func theClientsTaskIsCancelledWhileReading() async throws {
        _ = try await expectOneEnd(.clientGone, status: 200) { world in
            let response = try await world.response(world.call("scripted-hang1"))
            let reads = Gate()
            let client = Task {
                for try await _ in response.body { reads.open() }
            }
            try await reads.pass()
            client.cancel()
            #expect(try await world.upstream.exchange(0).finished() == .cutOff)
        }
    }

    @Test func theRestIsReadWithoutTheClient() async throws {
        let end = try await expectOneEnd(.clientGone, status: 200) { world in
            world.onHangUp = .drain(limit: .seconds(600))
            let response = try await world.response(world.call("scripted-chunks50-out77-gate", kind: .messages))
            for try await _ in response.body { break }
            world.upstream.gate.openForGood()
            #expect(try await world.upstream.exchange(0).finished() == .complete)
        }
        #expect(end.usage.usage.output == 77)
        #expect(end.basis == .drained)
    }

    @Test func theRestIsReadForALimitedTime() async throws {
        let end = try await expectOneEnd(.clientGone, status: 200) { world in
            world.onHangUp = .drain(limit: .milliseconds(100))
            let response = try await world.response(world.call("scripted-hang1", kind: .messages))
            for try await _ in response.body { break }
            #expect(try await world.upstream.exchange(0).finished() == .cutOff)
        }
        #expect(end.basis == .estimated)
    }

    @Test func shutDown() async throws {
        _ = try await expectOneEnd(.upstreamFailed(.shutDown), status: 200) { world in
            let response = try await world.response(world.call("scripted-hang1"))
            let reading = Task { try await response.body.collected() }
            await world.proxy.shutdown()
            await #expect(throws: ProxyFailure.shutDown) { try await reading.value }
        }
    }

    @Test func afterTheShutdown() async throws {
        let end = try await expectOneEnd(.upstreamFailed(.shutDown), status: nil) { world in
            await world.proxy.shutdown()
            await expectFailure(world, try world.call("scripted"), .shutDown)
            #expect(world.upstream.count == 0)
        }
        #expect(end.usage.usage == .zero)
    }

    @Test func theEndIsToldInATaskThatIsNotCancelled() async throws {
        try await ProxyWorld.run { world in
            let told = Gate()
            let call = try world.call("scripted-hang1")
            let answer = await world.proxy.forward(call) { _ in
                if !Task.isCancelled { told.open() }
            }
            _ = consume answer
            try await told.pass()
        }
    }
}
