/// Lines of a report before they are printed one way or another.
struct AuditTable: Equatable {
    struct Column: Equatable {
        let name: String
        /// Left out of what people read.
        let isDetail: Bool

        init(_ name: String, isDetail: Bool = false) {
            self.name = name
            self.isDetail = isDetail
        }
    }

    let columns: [Column]
    let rows: [[AuditCell]]

    /// For people.
    var text: String {
        let shown = columns.indices.filter { !columns[$0].isDetail }
        return TextTable(header: shown.map { columns[$0].name }, rows: rows.map { row in shown.map { row[$0].shown } })
            .text
    }

    var csv: String { CSVText.encode([columns.map(\.name)] + rows.map { $0.map(\.plain) }) }
}

extension AuditTable: Encodable {
    /// A list of objects.
    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for row in rows {
            var object = list.nestedContainer(keyedBy: Name.self)
            for (column, cell) in zip(columns, row) { try object.encode(cell, forKey: Name(stringValue: column.name)) }
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
