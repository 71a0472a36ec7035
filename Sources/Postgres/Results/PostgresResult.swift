/// What a statement answered: rows, or how many it affected.
public struct PostgresResult: Sendable {
    let handle: PQResultHandle

    /// What was done and to how many rows, such as `INSERT 0 3`.
    public var commandTag: String { handle.commandTag }

    /// How many rows were inserted, updated, deleted or selected; `nil` for commands that do not count.
    public var affectedRows: Int? { handle.affectedRows }

    /// The columns' names in their order.
    public var columns: [String] { (0..<handle.columnCount).map(handle.name(ofColumn:)) }
}

extension PostgresResult: RandomAccessCollection {
    public var startIndex: Int { 0 }

    public var endIndex: Int { handle.rowCount }

    /// A row by its number; traps when there is no such row, as an array does.
    public subscript(index: Int) -> PostgresRow {
        precondition(index >= 0 && index < handle.rowCount, "row \(index) of \(handle.rowCount)")
        return PostgresRow(handle: handle, index: index)
    }
}
