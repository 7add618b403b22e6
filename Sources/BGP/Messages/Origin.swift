/// ORIGIN (RFC 4271 §5.1.1), lower is preferred.
public enum Origin: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    case igp = 0
    case egp = 1
    case incomplete = 2

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Origin: CustomStringConvertible {
    public var description: String {
        switch self {
        case .igp: "igp"
        case .egp: "egp"
        case .incomplete: "incomplete"
        }
    }
}
