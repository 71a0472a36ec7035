import Testing

@testable import Postgres

struct ConnectionMachineTests {
    @Test func oneAtATimeInOrder() {
        var machine = ConnectionMachine()
        #expect(machine.submitted(1) == .send)
        #expect(machine.submitted(2) == .wait)
        #expect(machine.submitted(3) == .wait)
        #expect(machine.answered() == .proceed(answer: 1, send: 2))
        #expect(machine.answered() == .proceed(answer: 2, send: 3))
        #expect(machine.answered() == .proceed(answer: 3, send: nil))
        #expect(machine.isIdle)
        #expect(machine.answered() == .none)
    }

    @Test func theNextWaitsForTheAnswerAndTheCancel() {
        var machine = ConnectionMachine()
        _ = machine.submitted(1)
        _ = machine.submitted(2)
        #expect(machine.gaveUp(1) == .abandon)
        #expect(machine.gaveUp(1) == .none)
        #expect(machine.answered() == .keepDraining)
        #expect(!machine.awaitsAnswer)
        #expect(machine.submitted(3) == .wait)
        #expect(machine.cancelReturned() == .proceed(answer: nil, send: 2))
        #expect(machine.running == 2)
    }

    @Test func theCancelMayReturnFirst() {
        var machine = ConnectionMachine()
        _ = machine.submitted(1)
        _ = machine.submitted(2)
        #expect(machine.gaveUp(1) == .abandon)
        #expect(machine.cancelReturned() == .keepDraining)
        #expect(machine.awaitsAnswer)
        #expect(machine.answered() == .proceed(answer: nil, send: 2))
        #expect(machine.cancelReturned() == .none)
        #expect(machine.running == 2)
    }

    @Test func theServerIsAskedAgainOnlyWhenItWasAsked() {
        var machine = ConnectionMachine()
        _ = machine.submitted(1)
        #expect(machine.asksAgain() == false)
        _ = machine.gaveUp(1)
        #expect(machine.asksAgain() == false)
        _ = machine.cancelReturned()
        #expect(machine.asksAgain() == true)
        #expect(machine.answered() == .keepDraining)
        #expect(machine.asksAgain() == false)
        #expect(machine.cancelReturned() == .proceed(answer: nil, send: nil))
    }

    @Test func whoWaitsMayLeave() {
        var machine = ConnectionMachine()
        _ = machine.submitted(1)
        _ = machine.submitted(2)
        _ = machine.submitted(3)
        #expect(machine.gaveUp(2) == .drop)
        #expect(machine.answered() == .proceed(answer: 1, send: 3))
        #expect(machine.gaveUp(1) == .none)
    }

    @Test func closingTellsSentFromUnsent() {
        var machine = ConnectionMachine()
        _ = machine.submitted(1)
        _ = machine.submitted(2)
        let lost = machine.closed()
        #expect(lost.running == 1)
        #expect(lost.waiting == [2])
        #expect(machine.submitted(3) == .refuse)
        #expect(machine.answered() == .none)
        #expect(machine.cancelReturned() == .none)
        #expect(machine.closed().waiting == [])
    }

    /// Random events against a plain model: every request ends exactly once, in order, and never two are on the wire.
    @Test(arguments: 0..<200) func randomEvents(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var machine = ConnectionMachine()
        var ended: Set<UInt64> = []
        var onWire: UInt64?
        var unsent: [UInt64] = []
        var cancelsOut = 0
        func end(_ request: UInt64) { #expect(ended.insert(request).inserted) }
        func send(_ request: UInt64?) {
            guard let request else { return }
            #expect(onWire == nil && cancelsOut == 0)
            #expect(unsent.removeFirst() == request)
            onWire = request
        }
        var last: UInt64 = 0
        for _ in 0..<300 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                last += 1
                unsent.append(last)
                if machine.submitted(last) == .send { send(last) }
            case 2:
                guard onWire != nil else { break }
                let answered = onWire
                onWire = nil
                if case .proceed(let answer, let next) = machine.answered() {
                    if let answer {
                        #expect(answer == answered)
                        end(answer)
                    }
                    send(next)
                }
            case 3:
                guard last > 0 else { break }
                let request = UInt64.random(in: 1...last, using: &random)
                switch machine.gaveUp(request) {
                case .abandon:
                    #expect(onWire == request)
                    cancelsOut += 1
                    end(request)
                case .drop:
                    unsent.removeAll { $0 == request }
                    end(request)
                case .none:
                    #expect(ended.contains(request))
                }
            default:
                if cancelsOut == 0, onWire != nil, machine.asksAgain() { cancelsOut += 1 }
                guard cancelsOut > 0 else { break }
                cancelsOut -= 1
                if case .proceed(_, let next) = machine.cancelReturned() { send(next) }
            }
            #expect(machine.isIdle == (onWire == nil && cancelsOut == 0 && unsent.isEmpty))
        }
        let lost = machine.closed()
        lost.waiting.forEach(end)
        if let running = lost.running { end(running) }
        #expect(ended.count == Int(last))
    }
}
