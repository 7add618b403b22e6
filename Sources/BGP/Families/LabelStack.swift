import Addressing

/// The labels of a labelled route (RFC 8277 §2): at least one, the outermost first.
///
/// A single label is the ordinary case and is stored in place; a route with more than one, which nobody may send
/// without the Multiple Labels capability, is representable so that it can be refused by name.
public enum LabelStack: Hashable, Sendable {
    /// As many are taken with a route where more than one may come: a packet has room for no more.
    public static let mostReceived = 2

    case single(MPLSLabel)
    /// Two labels or more.
    case multiple([MPLSLabel])

    /// `nil` for no label at all, which no labelled route may have.
    public init?(_ labels: [MPLSLabel]) {
        guard let first = labels.first else { return nil }
        self = labels.count == 1 ? .single(first) : .multiple(labels)
    }

    /// The labels, the outermost first.
    public var labels: [MPLSLabel] {
        switch self {
        case .single(let label): [label]
        case .multiple(let labels): labels
        }
    }

    public var count: Int {
        switch self {
        case .single: 1
        case .multiple(let labels): labels.count
        }
    }

    /// The label, if there is exactly one.
    public var onlyLabel: MPLSLabel? {
        switch self {
        case .single(let label): label
        case .multiple: nil
        }
    }
}

extension LabelStack: CustomStringConvertible {
    public var description: String { labels.map(\.description).joined(separator: "/") }
}
