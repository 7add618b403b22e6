import Addressing
import BGP

/// What routing is told of one BGP neighbor.
public struct NeighborInputs: Hashable, Sendable {
    /// One active address family of the session.
    public struct Family: Hashable, Sendable {
        /// What the neighbor is to us here; without it nothing goes in or out (RFC 8212 §2).
        public var role: NeighborRole?
        /// How many routes it may have here; `nil` for any number.
        public var prefixLimit: PrefixLimit?
        /// Which of its routes are taken, whatever VRF imports them.
        public var importFilter: PrefixFilter?
        /// Which of our routes it is given.
        public var exportFilter: PrefixFilter?
        /// What is taken of what that leaves, and what becomes of its attributes.
        public var importPolicy: RoutePolicy?
        /// The same for what it is given.
        public var exportPolicy: RoutePolicy?
        /// How often our own AS may be in the path of a route that is taken: `allowas-in`.
        public var allowedOwnSystems = 0
        /// Whether our AS stands for the neighbor's in the paths that it is given (`as-override`): sites of one AS take each
        /// other's routes then.
        public var overridesSystem = false
        /// The site that its routes are marked with, and whose routes it is not given (RFC 4364 §7).
        public var siteOfOrigin: ExtendedCommunity?
        /// Whether it is given a default route whatever the VRF has: `default-originate`.
        public var originatesDefault = false
        /// Whether it is told the box's own addresses with explicit null: labelled unicast alone.
        public var isToldExplicitNull = false
        /// What is relayed from and to it: VPN families alone.
        public var relay = RelayInputs()
        /// How deep stacks under its prefixes' labels may be: labelled unicast alone.
        public var depths = LabelledDepths()

        public init(_ role: NeighborRole?, prefixLimit: PrefixLimit? = nil) {
            self.role = role
            self.prefixLimit = prefixLimit
        }
    }

    /// The circuit of a VRF.
    public struct Circuit: Hashable, Sendable {
        public let number: InterfaceNumber
        /// The box's own addresses there.
        public let addresses: [InterfaceAddress]
        /// The box's own link-local address there, which is not among them; `nil` without IPv6.
        public let linkLocal: IPv6Address?

        public init(number: InterfaceNumber, addresses: [InterfaceAddress], linkLocal: IPv6Address? = nil) {
            self.number = number
            self.addresses = addresses
            self.linkLocal = linkLocal
        }
    }

    public let peer: PeerAddress
    public var remoteAutonomousSystem: UInt32
    /// The name of the NNI that the neighbor is on, ``NeighborIdentity/core`` for one in the operator's own network; `nil` for
    /// one that is on none and so has no part in Option E. Of a customer carrier the name of the circuit, on which its labels are
    /// valid.
    public var nni: String?
    /// The circuit that a customer's neighbor is on; `nil` for one that is on none.
    public var circuit: Circuit?
    /// Our own address towards the neighbor: the next hop of the routes that we advertise.
    public var localAddress: IPAddress
    /// The box's own BGP identifier: an internal neighbor's route that began with it is ours.
    public var ownIdentifier: IPv4Address?
    /// The cluster that the box reflects routes in (RFC 4456 §7); `nil` if it has no clients.
    public var ownCluster: IPv4Address?
    /// What tells routes that came in by an NNI from others in the operator's own network; it leaves that with no route.
    public var nniMark: LargeCommunity?
    /// Whether its routes say that our address, their next hop, takes MPLS over UDP (RFC 9012 §4.1).
    public var isOfferedTunnel = false
    /// What of other operators' attributes goes on to this neighbor.
    public var attributePolicy = AttributePolicy()
    /// Whether routes to destinations that are no unicast ones are taken.
    public var acceptsMartians = false
    /// Whether routes with an AS_SET in their path are taken (RFC 9774).
    public var acceptsASSets = false
    /// How much memory the large ones among the attributes of its routes may take, in octets; see
    /// ``PathAttributes/isLarge``.
    public var attributeMemoryOctets = NeighborInputs.standardAttributeMemoryOctets
    /// How many labels its routes may have together; `nil` for any number.
    public var maximumLabels: Int?
    /// Whether routes of a lost session may be kept (RFC 4724 §4.2): not without graceful restart, and not those of a
    /// neighbor that is shut down.
    public var keepsRoutesOverRestarts = true
    /// `neighbor … shutdown`: what it was told ends at once.
    public var isShutdown = false
    /// How long the neighbor may go on using what it was told when the session is lost: the restart time that we
    /// announce (RFC 4724 §3), in seconds; 0 without graceful restart.
    public var announcedRestartSeconds: UInt32 = 0
    public var families: [SessionFamily: Family] = [:]

    /// A full table of the Internet has some hundred thousand sets of attributes, nearly all of them small.
    public static let standardAttributeMemoryOctets = 64 << 20

    public init(peer: PeerAddress, remoteAutonomousSystem: UInt32, nni: String?, localAddress: IPAddress) {
        self.peer = peer
        self.remoteAutonomousSystem = remoteAutonomousSystem
        self.nni = nni
        self.localAddress = localAddress
    }

    public var address: IPAddress { peer.address }

    /// Which far end it is; `nil` for one that is on no NNI.
    public var identity: NeighborIdentity? {
        nni.map {
            NeighborIdentity(address: address, autonomousSystem: remoteAutonomousSystem, nni: $0, vrf: peer.vrf)
        }
    }

    /// Whether it is in the operator's own network.
    var isInternal: Bool { families.values.contains { $0.role?.isInternal == true } }

    /// Whether route targets of a side hold for it.
    func isOn(_ side: RouteTargetSide) -> Bool {
        switch side {
        case .core: isInternal
        case .everyNNI: !isInternal
        case .nni(let neighbor): neighbor == address && !isInternal
        }
    }

    /// Whether a route of the neighbor came in by an NNI of another border router.
    ///
    /// - Parameter attributes: as they came in: whose the route is does not change by the operator's own route maps.
    func isMarked(_ attributes: PathAttributes) -> Bool {
        // Few routes have the mark, and this is asked for each.
        nniMark.map(attributes.largeCommunities.contains) ?? false && isInternal
    }

    /// Whether routes of a family may enter VRFs: labelled unicast of those who are in one.
    func entersVRFs(in family: SessionFamily) -> Bool {
        family.entersVRFs || (family.isLabeledUnicast && peer.vrf != nil)
    }

    /// What it is to us in `family`; `nil` for one that is on no NNI and no circuit.
    func role(in family: SessionFamily) -> NeighborRole? {
        nni == nil && circuit == nil ? nil : families[family]?.role
    }

    /// Whether its routes of `family` may be taken at all (RFC 8212 §2.1).
    func isHeard(in family: SessionFamily) -> Bool {
        guard let role = role(in: family), let settings = families[family] else { return false }
        return role.takesRoutes(by: settings)
    }

    /// Whether it takes routes that `former` did not.
    func acceptsMore(than former: NeighborInputs) -> Bool {
        (acceptsMartians && !former.acceptsMartians) || (acceptsASSets && !former.acceptsASSets)
            || attributeMemoryOctets > former.attributeMemoryOctets
            || maximumLabels ?? .max > former.maximumLabels ?? .max
            || families.contains { $1.allowedOwnSystems > former.families[$0]?.allowedOwnSystems ?? .max }
            || families.contains { $1.relay.acceptsMore(than: former.families[$0]?.relay ?? RelayInputs()) }
            || ownCluster != former.ownCluster
    }

    /// Whether it is anything to us in any family.
    var hasRole: Bool { SessionFamily.allCases.contains { role(in: $0) != nil } }
}
