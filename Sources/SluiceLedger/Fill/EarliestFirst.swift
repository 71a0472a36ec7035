/// A binary heap of what is to come, the earliest on top.
struct EarliestFirst<Element> {
    private var items: [(at: Int64, element: Element)] = []

    var isEmpty: Bool { items.isEmpty }

    /// When the earliest comes.
    var earliest: Int64? { items.first?.at }

    mutating func insert(_ element: Element, at: Int64) {
        items.append((at, element))
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].at < items[parent].at else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest if it comes no later than `limit`.
    mutating func next(until limit: Int64) -> (at: Int64, element: Element)? {
        guard let first = items.first, first.at <= limit else { return nil }
        let last = items.removeLast()
        guard !items.isEmpty else { return first }
        items[0] = last
        sink()
        return first
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < items.count else { return }
            if child + 1 < items.count, items[child + 1].at < items[child].at { child += 1 }
            guard items[child].at < items[parent].at else { return }
            items.swapAt(child, parent)
            parent = child
        }
    }
}
