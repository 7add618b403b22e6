import Addressing

/// What is configured for one BGP neighbor.
public struct NeighborConfiguration: Hashable, Sendable {
    /// How far away the neighbor may be.
    public enum Reach: Hashable, Sendable {
        /// On a shared link: packets leave with TTL 1 to an external peer.
        case directlyConnected
        /// Up to `hops` routers away: packets leave with that TTL, 1 to 255.
        case multihop(hops: UInt8)
        /// Generalized TTL security (RFC 5082): packets leave with TTL 255, and those that arrive with less than
        /// 256 - `hops` are dropped by the kernel. `hops` is 1 to 254.
        case timeToLiveSecurity(hops: UInt8)
    }

    /// The address that the neighbor connects from and is connected to.
    public var address: IPAddress
    /// Where the kernel reaches the neighbor; `nil`: in the default table, by any device.
    public var domain: AddressDomain?
    /// The TCP port that the neighbor listens on.
    public var port: UInt16 = 179
    /// The address to connect from; `nil` leaves the choice to the kernel.
    public var localAddress: IPAddress?
    public var localAutonomousSystem: UInt32
    public var remoteAutonomousSystem: UInt32
    /// The families to offer; those that the neighbor offers too are carried.
    public var families: [AddressFamilyIdentifier]
    /// The hold time to offer, in seconds: 0 (no keepalives) or 3 to 65535 (RFC 4271 §4.2).
    public var holdTimeSeconds: UInt16 = 90
    /// The shortest hold time, in seconds, that the neighbor may offer; 0 takes any, none (0) among them.
    public var minimumHoldTimeSeconds: UInt16 = 0
    /// The time between keepalives in seconds; a third of the negotiated hold time when that is shorter or when 0.
    public var keepaliveSeconds: UInt16 = 0
    /// The time between attempts to connect, in seconds, before jitter (RFC 4271 §8.2.1.3).
    public var connectRetrySeconds: UInt16 = 10
    /// The longest pause after repeated failures, in seconds: the pause starts at one second and doubles.
    public var longestIdleHoldSeconds: UInt16 = 60
    /// Whether to wait for the neighbor to connect and never connect to it.
    public var passive = false
    /// The TCP-MD5 key (RFC 2385), 1 to 80 octets.
    public var password: String?
    public var reach: Reach = .directlyConnected
    /// The restart time to offer in seconds, 1 to 4095 (RFC 4724 §3); `nil` leaves graceful restart out.
    public var gracefulRestartSeconds: UInt16?
    /// Whether messages of up to 65,535 octets are offered (RFC 8654): each may bring sixteen times the attributes.
    public var extendedMessages = false
    /// Whether VPN routes may have two labels, a label space's above the VPN's: those that are told and those that are taken.
    public var exchangesStacks = false
    /// Whether the session is administratively down; `reason` goes into the Cease (RFC 9003).
    public var shutdown = false
    /// The text of the shutdown communication, at most 255 octets of UTF-8.
    public var shutdownReason = ""

    public init(
        address: IPAddress, in domain: AddressDomain? = nil, localAutonomousSystem: UInt32,
        remoteAutonomousSystem: UInt32, families: [AddressFamilyIdentifier]
    ) {
        self.address = address
        self.domain = domain
        self.localAutonomousSystem = localAutonomousSystem
        self.remoteAutonomousSystem = remoteAutonomousSystem
        self.families = families
    }

    /// Which neighbor it is in a speaker.
    public var peer: PeerAddress { PeerAddress(address, vrf: domain?.vrf) }

    /// Whether the neighbor is in another AS.
    public var isExternal: Bool { localAutonomousSystem != remoteAutonomousSystem }

    /// The families of IPv4 routes whose next hop may be an IPv6 address (RFC 8950): a session over IPv6 needs no IPv4
    /// address on its link.
    var extendedNextHops: [AddressFamilyIdentifier] {
        guard address.family == .ipv6 else { return [] }
        return families.filter { family in
            NLRICodec(family).map { $0.addressFamily == .ipv4 && !$0.takesAnyNextHop } ?? false
        }
    }

    /// The families whose routes may have more than one label (RFC 8277 §2.1): those that say how a PE is reached, and VPN routes
    /// of border routers.
    var multipleLabels: [MultipleLabels] {
        families.filter { family in
            let layout = NLRICodec(family)?.layout
            return layout == .labeledUnicast || (layout == .vpn && exchangesStacks)
        }.map {
            MultipleLabels($0, count: UInt8(LabelStack.mostReceived))
        }
    }
}

/// An address space as the kernel knows it: by the device that is its way in and out.
public struct AddressDomain: Hashable, Sendable {
    /// `nil`: the default table.
    public let vrf: VRFNumber?
    /// The name of the device, to which sockets are bound (SO_BINDTODEVICE): at most 15 octets.
    public let device: String

    public init(vrf: VRFNumber?, device: String) {
        self.vrf = vrf
        self.device = device
    }
}
