/// A result whose text form is one table.
public protocol TabularResult: TextRenderable {
    func table() -> TextTable
    /// A line below the table.
    var closingRemark: String? { get }
}

extension TabularResult {
    public func text(_ style: TextStyle) -> String {
        table().text(style) + (closingRemark.map { $0 + "\n" } ?? "")
    }

    public var closingRemark: String? { nil }
}
