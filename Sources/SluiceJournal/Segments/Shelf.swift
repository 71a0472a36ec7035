import SluiceCore
import Synchronization

/// The sealed segments of a journal, oldest first. Whoever works on one takes it out, so that two never work on the same.
final class Shelf: Sendable {
    private struct Slot {
        var segment: SealedSegment
        var isOut = false
    }

    struct Load: Equatable {
        var segments = 0
        var records = 0
        var bytes: Int64 = 0
        var oldest: Timestamp?
    }

    private let slots = Mutex<[Slot]>([])

    var isEmpty: Bool { slots.withLock { $0.isEmpty } }

    var load: Load {
        slots.withLock { slots in
            slots.reduce(into: Load()) { load, slot in
                load.segments += 1
                load.records += slot.segment.records
                load.bytes += Int64(slot.segment.bytes)
                if slot.segment.records > 0 { load.oldest = earlier(load.oldest, slot.segment.oldest) }
            }
        }
    }

    func add(_ segment: SealedSegment) {
        slots.withLock { slots in
            let index = slots.firstIndex { $0.segment.name > segment.name } ?? slots.endIndex
            slots.insert(Slot(segment: segment), at: index)
        }
    }

    /// The oldest one after `name` that nobody works on.
    func takeOut(after name: SegmentName?) -> SealedSegment? {
        slots.withLock { slots in
            let index = slots.firstIndex { slot in
                !slot.isOut && name.map { slot.segment.name > $0 } ?? true
            }
            guard let index else { return nil }
            slots[index].isOut = true
            return slots[index].segment
        }
    }

    /// Shows how far a segment that is out has come.
    func update(_ segment: SealedSegment) {
        change(segment) { $0.segment = segment }
    }

    func putBack(_ segment: SealedSegment) {
        change(segment) { $0 = Slot(segment: segment) }
    }

    func remove(_ segment: SealedSegment) {
        slots.withLock { $0.removeAll { $0.segment.name == segment.name } }
    }

    /// Lets go of all files, and so of their locks, once nobody works on them.
    func clear() {
        slots.withLock { $0 = [] }
    }

    private func change(_ segment: SealedSegment, _ body: (inout Slot) -> Void) {
        slots.withLock { slots in
            guard let index = slots.firstIndex(where: { $0.segment.name == segment.name }) else { return }
            body(&slots[index])
        }
    }
}
