import SluiceTesting
import Testing

@testable import SluiceCore

@Suite("Ticket", .timeLimit(.minutes(10)))
struct TicketTests {
    private func failure(_ name: Int) -> Ticket.Answer { .failure(StoreError(.unavailable, "\(name)")) }

    /// Answers with its name once the gate is shut.
    ///
    /// - Returns: the name if it was heard.
    private func answer(_ ticket: Ticket, as name: Int, behind gate: AsyncStream<Void>) async -> Int? {
        for await _ in gate {}
        guard let caller = ticket.take(failure(name)) else { return nil }
        caller.resume()
        return name
    }

    @Test("of many who answer at once one is heard, and the caller goes on once")
    func race() async {
        for _ in 0..<2_000 {
            let ticket = Ticket()
            let gates = (0..<4).map { _ in AsyncStream.makeStream(of: Void.self) }
            let (heard, winners) = await withTaskGroup(of: Int?.self) { group in
                for (name, gate) in gates.enumerated() {
                    group.addTask { await answer(ticket, as: name, behind: gate.stream) }
                }
                let heard = await ticket.answer { gates.forEach { $0.continuation.finish() } }
                return (heard, await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] })
            }
            #expect(winners.count == 1)
            #expect(heard == winners.first.map(failure))
            #expect(ticket.isKept)
        }
    }

    @Test("a caller who goes away is told nothing, and an answer that comes along is not heard twice")
    func cancellation() async {
        for _ in 0..<2_000 {
            let ticket = Ticket()
            let (asked, gate) = AsyncStream.makeStream(of: Void.self)
            async let winner = answer(ticket, as: 0, behind: asked)
            async let leaving: Void = ticket.cancel()
            let heard = await ticket.answer { gate.finish() }
            gate.finish()
            await leaving
            #expect(await winner.map(failure) == heard)
        }
    }

    @Test("whoever is gone before he asks does not ask")
    func gone() async {
        let ticket = Ticket()
        ticket.cancel()
        let answer = await ticket.answer { Issue.record("asked") }
        #expect(answer == nil && ticket.isKept)
        ticket.keep(failure(0))
    }
}
