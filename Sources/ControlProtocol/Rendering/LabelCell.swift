import Addressing

extension TextTable.Cell {
    /// A label with the one above it, if there is one; a dash for none.
    init(labels outer: MPLSLabel?, _ label: MPLSLabel?) {
        self.init(label.map { label in outer.map { "\($0)/\(label)" } ?? "\(label)" } ?? "-")
    }
}
