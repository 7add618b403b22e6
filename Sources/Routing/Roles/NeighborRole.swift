import Addressing
import BGP

/// What a neighbor is to us in one family: what its routes have to be, what it is given, and what becomes of next hop and
/// attributes on the way. Without a role nothing goes in or out (RFC 8212 §2).
///
/// Each role has its rules in a file of its own; a new one is a case here, and the compiler names what it has to answer.
public enum NeighborRole: Hashable, Sendable {
    /// Another operator's border router, with labels that are checked: `optE`.
    case optionE
    /// Another operator's border router to which VPN routes are relayed, with labels that are checked: `optB`.
    case optionB
    /// The same of MVPN and EVPN routes.
    case optionBSignalling
    /// Another operator's border router with which the ways to PEs are exchanged, with labels that are checked: `optC`.
    case optionC
    /// A router inside a VRF: a customer's, or another operator's by Option A.
    case customer
    /// The router of a customer that is a carrier itself, inside a VRF, on a circuit with labels: `send-label`.
    case customerCarrier
    /// A reflector or PE of the operator's own network, in the same AS.
    case `internal`
    /// One to which this box is the reflector (RFC 4456 §4).
    case reflectorClient
    /// A router of the operator's own network, in the same AS, that says how PEs are reached: labelled unicast.
    case transport

    /// Whether its routes go on without a VRF, from or to NNIs.
    var isRelayed: Bool { self == .optionB || self == .optionBSignalling }

    /// Whether the neighbor is in the operator's own network.
    var isInternal: Bool { self == .internal || self == .reflectorClient || self == .transport }

    /// Whether what is taken of a neighbor in this role is taken in the other one as well: a client says nothing else than
    /// another internal neighbor.
    func takesTheSame(as other: Self?) -> Bool {
        let alike: Set<Self?> = [.internal, .reflectorClient]
        return self == other || alike.isSuperset(of: [self, other])
    }
}

/// A route that a neighbor is to have.
struct Export {
    /// `nil` for a route that goes on without a VRF.
    let vrf: VRFState?
    /// Implicit null where the family's routes have none.
    let label: GivenLabel
    /// The path it was learnt by; `nil` for a route of the VRF's own.
    let path: Path?
    /// Whether it goes on with this box as its next hop and a label of its own; otherwise, without a VRF, as it came.
    var isRelayed = false
    /// Whether the neighbor's route map is not asked.
    var isExemptFromPolicy = false
    /// What the route maps of the VRF and of the neighbor made of the route's attributes; `nil` without one.
    var changedAttributes: PathAttributes?
    /// What the VRF's route map says about route targets.
    var targets: AttributeChanges.Values<RouteTarget>?

    /// What the attributes on the way out are made of; `nil` for those that a VRF's own routes always have.
    var basis: PathAttributes? { changedAttributes ?? path?.attributes }

    /// Whether the label was given here.
    var hasOwnLabel: Bool { vrf != nil || isRelayed }
}

extension Export {
    /// Redistributed routes are learned by other means than BGP and an IGP (RFC 4271 §4.3 a).
    static let ownAttributes = PathAttributes(origin: .incomplete)

    /// The same behind a route map of the VRF or of the neighbor, which may refuse it.
    func applying(_ policy: AppliedRoutePolicy?, to prefix: IPPrefix, for neighbor: NeighborState) -> Export? {
        guard let policy, !isExemptFromPolicy else { return self }
        // What a map before this one has set goes out.
        let isLeavingTheAS = !neighbor.isInternal && changedAttributes == nil
        guard
            case .permitted(let changed, let targets) = policy.verdict(
                on: prefix, basis ?? Self.ownAttributes, isLeavingTheAS: isLeavingTheAS)
        else { return nil }
        var export = self
        export.changedAttributes = changed
        export.targets = self.targets ?? targets
        return export
    }
}

extension NeighborRole {
    /// Whether anything lets the neighbor's routes in.
    func takesRoutes(by settings: NeighborInputs.Family) -> Bool {
        switch self {
        case .optionE, .optionB, .optionBSignalling, .internal, .reflectorClient, .transport: true
        case .optionC: OptionCRole.takesRoutes(by: settings)
        case .customer, .customerCarrier: CustomerRole.takesRoutes(by: settings)
        }
    }

