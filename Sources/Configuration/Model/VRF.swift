import Addressing

/// One `ip vrf` block.
public struct VRF: Equatable, Sendable {
    public let name: String
    public var description: String?
    public var routeDistinguisher: RouteDistinguisher
    /// The targets that hold on every side.
    public var importTargets: Set<RouteTarget> = []
    public var exportTargets: Set<RouteTarget> = []
    /// Those that hold on one side alone (`route-target … core` and `… nni`).
    public var sideTargets: [RouteTargetSide: RouteTargetPolicy] = [:]
    /// Which Option E neighbors the definition itself makes the VRF eligible on.
    public var optionE = NNIEligibility.byUnitOnly
    /// The same of Option B neighbors, from which it imports and to which it exports beside what is relayed.
    public var optionB = NNIEligibility.byUnitOnly
    /// The neighbors with which packets are exchanged without labels, on circuits of the VRF, and the far end's addresses there
    /// (`optAB … next-hop`).
    public var optionAB: [IPAddress: [AddressFamily: IPAddress]] = [:]
    /// What the labels of its routes mean to its own network and to Option B neighbors (`label mode`).
    public var labelMode = LabelMode.perVRF
    /// The label that stands for the VRF everywhere (`label common`); `nil`: one is given to it for each neighbor.
    public var commonLabel: ProvisionedLabel?
    /// Whether such a label is given to it meanwhile where the other may not be said yet (`label common fallback`).
    public var hasFallbackLabel = false
    /// Whether routes and packets from one NNI may leave by an NNI (`optE transit`).
    public var allowsTransit = false
    /// Whether routes of NNIs are used that are connected subnets of the VRF or inside them (`optE accept-connected`).
    public var acceptsConnectedSubnets = false
    /// Addresses of the box in the VRF that are on no link: they answer, and errors come from them.
    public var loopbacks: [AddressFamily: IPAddress] = [:]
    /// The families it carries, at least one.
    public var addressFamilies: Set<AddressFamily> = [.ipv4, .ipv6]
    /// The VRF's own setting only: ask ``Configuration/propagatesTTL(inVRF:)`` for the one that holds.
    public var propagatesTTL = true
    /// The most routes the VRF takes, over both families; `nil` for no limit.
    public var maximumRoutes: MaximumPrefixes?
    /// The most labels that its routes may take up beside the VRF's own; `nil`: a share of the range.
    public var maximumLabels: UInt32?
    /// Memory for routes that is kept for the VRF, in mebibytes; `nil`: an equal part of what is kept for all.
    public var reservedMemoryMebibytes: UInt32?
    /// The flow monitor of its packets; `nil`: flows are not metered.
    public var flowMonitor: String?
    /// The VRFs whose packets a route map may give to this one, by name (`policy-route from`).
    public var policyRouteSources: Set<String> = []
    /// Which routes it takes from neighbors and gives to them (`import` and `export prefix-list`).
    public var prefixLists: [AddressFamily: PolicyNames] = [:]
    /// What it takes of the routes that its targets call for and what it gives, with what attributes (`import` and `export
    /// route-map`).
    public var routeMaps: [AddressFamily: PolicyNames] = [:]

    public init(name: String, routeDistinguisher: RouteDistinguisher) {
        self.name = name
        self.routeDistinguisher = routeDistinguisher
    }
}

/// What a VRF's definition says about the neighbors of an option. A unit on a neighbor's NNI makes the VRF eligible there as well.
public enum NNIEligibility: Equatable, Sendable {
    /// No `optE` or `optB` line.
    case byUnitOnly
    /// `optE` or `optB` without addresses.
    case everyNeighbor
    /// `optE A.B.C.D …` or `optB A.B.C.D …`, at least one.
    case neighbors(Set<IPAddress>)
}

extension VRF {
    /// With which neighbors of an option it takes part; `nil` where VRFs have no part.
    func eligibility(for option: NNIOption) -> NNIEligibility? {
        switch option {
        case .optionE: optionE
        case .optionB: optionB
        case .optionC: nil
        }
    }
}
