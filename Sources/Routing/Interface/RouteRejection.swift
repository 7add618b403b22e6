/// Why a received route counts as withdrawn.
public enum RouteRejection: String, Hashable, Sendable, CaseIterable {
    /// RFC 8212 §2: nothing is accepted without a policy. `optE` is one, and inside a VRF a prefix list or a route map.
    case noPolicy = "no_policy"
    case nextHopNotNeighbor = "next_hop_not_neighbor"
    /// An internal neighbor names no next hop, or this box.
    case ownNextHop = "own_next_hop"
    /// RFC 4456 §8: a reflector sends back what was ours.
    case originatorLoop = "originator_loop"
    /// RFC 4456 §8: the route has been through the cluster that this box reflects in.
    case clusterLoop = "cluster_loop"
    /// A next hop that is no other host of the circuit on which the neighbor is.
    case nextHopNotOnCircuit = "next_hop_not_on_circuit"
    case moreThanOneLabel = "more_than_one_label"
    /// Of labelled unicast, more than a packet can get.
    case tooManyLabels = "too_many_labels"
    /// 0 to 15 (RFC 3032 §2.1, RFC 7274).
    case reservedLabel = "reserved_label"
    case asPathNotFromNeighbor = "as_path_not_from_neighbor"
    /// Our own AS is in the path (RFC 4271 §9.1.2).
    case asPathLoop = "as_path_loop"
    /// The neighbor's `prefix-list NAME in`.
    case neighborPrefixList = "neighbor_prefix_list"
    /// The neighbor's `route-map NAME in`.
    case neighborRouteMap = "neighbor_route_map"
    /// A VRF's `import prefix-list`: the route stays out of this VRF.
    case vrfPrefixList = "vrf_prefix_list"
    /// A VRF's `import route-map`, likewise.
    case vrfRouteMap = "vrf_route_map"
    /// RFC 9774: who aggregated by AS_SET hides where the route comes from.
    case asSet = "as_set"
    /// The neighbor's large attributes take all the memory that they may.
    case attributeMemory = "attribute_memory"
    /// The neighbor's routes have as many labels as they may.
    case maximumLabels = "maximum_labels"
    /// Option B: none of the route's targets is listed for the neighbor.
    case targetNotListed = "target_not_listed"
    /// Option B: the route distinguisher is of the operator's own network, and not listed for the neighbor.
    case ownDistinguisher = "own_route_distinguisher"
    /// Option B: an Ethernet segment's route (RFC 7432 §7.4) is for the PEs on it, of which none is across the border.
    case ethernetSegment = "ethernet_segment"
    /// Option B: what stands for labels are VNIs (RFC 8365 §5.1.3), which nothing here gives.
    case virtualNetwork = "virtual_network_identifier"
    /// Option B: the route's tunnel is a tree of the other network.
    case tunnelOfOneNetwork = "tunnel_of_one_network"
    /// Option B: the route is of a leaf of an E-Tree (RFC 8317), which nobody across the border would keep from other leaves.
    case eTree = "e_tree"
    /// Option B: a label stands where the route has none.
    case labelOutOfPlace = "label_out_of_place"
    /// Option B: the group of a customer's multicast is none.
    case noMulticastGroup = "no_multicast_group"
    /// Option B: a leaf or a join is kept and goes nowhere: it answers nothing that went to the neighbor, or names somebody else.
    case answersNothing = "answers_nothing"
    /// Option B: another neighbor has said the same leaf or join first, and says it still.
    case answeredByAnother = "answered_by_another"
    /// Option B: the neighbor has as many answers to one route, or to one customer's, as it may.
    case answersFull = "answers_full"
    case martianPrefix = "martian_prefix"
    case multicastPrefix = "multicast_prefix"
    /// Not withdrawn, but used in no VRF that has the subnet, or one around the prefix, on a circuit that is up.
    case connectedSubnet = "connected_subnet"
    /// RFC 9573 §4.2: an x-PMSI or IMET route has both the DCB-flag and the Context-Specific Label Space ID.
    case dcbAndLabelSpace = "dcb_flag_and_label_space"
    /// Not withdrawn, but its labels are placed nowhere, as those of the following: RFC 9573 §4.2, routes of one PE by one tunnel disagree
    /// about where their labels are from.
    case inconsistentTunnel = "inconsistent_tunnel"
    /// A Context-Specific Label Space ID of an ID-Type without a meaning (RFC 9573 §4.1).
    case unknownLabelSpace = "unknown_label_space_type"
    /// Several such communities that name different spaces.
    case severalLabelSpaces = "several_label_spaces"
    /// The Extension bit of PMSI_TUNNEL says that there are more flags (RFC 7902 §3), and the community that has them is not there: the label
    /// may be of the common block or not.
    case missingTunnelFlags = "missing_pmsi_flags"
    /// With the DCB-flag a label that is outside of `mpls label-block dcb`, or a label space's name there.
    case labelOutsideBlock = "label_outside_block"
    /// RFC 9573 §4.2: labels of an Ethernet segment and of broadcast domains, or of a VPN and PE Distinguisher Labels.
    case labelsOfSeveralSpaces = "labels_of_several_spaces"
    /// 0 to 15, where a label stands: 0 in PMSI_TUNNEL is none.
    case reservedTunnelLabel = "reserved_tunnel_label"
    /// The PE has as many labels as it may have in the tables of received labels, or too many PEs have some.
    case labelSpacesFull = "label_spaces_full"
    /// In one table a label stands for two things, as PEs say, or as one says and is provisioned here: nobody is believed.
    case labelWithTwoMeanings = "label_with_two_meanings"

