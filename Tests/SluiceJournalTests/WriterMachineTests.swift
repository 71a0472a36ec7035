import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceJournal

@Suite struct WriterMachineTests {
    private typealias Machine = WriterMachine<Int>

    private let start = ContinuousClock.now
    private let record = [UInt8](repeating: 1, count: 100)

    private func machine(
        maximumBytes: Int64 = 1_000_000, whenFull: JournalSettings.WhenFull = .admit, groupBytes: Int = 1_000
    ) -> Machine {
        Machine(
            limits: .init(
                maximumBytes: maximumBytes, maximumWait: .seconds(1), whenFull: whenFull, groupBytes: groupBytes))
    }

    private func at(_ milliseconds: Int64) -> ContinuousClock.Instant {
        start.advanced(by: .milliseconds(milliseconds))
    }

    private func arrive(_ machine: inout Machine, _ waiter: Int, at milliseconds: Int64 = 0) -> Machine.Arrival {
        machine.arrived(
            record, time: Timestamp(microseconds: Int64(waiter)), waiter: waiter, at: at(milliseconds))
    }

    private func group(_ machine: inout Machine) -> RecordGroup? {
        if case .write(let group) = machine.nextStep() { group } else { nil }
    }

    @Test func recordsGatherWhileOneIsWritten() {
        var machine = machine()
        #expect(arrive(&machine, 1) == .queued(wakesWriter: true, wakesWatch: true))
        #expect(group(&machine)?.count == 1)
        #expect(arrive(&machine, 2) == .queued(wakesWriter: false, wakesWatch: false))
        #expect(arrive(&machine, 3) == .queued(wakesWriter: false, wakesWatch: false))
        #expect(machine.written(live: .init(bytes: 100, records: 1)) == [1])
        let second = group(&machine)
        #expect(second?.count == 2)
        #expect(second?.oldest == Timestamp(microseconds: 2))
        #expect(machine.written(live: .init(bytes: 300, records: 3)) == [2, 3])
        #expect(group(&machine) == nil)
        #expect(arrive(&machine, 4) == .queued(wakesWriter: true, wakesWatch: false))
    }

    @Test func aGroupIsBounded() {
        var machine = machine(groupBytes: 250)
        for waiter in 1...5 { _ = arrive(&machine, waiter) }
        var sizes: [Int] = []
        while let group = group(&machine) {
            sizes.append(group.count)
            _ = machine.written(live: .init())
        }
        #expect(sizes == [2, 2, 1])
    }

    @Test func whatIsHeldIsBounded() {
        let maximum = Int64(1_000 + SegmentHeader.maximumBytes)
        var machine = machine(maximumBytes: maximum)
        machine.shelved(500)
        for waiter in 1...3 { _ = arrive(&machine, waiter) }
        _ = group(&machine)
        _ = machine.written(live: .init(bytes: 300, records: 3))
        #expect(arrive(&machine, 4) != .turnedDown(.full))
        #expect(arrive(&machine, 5) != .turnedDown(.full))
        #expect(arrive(&machine, 6) == .turnedDown(.full))
        #expect(machine.trouble == .full)
        #expect(machine.lost == 1)
        machine.removedFromShelf(500)
        #expect(machine.trouble == nil)
        #expect(arrive(&machine, 7) != .turnedDown(.full))
    }

    @Test func afterAFailureTheDiskIsTriedOnceASecond() {
        var machine = machine()
        _ = arrive(&machine, 1)
        _ = group(&machine)
        _ = arrive(&machine, 2)
        let failure = machine.failed("no space", live: .init(), at: at(10))
        #expect(failure.waiters == [1, 2])
        #expect(failure.isNews)
        #expect(machine.trouble == .failing)
        #expect(arrive(&machine, 3, at: 1_009) == .turnedDown(.failing))
        #expect(arrive(&machine, 4, at: 1_010) != .turnedDown(.failing))
        // The one that tries is not waited for.
        #expect(arrive(&machine, 5, at: 1_011) == .turnedDown(.failing))
        #expect(group(&machine)?.count == 1)
        let again = machine.failed("no space", live: .init(), at: at(1_020))
        #expect(again.waiters == [4])
        #expect(!again.isNews)
        _ = arrive(&machine, 6, at: 2_020)
        _ = group(&machine)
        #expect(machine.written(live: .init()) == [6])
        #expect(machine.trouble == nil)
        #expect(arrive(&machine, 7, at: 2_021) != .turnedDown(.failing))
        #expect(machine.lost == 5)
    }

