/// The names of the prefix lists, or of the route maps, for routes that come in and that go out; `nil`: all routes.
public struct PolicyNames: Equatable, Sendable {
    public var imported: String?
    public var exported: String?

    public init(imported: String? = nil, exported: String? = nil) {
        self.imported = imported
        self.exported = exported
    }
}

extension PolicyNames {
    /// A neighbor's own names, and where it has none those of its group.
    func completed(by group: PolicyNames) -> PolicyNames {
        PolicyNames(imported: imported ?? group.imported, exported: exported ?? group.exported)
    }
}
