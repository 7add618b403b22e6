import Addressing

/// `logging host`: a collector that the box's log is sent to (RFC 5424).
public struct LogCollectorSettings: Hashable, Sendable {
    public enum Transport: String, Hashable, Sendable, CaseIterable {
        case udp
        case tcp
    }

    public var address: IPAddress
    public var port = Self.defaultPort
    public var transport = Transport.udp

    public init(address: IPAddress) { self.address = address }

    /// IANA's port for syslog over UDP; collectors that take TCP mostly do so there.
    public static let defaultPort: UInt16 = 514
    /// How many a box has at most.
    public static let most = 8
}

extension LogCollectorSettings: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        (a.address, a.port, a.transport.rawValue) < (b.address, b.port, b.transport.rawValue)
    }
}
