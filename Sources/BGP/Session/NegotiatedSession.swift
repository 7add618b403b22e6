import Addressing

/// What the two OPEN messages of an established session came to.
public struct NegotiatedSession: Hashable, Sendable {
    public let peerAutonomousSystem: UInt32
    public let peerIdentifier: IPv4Address
    public let isExternal: Bool
    /// The families that both sides offered.
    public let families: Set<AddressFamilyIdentifier>
    /// Those of them whose routes are IPv4 ones and may have a next hop of IPv6 (RFC 8950).
    public let extendedNextHops: Set<AddressFamilyIdentifier>
    /// Those of them whose routes may have more than one label: both sides have said so (RFC 8277 §2.1).
    public let multipleLabels: Set<AddressFamilyIdentifier>
    /// The smaller of the two hold times, in seconds; 0 when there is none (RFC 4271 §4.2).
    public let holdTimeSeconds: UInt16
    /// The time between our keepalives, in seconds; 0 when there are none.
    public let keepaliveSeconds: UInt16
    /// RFC 6793: whether AS paths carry AS numbers of four octets.
    public let fourOctetAutonomousSystems: Bool
    /// RFC 2918: whether the peer understands ROUTE-REFRESH.
    public let routeRefresh: Bool
    /// RFC 7313: whether both sides mark the beginning and the end of a refresh.
    public let enhancedRouteRefresh: Bool
    /// The longest message that either side may send, in octets: 4096, or 65535 (RFC 8654).
    public let longestMessageOctets: Int
    /// What the peer said about its own restarts, when both sides offered graceful restart (RFC 4724).
    public let peerGracefulRestart: GracefulRestartCapability?
    /// RFC 8538 §4: whether routes outlive NOTIFICATIONs and the hold time. We always offer it with graceful restart.
    public var keepsRoutesOverNotifications: Bool { peerGracefulRestart?.keepsRoutesOverNotifications == true }

    /// What message decoding needs to know.
    public var updateContext: UpdateContext {
        UpdateContext(
            fourOctetAutonomousSystems: fourOctetAutonomousSystems, isExternal: isExternal, families: families,
            extendedNextHops: extendedNextHops, multipleLabels: multipleLabels)
    }
}
