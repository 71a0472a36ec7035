import SluiceCore
import Synchronization
import Testing

@testable import SluiceIDs

@Suite("CallIDSource")
struct CallIDSourceTests {
    private let start = Timestamp(microseconds: 1_768_478_400_123_456)

    /// Gives numbers in their order in place of random ones.
    private final class Numbers: Sendable {
        private let last = Mutex<UInt64>(0)
        private let calls = Mutex(0)
        var fills: Int { calls.withLock { $0 } }

        func fill(_ bytes: UnsafeMutableRawBufferPointer) {
            calls.withLock { $0 += 1 }
            for index in bytes.bindMemory(to: UInt64.self).indices {
                bytes.storeBytes(
                    of: last.withLock {
                        $0 += 1; return $0
                    }, toByteOffset: index * 8, as: UInt64.self)
            }
        }
    }

    @Test("ids of many tasks differ, and are of version 7 with their millisecond")
    func distinct() async {
        let source = CallIDSource()
        let ids = await withTaskGroup(of: [CallID].self) { group in
            for _ in 0..<8 { group.addTask { [start] in (0..<5_000).map { _ in source.next(at: start) } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 40_000)
        #expect(ids.allSatisfy { $0.bits.high >> 16 == 1_768_478_400_123 && $0.bits.high >> 12 & 0xF == 7 })
        #expect(ids.allSatisfy { $0.bits.low >> 62 == 2 })
        #expect(Set(ids.map { $0.bits.low & 0xFF }).count == 256, "every bit varies")
    }

    @Test("the kernel is asked once for many ids, and no bits are used twice")
    func blocks() {
        let numbers = Numbers()
        let source = CallIDSource { numbers.fill($0) }
        let ids = (0..<RandomBlock.size).map { _ in source.next(at: start) }
        #expect(numbers.fills == 2)
        #expect(ids.map { $0.bits.low & 0xFFFF } == ids.indices.map { UInt64(2 * $0 + 2) })
    }

    @Test("bits that are old, of a time to come, or a parent's are not used")
    func refreshes() {
        let numbers = Numbers()
        var block = RandomBlock { numbers.fill($0) }
        func draw(_ milliseconds: Int64, forks: Int = 0) -> Int {
            let now = start.advanced(by: .milliseconds(milliseconds))
            block.refresh(at: now, maximumAge: .seconds(1), forks: forks)
            _ = block.next()
            return numbers.fills
        }
        #expect(draw(0) == 1)
        #expect(draw(1_000) == 1)
        #expect(draw(1_001) == 2)
        #expect(draw(1_000) == 3, "the clock was set back")
        #expect(draw(1_000, forks: 1) == 4)
        #expect(draw(1_000, forks: 1) == 4)
    }
}
