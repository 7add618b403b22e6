import Addressing

/// A neighbor discovery message (RFC 4861 §4) with the options that address resolution needs.
public enum NeighborDiscoveryMessage: Equatable, Sendable {
    case routerSolicitation(sourceLinkLayerAddress: MACAddress?)
    case routerAdvertisement(RouterAdvertisement)
    case neighborSolicitation(target: IPv6Address, sourceLinkLayerAddress: MACAddress?)
    case neighborAdvertisement(NeighborAdvertisement)
}

/// A neighbor advertisement (RFC 4861 §4.4).
///
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |   type = 136  |    code = 0   |           checksum            |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |R|S|O|                       reserved                          |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                  target address (16 octets)                   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |   options …
public struct NeighborAdvertisement: Equatable, Sendable {
    public var target: IPv6Address
    public var targetLinkLayerAddress: MACAddress?
    /// R: the sender is a router.
    public var isRouter: Bool
    /// S: the answer to a solicitation.
    public var isSolicited: Bool
    /// O: the address replaces one that is known.
    public var overridesKnownAddress: Bool

    public init(
        target: IPv6Address, targetLinkLayerAddress: MACAddress?, isRouter: Bool, isSolicited: Bool,
        overridesKnownAddress: Bool
    ) {
        self.target = target
        self.targetLinkLayerAddress = targetLinkLayerAddress
        self.isRouter = isRouter
        self.isSolicited = isSolicited
        self.overridesKnownAddress = overridesKnownAddress
    }
}

/// A router advertisement (RFC 4861 §4.2), without prefix information.
public struct RouterAdvertisement: Equatable, Sendable {
    /// The hop limit that hosts should use; 0: not said.
    public var currentHopLimit: UInt8
    /// Seconds for which the sender is a default router; 0: it is none.
    public var routerLifetimeSeconds: UInt16
    /// Milliseconds; 0: not said.
    public var reachableTimeMilliseconds: UInt32
    /// Milliseconds; 0: not said.
    public var retransmitTimerMilliseconds: UInt32
    public var sourceLinkLayerAddress: MACAddress?

    public init(
        currentHopLimit: UInt8, routerLifetimeSeconds: UInt16, reachableTimeMilliseconds: UInt32,
        retransmitTimerMilliseconds: UInt32, sourceLinkLayerAddress: MACAddress?
    ) {
        self.currentHopLimit = currentHopLimit
        self.routerLifetimeSeconds = routerLifetimeSeconds
        self.reachableTimeMilliseconds = reachableTimeMilliseconds
        self.retransmitTimerMilliseconds = retransmitTimerMilliseconds
        self.sourceLinkLayerAddress = sourceLinkLayerAddress
    }
}
