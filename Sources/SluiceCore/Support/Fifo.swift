/// A queue on one array: appending and taking from the front cost O(1) amortised, any element is reached by index.
struct Fifo<Element> {
    private var storage: [Element] = []
    private var head = 0

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    /// Puts `element` before all others: O(1) where something was taken before, else O(n).
    mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            storage[head] = element
        } else {
            storage.insert(element, at: 0)
        }
    }

    mutating func popFirst() -> Element? {
        guard head < storage.count else { return nil }
        let element = storage[head]
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.capacity <= 1_024)
            head = 0
        } else if head >= 32, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }
}

extension Fifo: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { storage.count - head }
    subscript(position: Int) -> Element { storage[head + position] }
}

extension Fifo: Sendable where Element: Sendable {}