    @Test func nobodyWaitsLongForAStuckDisk() {
        var machine = machine()
        _ = arrive(&machine, 1)
        _ = group(&machine)
        _ = arrive(&machine, 2, at: 900)
        #expect(machine.looked(at: at(0)).next == at(1_000))
        #expect(machine.looked(at: at(999)).waiters == [])
        let look = machine.looked(at: at(1_000))
        #expect(look.waiters == [1, 2])
        #expect(look.next == nil)
        #expect(arrive(&machine, 3, at: 1_001) == .turnedDown(.stuck))
        #expect(machine.written(live: .init()) == [])
        #expect(arrive(&machine, 4, at: 1_002) == .queued(wakesWriter: false, wakesWatch: true))
        // The one that went through is written after all, with the new one.
        #expect(group(&machine)?.count == 2)
        #expect(machine.lost == 3)
    }

    @Test func aCallThatWasTurnedAwayIsNotWrittenLater() {
        var machine = machine(whenFull: .refuse)
        _ = arrive(&machine, 1)
        _ = group(&machine)
        _ = arrive(&machine, 2)
        #expect(machine.looked(at: at(1_000)).waiters == [1, 2])
        _ = machine.written(live: .init())
        #expect(group(&machine) == nil)
        #expect(machine.lost == 0)
    }

    @Test func closingWritesWhatIsHere() {
        var machine = machine()
        _ = arrive(&machine, 1)
        let wakes = machine.close()
        #expect(!wakes)
        #expect(arrive(&machine, 2) == .turnedDown(.closed))
        #expect(group(&machine)?.count == 1)
        #expect(machine.written(live: .init()) == [1])
        guard case .end = machine.nextStep() else { return #expect(Bool(false)) }
        #expect(machine.hasEnded)
    }

    @Test func onlyASegmentWithRecordsIsSealed() {
        var machine = machine()
        let wakes = machine.sealWanted()
        #expect(!wakes)
        _ = arrive(&machine, 1)
        _ = machine.sealWanted()
        #expect(group(&machine)?.count == 1)
        _ = machine.written(live: .init(bytes: 100, records: 1))
        guard case .seal = machine.nextStep() else { return #expect(Bool(false)) }
        machine.shelved(100, live: .init())
        guard case .sleep = machine.nextStep() else { return #expect(Bool(false)) }
        #expect(machine.shelvedBytes == 100)
    }

    /// Whatever happens, each waiter is answered once, and bytes add up.
    @Test(arguments: 0..<50) func everyWaiterIsAnsweredOnce(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var machine = machine(
            maximumBytes: 5_000, whenFull: Bool.random(using: &generator) ? .admit : .refuse, groupBytes: 400)
        var answers: [Int: Int] = [:]
        var live = Machine.Live()
        var inFlight = 0
        func answer(_ waiters: [Int]) { for waiter in waiters { answers[waiter, default: 0] += 1 } }
        for step in 0..<2_000 {
            let now = at(Int64(step * 50))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                if case .turnedDown = machine.arrived(
                    record, time: Timestamp(microseconds: 0), waiter: step, at: now)
                {
                    answer([step])
                } else {
                    answers[step] = 0
                }
            case 5 where inFlight == 0:
                if let group = group(&machine) { inFlight = group.count }
            case 6 where inFlight > 0:
                live.bytes += Int64(inFlight * record.count)
                answer(machine.written(live: live))
                inFlight = 0
            case 7 where inFlight > 0 && Bool.random(using: &generator):
                answer(machine.failed("x", live: live, at: now).waiters)
                inFlight = 0
            case 8: answer(machine.looked(at: now).waiters)
            default:
                guard inFlight == 0 else { continue }
                machine.shelved(live.bytes, live: .init())
                machine.removedFromShelf(live.bytes)
                live = .init()
            }
            #expect(machine.shelvedBytes + machine.live.bytes <= 5_000)
        }
        if inFlight > 0 { answer(machine.written(live: live)) }
        while group(&machine) != nil { answer(machine.written(live: live)) }
        #expect(answers.values.allSatisfy { $0 == 1 })
    }
}