    /// Whether a statement of the neighbor makes such routes acceptable.
    var mayBeAccepted: Bool {
        switch self {
        case .noPolicy, .asPathLoop, .asSet, .attributeMemory, .clusterLoop, .maximumLabels, .martianPrefix,
            .multicastPrefix, .neighborPrefixList, .neighborRouteMap, .noMulticastGroup, .ownDistinguisher,
            .targetNotListed:
            true
        case .nextHopNotNeighbor, .nextHopNotOnCircuit, .ownNextHop, .originatorLoop, .moreThanOneLabel,
            .tooManyLabels, .reservedLabel, .asPathNotFromNeighbor, .connectedSubnet, .vrfPrefixList, .vrfRouteMap,
            .dcbAndLabelSpace, .inconsistentTunnel, .unknownLabelSpace, .severalLabelSpaces, .labelOutsideBlock,
            .labelsOfSeveralSpaces, .reservedTunnelLabel, .labelSpacesFull, .ethernetSegment, .virtualNetwork,
            .tunnelOfOneNetwork, .eTree, .labelOutOfPlace, .answersNothing, .answeredByAnother, .answersFull,
            .missingTunnelFlags, .labelWithTwoMeanings:
            false
        }
    }

    /// Whether the route is kept and goes on, and only its labels are placed in no table (RFC 9573 §4.2).
    public var concernsLabelsAlone: Bool {
        switch self {
        case .inconsistentTunnel, .unknownLabelSpace, .severalLabelSpaces, .labelOutsideBlock, .labelsOfSeveralSpaces,
            .reservedTunnelLabel, .labelSpacesFull, .missingTunnelFlags, .labelWithTwoMeanings:
            true
        case .noPolicy, .nextHopNotNeighbor, .ownNextHop, .originatorLoop, .clusterLoop, .nextHopNotOnCircuit,
            .moreThanOneLabel, .tooManyLabels, .reservedLabel, .asPathNotFromNeighbor, .asPathLoop,
            .neighborPrefixList, .neighborRouteMap, .vrfPrefixList, .vrfRouteMap, .asSet, .attributeMemory,
            .maximumLabels, .targetNotListed, .ownDistinguisher, .martianPrefix, .multicastPrefix, .connectedSubnet,
            .dcbAndLabelSpace, .ethernetSegment, .virtualNetwork, .tunnelOfOneNetwork, .eTree, .labelOutOfPlace,
            .noMulticastGroup, .answersNothing, .answeredByAnother, .answersFull:
            false
        }
    }

