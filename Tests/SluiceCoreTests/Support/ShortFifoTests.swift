import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("ShortFifo")
struct ShortFifoTests {
    @Test("does what an array does", arguments: 0..<50 as Range<UInt64>)
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (fifo, model) = (ShortFifo<Int>(), [Int]())
        for number in 0..<300 {
            switch Int.random(in: 0..<9, using: &generator) {
            case 0..<4:
                fifo.append(number)
                model.append(number)
            case 4:
                fifo.prepend(number)
                model.insert(number, at: 0)
            case 5:
                let divisor = Int.random(in: 2..<5, using: &generator)
                let taken = fifo.remove { $0 % divisor == 0 }
                #expect(taken == model.filter { $0 % divisor == 0 })
                model.removeAll { $0 % divisor == 0 }
            default:
                let (first, expected) = (fifo.popFirst(), model.first)
                model = Array(model.dropFirst())
                #expect(first == expected)
            }
            #expect(fifo.first == model.first && fifo.isEmpty == model.isEmpty && fifo.count == model.count)
        }
        let rest = fifo.remove { _ in true }
        #expect(rest == model && fifo.isEmpty)
    }
}
