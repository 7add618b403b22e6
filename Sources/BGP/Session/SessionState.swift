/// The states of a session (RFC 4271 §8.2.2).
public enum SessionState: UInt8, Hashable, Sendable, CaseIterable, Comparable {
    case idle = 1
    case connect = 2
    case active = 3
    case openSent = 4
    case openConfirm = 5
    case established = 6

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension SessionState: CustomStringConvertible {
    public var description: String {
        switch self {
        case .idle: "Idle"
        case .connect: "Connect"
        case .active: "Active"
        case .openSent: "OpenSent"
        case .openConfirm: "OpenConfirm"
        case .established: "Established"
        }
    }
}