    /// What is wrong with the attributes of routes that the neighbor sent; `nil` if nothing.
    func rejection(
        of attributes: PathAttributes, from neighbor: NeighborInputs, _ settings: NeighborInputs.Family,
        autonomousSystem: UInt32
    ) -> RouteRejection? {
        switch self {
        // Packets go to the neighbor itself.
        case .optionE, .optionBSignalling, .optionC, .customerCarrier:
            OptionERole.rejection(of: attributes, from: neighbor, settings, autonomousSystem: autonomousSystem)
        case .optionB:
            OptionBRole.rejection(of: attributes, from: neighbor, settings, autonomousSystem: autonomousSystem)
        case .customer:
            CustomerRole.rejection(of: attributes, from: neighbor, settings, autonomousSystem: autonomousSystem)
        case .internal, .reflectorClient, .transport:
            InternalRole.rejection(of: attributes, from: neighbor, autonomousSystem: autonomousSystem)
        }
    }

    /// What is wrong with a route beside its attributes; `nil` if nothing.
    /// - Parameter mayHaveSeveralLabels: whether the session by which it came has the Multiple Labels capability.
    func rejection(
        of nlri: NLRI, _ labels: LabelStack?, from neighbor: NeighborInputs, mayHaveSeveralLabels: Bool
    ) -> RouteRejection? {
        switch nlri {
        // No packet follows them, or their labels are attributes (``OptionBSignallingRole``).
        case .routeTargets, .multicastVPN, .evpn: return nil
        case .unicast, .labeledUnicast, .vpn: break
        }
        return switch self {
        case .optionE, .optionB, .optionBSignalling:
            OptionERole.rejection(of: nlri, labels, from: neighbor, mayHaveSeveralLabels: mayHaveSeveralLabels)
        // A label of a PE is as good as one of a far end (RFC 3032 §2.1). In the own network nobody is told two.
        case .internal, .reflectorClient:
            OptionERole.rejection(of: nlri, labels, from: neighbor, mayHaveSeveralLabels: false)
        case .customer: CustomerRole.rejection(of: nlri, from: neighbor)
        case .transport:
            TransportRole.rejection(
                of: nlri, labels, from: neighbor, mayHaveSeveralLabels: mayHaveSeveralLabels)
        // One label is put into another's place.
        case .optionC, .customerCarrier:
            TransportRole.rejection(of: nlri, labels, from: neighbor, mayHaveSeveralLabels: false)
        }
    }

    /// What becomes of the attributes that come in besides what the neighbor's route map says.
    func amendments(_ settings: NeighborInputs.Family) -> AttributeAmendments {
        switch self {
        case .optionE, .optionBSignalling, .internal, .reflectorClient, .transport:
            AttributeAmendments(siteOfOrigin: settings.siteOfOrigin)
        // The prefixes are of no VRF.
        case .optionC: AttributeAmendments(removesExtendedCommunities: true, siteOfOrigin: settings.siteOfOrigin)
        case .optionB: AttributeAmendments(targets: settings.relay.imported, siteOfOrigin: settings.siteOfOrigin)
        // Who is inside a VRF says nothing about which VRFs import a route.
        case .customer, .customerCarrier:
            AttributeAmendments(removesExtendedCommunities: true, siteOfOrigin: settings.siteOfOrigin)
        }
    }

    /// What the neighbor is to have for a route of `vrf`; `nil` if nothing.
    ///
    /// - Parameters:
    ///   - selection: what the VRF uses for the prefix, or would use.
    ///   - label: the one to give the route with, in the families that have labels.
    func export(
        _ prefix: IPPrefix, _ selection: VRFState.Selection, of vrf: VRFState, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family, label: GivenLabel
    ) -> Export? {
        switch self {
        // A VRF has the same part in both.
        case .optionE, .optionB:
            OptionERole.export(prefix, selection, of: vrf, to: neighbor, settings, label: label)
        case .customer: CustomerRole.export(prefix, selection, of: vrf, to: neighbor, settings)
        case .customerCarrier:
            CustomerCarrierRole.export(prefix, selection, of: vrf, to: neighbor, settings, label: label)
        case .internal, .reflectorClient:
            InternalRole.export(prefix, selection, of: vrf, to: neighbor, settings, label: label)
        // They have a part in no VRF; see ``LoopbackAdvertising``, ``LabelledRelay`` and ``SignallingRelay``.
        case .transport, .optionC, .optionBSignalling: nil
        }
    }

