/// Watches a JSON text go by, in pieces of any size and in little memory, and keeps the values that it was asked for.
///
/// It is for answers: what a provider sends is taken at its word, so that nothing is validated, and a text that is no JSON leaves
/// nothing found. Names with escapes are not recognised; no provider writes them so.
struct JSONWatcher: Sendable {
    /// Bytes of a value that is kept; a longer one is let go.
    static let maximumValue = 16_384
    /// Bytes of a name that is compared.
    private static let maximumName = 64
    /// Beyond it nothing more is looked at.
    private static let maximumDepth = 1_024

    private enum Place {
        case between
        case name
        case string(counts: Bool)
        case scalar
    }

    let fields: AnswerFields
    /// What was found, by ``AnswerFields/Field``.
    private(set) var found = [[UInt8]?](repeating: nil, count: AnswerFields.Field.allCases.count)
    /// The text of the model in it.
    private(set) var text = TokenTally()
    /// The end of the outermost value went by.
    private(set) var isWhole = false

    private var isLost = false
    private var place = Place.between
    private var isEscaped = false
    /// Whether each of the values around is an object.
    private var around: [Bool] = []
    private var expectsName = false
    private var name: [UInt8] = []
    /// The name of the member of the outermost object that is being read.
    private var outer: [UInt8] = []
    private var kept: (field: AnswerFields.Field, depth: Int)?
    private var value: [UInt8] = []

    init(_ fields: AnswerFields) {
        self.fields = fields
    }

    /// Begins a new text; what was counted stays.
    mutating func reset() {
        for field in found.indices { found[field] = nil }
        isWhole = false
        isLost = false
        place = .between
        isEscaped = false
        around.removeAll(keepingCapacity: true)
        kept = nil
    }

    mutating func take(_ bytes: Slice<UnsafeRawBufferPointer>) {
        var index = bytes.startIndex
        while index < bytes.endIndex, !isWhole, !isLost {
            switch place {
            case .name: index = takeString(bytes, from: index, isName: true, counts: false)
            case .string(let counts): index = takeString(bytes, from: index, isName: false, counts: counts)
            case .between, .scalar:
                takeStructure(bytes[index])
                index += 1
            }
        }
    }

    /// As much of a string as there is.
    private mutating func takeString(
        _ bytes: Slice<UnsafeRawBufferPointer>, from start: Int, isName: Bool, counts: Bool
    ) -> Int {
        var end = start
        while end < bytes.endIndex {
            let byte = bytes[end]
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                break
            }
            end += 1
        }
        let run = bytes[start..<end]
        if isName, name.count <= Self.maximumName { name += run.prefix(Self.maximumName + 1 - name.count) }
        if counts { text.addText(run) }
        keep(run)
        guard end < bytes.endIndex else { return end }
        place = .between
        keep(bytes[end...end])
        if !isName { endValue() }
        return end + 1
    }

    private mutating func takeStructure(_ byte: UInt8) {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09: endScalar()
        case UInt8(ascii: "\""): beginString()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            enter(isObject: byte == UInt8(ascii: "{"))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            endScalar()
            keep(CollectionOfOne(byte))
            around.removeLast(min(1, around.count))
            endValue()
        case UInt8(ascii: ","):
            endScalar()
            keep(CollectionOfOne(byte))
            expectsName = around.last ?? false
        case UInt8(ascii: ":"):
            keep(CollectionOfOne(byte))
            expectsName = false
        default:
            if case .between = place { beginValue() }
            place = .scalar
            keep(CollectionOfOne(byte))
        }
    }

    private mutating func beginString() {
        if expectsName {
            name.removeAll(keepingCapacity: true)
            place = .name
        } else {
            beginValue()
            let isMember = around.last ?? false
            place = .string(counts: isMember && fields.isText(name, depth: around.count))
        }
        keep(CollectionOfOne(UInt8(ascii: "\"")))
    }

    private mutating func enter(isObject: Bool) {
        beginValue()
        keep(CollectionOfOne(UInt8(ascii: isObject ? "{" : "[")))
        if around.count == 1 { outer = name }
        guard around.count < Self.maximumDepth else { return isLost = true }
        around.append(isObject)
        expectsName = isObject
    }

    private mutating func endScalar() {
        guard case .scalar = place else { return }
        place = .between
        endValue()
    }

    /// A value is about to be read: is it one to keep?
    private mutating func beginValue() {
        guard kept == nil, (1...2).contains(around.count), around.allSatisfy(\.self) else { return }
        guard let field = fields.field(name, in: around.count == 2 ? outer : nil) else { return }
        kept = (field, around.count)
        value.removeAll(keepingCapacity: true)
    }

    private mutating func endValue() {
        if let (field, depth) = kept, depth == around.count {
            found[field.rawValue] = value
            kept = nil
        }
        if around.isEmpty { isWhole = true }
    }

    private mutating func keep(_ bytes: some Collection<UInt8>) {
        guard let kept else { return }
        let most = kept.field.isLong ? Self.maximumValue : AnswerFields.maximumShortValue
        guard value.count + bytes.count <= most else { return self.kept = nil }
        value += bytes
    }
}
