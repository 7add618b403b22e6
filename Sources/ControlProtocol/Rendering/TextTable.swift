/// A table without borders: a heading line, then rows; columns are separated by two spaces.
public struct TextTable: Hashable, Sendable {
    public enum Alignment: Hashable, Sendable {
        /// For names.
        case left
        /// For numbers.
        case right
    }

    public struct Column: Hashable, Sendable {
        public let title: String
        public let alignment: Alignment

        public static func name(_ title: String) -> Column { Column(title: title, alignment: .left) }
        public static func number(_ title: String) -> Column { Column(title: title, alignment: .right) }
    }

    public struct Cell: Hashable, Sendable, ExpressibleByStringLiteral {
        public let text: String
        public let emphasis: Emphasis

        public init(_ text: String, _ emphasis: Emphasis = .none) {
            self.text = text.withoutControlCharacters
            self.emphasis = emphasis
        }

        public init(stringLiteral value: String) { self.init(value) }

        public init(_ value: (some CustomStringConvertible)?, _ emphasis: Emphasis = .none) {
            self.init(value.map(\.description) ?? "-", emphasis)
        }

        /// Values separated by spaces, or a dash for none.
        public init(list values: [some CustomStringConvertible]) {
            self.init(values.isEmpty ? "-" : values.map(\.description).joined(separator: " "))
        }
    }

    public let columns: [Column]
    /// What is shown instead of a table without rows.
    public let emptyText: String
    public private(set) var rows: [[Cell]] = []

    public init(_ columns: [Column], emptyText: String) {
        self.columns = columns
        self.emptyText = emptyText
    }

    /// Appends a row with one cell for each column.
    public mutating func append(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has one cell for each column")
        rows.append(cells)
    }

    /// The table, or ``emptyText`` where it has no rows.
    public func text(_ style: TextStyle) -> String {
        guard !rows.isEmpty else { return emptyText + "\n" }
        var layout = Layout()
        return layout.text(of: self, style)
    }

    /// The widths of a table that comes in pieces: columns may grow from piece to piece, but never shrink.
    public struct Layout: Hashable, Sendable {
        private var widths: [Int] = []

        public init() {}

        /// The rows of a piece, with the heading line in front of the first.
        public mutating func text(of table: TextTable, _ style: TextStyle) -> String {
            let isFirst = widths.isEmpty
            if isFirst { widths = table.columns.map(\.title.count) }
            for row in table.rows {
                for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.text.count) }
            }
            var text = ""
            if isFirst { text += line(table.columns.map { Cell($0.title, .heading) }, table.columns, style) }
            for row in table.rows { text += line(row, table.columns, style) }
            return text
        }

        private func line(_ cells: [Cell], _ columns: [Column], _ style: TextStyle) -> String {
            var text = ""
            for (index, cell) in cells.enumerated() {
                if index > 0 { text += "  " }
                let padding = String(repeating: " ", count: widths[index] - cell.text.count)
                if columns[index].alignment == .right { text += padding }
                text += style.show(cell.text, as: cell.emphasis)
                if columns[index].alignment == .left { text += padding }
            }
            // No trailing blanks: they wrap lines on narrow screens.
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
    }
}
