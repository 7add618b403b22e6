import Addressing

/// `metrics listen`: where the box's counters are shown to a Prometheus server.
public struct MetricsSettings: Equatable, Sendable {
    /// An address of the machine. Whoever reaches it may read: there is neither a password nor encryption.
    public var address = Self.defaultAddress
    /// The TCP port there.
    public var port = Self.defaultPort

    public init() {}

    /// Only the machine itself reaches it.
    public static let defaultAddress = IPAddress.ipv4(IPv4Address(rawValue: 0x7F00_0001))
    public static let defaultPort: UInt16 = 9477
}
