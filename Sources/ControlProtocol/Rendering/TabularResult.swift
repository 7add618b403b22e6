/// A result whose text form is one table.
public protocol TabularResult: TextRenderable {
    func table() -> TextTable
}

extension TabularResult {
    public func text(_ style: TextStyle) -> String { table().text(style) }
}
