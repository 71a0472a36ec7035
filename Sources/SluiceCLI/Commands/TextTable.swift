/// Columns for people. What could move a terminal's cursor, or make a line look like two, is shown as an escape.
struct TextTable {
    let header: [String]
    let rows: [[String]]

    var text: String {
        let lines = ([header] + rows).map { $0.map(Self.shown) }
        let widths = header.indices.map { column in
            lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return lines.map { Self.line($0, widths) }.joined(separator: "\n")
    }

    private static func shown(_ cell: String) -> String {
        cell.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: scalar.escaped(asASCII: true)
            default: String(scalar)
            }
        }
        .joined()
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(0, width - cell.count))
        }
        let line = padded.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