    /// Whether the route is kept and goes on to nobody: it is an answer of an Option B neighbor.
    public var concernsAnswersAlone: Bool {
        self == .answersNothing || self == .answeredByAnother || self == .answersFull
    }

    /// What a person reads.
    public var help: String {
        switch self {
        case .noPolicy: "nothing lets the neighbor's routes in: no optE, and in a VRF no prefix list and no route map"
        case .nextHopNotNeighbor: "the next hop is not the neighbor's own address"
        case .ownNextHop: "the next hop is this box, or there is none"
        case .originatorLoop: "the route was ours: a reflector sends it back"
        case .clusterLoop: "the route has been through this box's cluster"
        case .nextHopNotOnCircuit: "the next hop is no other host of the neighbor's circuit"
        case .moreThanOneLabel: "the route has more than one label"
        case .tooManyLabels: "the route has more labels than a packet can get"
        case .reservedLabel: "the label is reserved (0 to 15)"
        case .asPathNotFromNeighbor: "the AS path does not begin with the neighbor's AS"
        case .asPathLoop: "our own AS is in the AS path"
        case .neighborPrefixList: "the neighbor's prefix list refuses the prefix"
        case .neighborRouteMap: "the neighbor's route map refuses the route"
        case .vrfPrefixList: "the import prefix list of a VRF refuses the prefix"
        case .vrfRouteMap: "the import route map of a VRF refuses the route"
        case .asSet: "the AS path has an AS_SET"
        case .attributeMemory: "the neighbor's large attributes take all the memory that they may"
        case .maximumLabels: "the neighbor's routes have as many labels as they may"
        case .targetNotListed: "none of the route targets is listed for the neighbor"
        case .ownDistinguisher: "the route distinguisher is of the own network and not listed for the neighbor"
        case .ethernetSegment: "the route is of an Ethernet segment, and no segment reaches over the border"
        case .virtualNetwork: "VNIs stand in the place of labels (VXLAN)"
        case .tunnelOfOneNetwork: "the tunnel is a tree of another operator's network"
        case .eTree: "the route is of a leaf of an E-Tree, which would be a root across the border"
        case .labelOutOfPlace: "a label stands where the route has none"
        case .noMulticastGroup: "the group is no multicast address"
        case .answersNothing: "the leaf or join answers nothing that went to the neighbor, or names somebody else"
        case .answeredByAnother: "another neighbor has said the same leaf or join first"
        case .answersFull: "the neighbor has as many leaves of a route, or joins of a route distinguisher, as it may"
        case .martianPrefix: "the prefix is no unicast destination (this network, loopback, link-local, reserved)"
        case .multicastPrefix: "the prefix is one of multicast groups"
        case .connectedSubnet: "the prefix is a connected subnet of the VRF or inside one"
        case .dcbAndLabelSpace: "the label is said to be of the common block and of a label space, both (RFC 9573)"
        case .inconsistentTunnel: "the PE's routes by this tunnel disagree about where their labels are from (RFC 9573)"
        case .unknownLabelSpace: "the label space is named by something else than a label"
        case .severalLabelSpaces: "several label spaces are named"
        case .labelOutsideBlock: "the label, or the name of its space, is outside of mpls label-block dcb"
        case .labelsOfSeveralSpaces:
            "labels that have to be from one space are not: segment and broadcast domain, or VPN and PE distinguishers"
        case .missingTunnelFlags: "PMSI_TUNNEL says that it has more flags, and the community with them is not there"
        case .reservedTunnelLabel: "a label, or the name of its space, is reserved (0 to 15; of a tunnel 0 is none)"
        case .labelSpacesFull: "the PE has as many labels in the tables of received labels as it may"
        case .labelWithTwoMeanings: "the label stands for something else, too, as a PE says or as is provisioned here"
        }
    }
}
