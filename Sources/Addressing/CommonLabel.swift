/// A label that is provisioned, and the same on all routers that are configured alike (RFC 9573 §3): one of the domain-wide common
/// block, or one of a context-specific label space (RFC 5331) that a label of the block names.
public struct CommonLabel: Hashable, Sendable, Comparable {
    public let label: MPLSLabel
    /// The label of the block that stands above it in packets and names its space; `nil`: it is of the block itself.
    public let context: MPLSLabel?

    public init(_ label: MPLSLabel, context: MPLSLabel? = nil) {
        self.label = label
        self.context = context
    }

    public static func < (a: Self, b: Self) -> Bool {
        (a.context?.rawValue ?? 0, a.label) < (b.context?.rawValue ?? 0, b.label)
    }
}

extension CommonLabel: CustomStringConvertible {
    /// As a stack, the outermost first.
    public var description: String { context.map { "\($0)/\(label)" } ?? "\(label)" }
}