    /// The attributes that a route of `vrf` has on its way to the neighbor.
    func attributes(
        of export: Export, in vrf: VRFState, _ family: SessionFamily, to neighbor: NeighborState,
        _ settings: NeighborInputs.Family,
        autonomousSystem: UInt32
    ) -> PathAttributes {
        switch self {
        case .optionE, .optionB, .optionBSignalling, .optionC:
            OptionERole.attributes(
                of: export, in: vrf, family, to: neighbor, settings, autonomousSystem: autonomousSystem)
        case .customer, .customerCarrier:
            CustomerRole.attributes(of: export, family, to: neighbor, settings, autonomousSystem: autonomousSystem)
        case .internal, .reflectorClient, .transport:
            InternalRole.attributes(of: export, in: vrf, family, to: neighbor)
        }
    }
}

// MARK: What roles have in common

extension PathAttributes {
    /// What is wrong with the AS path of an external neighbor's routes; `nil` if nothing.
    func rejectionOfPath(
        from neighbor: NeighborInputs, _ settings: NeighborInputs.Family, autonomousSystem: UInt32
    ) -> RouteRejection? {
        // RFC 4271 §6.3: the neighbor puts its own AS in front.
        guard self.asPath.first == neighbor.remoteAutonomousSystem else { return .asPathNotFromNeighbor }
        // RFC 4271 §9.1.2.
        guard self.asPath.count(of: autonomousSystem) <= settings.allowedOwnSystems else { return .asPathLoop }
        // RFC 9774 §3.
        return neighbor.acceptsASSets || !self.asPath.hasSet ? nil : .asSet
    }

    /// RFC 1997: NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED keep a route from external peers. RFC 9494 §4.3: a
    /// route that is stale for long goes to those only who offer long-lived graceful restart, which is not read here.
    var mayLeaveTheAS: Bool {
        !self.communities.contains {
            (0xFFFF_FF01...0xFFFF_FF03).contains($0.rawValue) || $0 == .longLivedStale
        }
    }

    /// Whether the route comes from a site (RFC 4364 §7); not from none.
    func isOf(_ site: ExtendedCommunity?) -> Bool { site.map { self.extendedCommunities.contains($0) } ?? false }
}

extension PathAttributes.Contents {
    /// What becomes of a route that this box brings into the own network (RFC 4271 §5.1.5, RFC 4456 §8).
    mutating func takeToInternalNeighbor() {
        localPreference = localPreference ?? InternalRole.usualLocalPreference
        originatorIdentifier = nil
        clusterList = []
    }

    /// Says that the route came by an NNI: no transit by accident across two boxes.
    mutating func mark(for neighbor: NeighborInputs) {
        guard let mark = neighbor.nniMark, !largeCommunities.contains(mark) else { return }
        largeCommunities.append(mark)
    }

    /// What RFC 4271 §5.1 wants on the way to another AS, but for the next hop.
    mutating func takeToExternalNeighbor(
        _ export: Export, _ settings: NeighborInputs.Family, _ neighbor: NeighborInputs, autonomousSystem: UInt32
    ) {
        if settings.overridesSystem {
            asPath = asPath.replacing(neighbor.remoteAutonomousSystem, with: autonomousSystem)
        }
        asPath = asPath.prepending(autonomousSystem)
        // §5.1.4: not propagated to other neighboring AS. One that is there behind a route map was set by it.
        if export.changedAttributes == nil { multiExitDiscriminator = nil }
        localPreference = nil
        originatorIdentifier = nil
        clusterList = []
        if let mark = neighbor.nniMark { largeCommunities.removeAll { $0 == mark } }
    }
}
