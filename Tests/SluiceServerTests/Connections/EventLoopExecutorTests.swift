import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOPosix
import SluiceCore
import Synchronization
import Testing

@testable import SluiceServer

@Suite(.timeLimit(.minutes(10)))
struct EventLoopExecutorTests {
    @Test func tasksRunOnTheirLoopWhateverTheyWaitFor() async {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let executor = EventLoopExecutor(loop)
            let task = Task(executorPreference: executor) {
                var isOnLoop = [loop.inEventLoop]
                await Task.yield()
                isOnLoop.append(loop.inEventLoop)
                await withCheckedContinuation { continuation in
                    Task.detached { continuation.resume() }
                }
                isOnLoop.append(loop.inEventLoop)
                async let child = loop.inEventLoop
                isOnLoop.append(await child)
                return isOnLoop
            }
            #expect(await task.value == [true, true, true, true])
        }
    }

    @Test func sharedTasksRunOnTheLoopThatAskedLast() async {
        let shared = SharedLoopExecutor()
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let task = await withTaskExecutorPreference(EventLoopExecutor(loop)) {
                Task(executorPreference: shared) {
                    let isOnLoopAtFirst = loop.inEventLoop
                    await withCheckedContinuation { continuation in
                        Task.detached { continuation.resume() }
                    }
                    return [isOnLoopAtFirst, loop.inEventLoop]
                }
            }
            #expect(await task.value == [true, true])
        }
    }

    /// Or a few large ones would hold up everybody else.
    @Test func longBodiesAreReadElsewhere() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        func isOnLoop(_ bytes: Int) async throws -> [Bool] {
            try await withTaskExecutorPreference(EventLoopExecutor(loop)) {
                let body = ByteBuffer(repeating: 0x20, count: bytes)
                let isThere = try await BodyWork.run(on: body) { loop.inEventLoop }
                await Task.yield()
                return [isThere, loop.inEventLoop]
            }
        }
        #expect(try await isOnLoop(BodyWork.longestOnLoop) == [true, true])
        #expect(try await isOnLoop(BodyWork.longestOnLoop + 1) == [false, true])
    }

    @Test func requestsAreServedWhereTheyAreRead() async throws {
        let isOnLoop = Mutex<[Bool]>([])
        let limiter = ScriptedLimiter { call, policy in
            let loops = MultiThreadedEventLoopGroup.singleton.makeIterator()
            isOnLoop.withLock { $0.append(loops.contains { $0.inEventLoop }) }
            return .admitted(Sample.admission(of: call, under: policy))
        }
        let service = try TestService(limiter: limiter)
        try await service.application.test(.live) { client in
            for _ in 0..<4 {
                let answer = try await client.execute(
                    uri: "/v1/admit", method: .post,
                    headers: [.authorization: "Bearer \(Sample.key)", .contentType: "application/json"],
                    body: ByteBuffer(string: #"{"user":"\#(Sample.user)"}"#))
                #expect(answer.status == .ok)
            }
        }
        #expect(isOnLoop.withLock { $0 } == [true, true, true, true])
    }
}
