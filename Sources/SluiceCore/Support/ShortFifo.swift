/// A queue that mostly holds one element, which takes no allocation.
struct ShortFifo<Element> {
    private var head: Element?
    private var rest = Fifo<Element>()

    var first: Element? { head }
    var isEmpty: Bool { head == nil }
    var count: Int { head == nil ? 0 : 1 + rest.count }

    mutating func append(_ element: Element) {
        if head == nil { head = element } else { rest.append(element) }
    }

    /// Puts `element` before all others.
    mutating func prepend(_ element: Element) {
        if let head { rest.prepend(head) }
        head = element
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        let first = head.take()
        head = rest.popFirst()
        return first
    }

    /// Takes out those that it is true for, and returns them in their order.
    mutating func remove(where isTaken: (Element) -> Bool) -> [Element] {
        var (taken, kept) = ([Element](), ShortFifo())
        while let element = popFirst() {
            if isTaken(element) { taken.append(element) } else { kept.append(element) }
        }
        self = kept
        return taken
    }
}

extension ShortFifo: Sendable where Element: Sendable {}
