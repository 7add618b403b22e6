import Addressing

/// The kind of block a line stands in, with the object the block is about.
enum Mode: Hashable {
    case global
    case port(PortName)
    case dataplane
    case labelSpace(String)
    case vrf(String)
    case vrfAddressFamily(String)
    case interface(InterfaceName)
    case loopback
    case objectGroup(String)
    case accessList(AddressFamily, AccessListKind, String)
    case classMap(String)
    case policyMap(String)
    case policyClass(policyMap: String, className: String)
    case flowExporter(String)
    case flowMonitor(String)
    case tableMap(String)
    case routeMapEntry(routeMap: String, sequence: UInt16)
    case bgp
    case bgpVPN(AddressFamily)
    case bgpLabeledUnicast(AddressFamily)
    case bgpRouteTargets
    /// One of the families that ``SessionFamily/isSignalling``.
    case bgpSignalling(SessionFamily)
    case bgpVRF(VRFFamily)
    /// The block of a line that could not be read: what is in it cannot be read, either.
    case unreadable
}

extension Mode {
    /// How the block begins in the text.
    var title: String {
        switch self {
        case .global: "the top level"
        case .port: "'port'"
        case .dataplane: "'dataplane'"
        case .labelSpace: "'mpls label-space'"
        case .vrf: "'ip vrf'"
        case .vrfAddressFamily: "'address-family' of 'ip vrf'"
        case .interface: "'interface'"
        case .loopback: "'interface loopback0'"
        case .objectGroup: "'object-group'"
        case .accessList(.ipv4, let kind, _): "'ip access-list \(kind.rawValue)'"
        case .accessList(.ipv6, _, _): "'ipv6 access-list'"
        case .classMap: "'class-map'"
        case .policyMap: "'policy-map'"
        case .policyClass: "'class' of 'policy-map'"
        case .flowExporter: "'flow exporter'"
        case .flowMonitor: "'flow monitor'"
        case .tableMap: "'table-map'"
        case .routeMapEntry: "'route-map'"
        case .bgp: "'router bgp'"
        case .bgpVPN: "'address-family vpnv4' and 'vpnv6' of 'router bgp'"
        case .bgpLabeledUnicast: "'address-family … labeled-unicast' of 'router bgp'"
        case .bgpRouteTargets: "'address-family rtfilter' of 'router bgp'"
        case .bgpSignalling: "'address-family … mvpn' and 'l2vpn evpn' of 'router bgp'"
        case .bgpVRF: "'address-family … vrf' of 'router bgp'"
        case .unreadable: "a block that could not be read"
        }
    }

    /// Whether a statement of this kind of block begins with these tokens.
    func knows(_ tokens: ArraySlice<Token>) -> Bool {
        switch self {
        case .global: GlobalStatements.table.knows(tokens)
        case .port: PortStatements.table.knows(tokens)
        case .dataplane: DataplaneStatements.table.knows(tokens)
        case .labelSpace: CommonLabelStatements.ofSpace.knows(tokens)
        case .vrf: VRFStatements.table.knows(tokens)
        case .vrfAddressFamily: VRFStatements.addressFamilyTable.knows(tokens)
        case .interface: InterfaceStatements.table.knows(tokens)
        case .loopback: LoopbackStatements.table.knows(tokens)
        case .objectGroup: ObjectGroupStatements.table.knows(tokens)
        case .accessList:
            AccessListStatements.table.knows(
                canonicalNumber(tokens.first?.text ?? "", as: UInt32.self) == nil ? tokens : tokens.dropFirst())
        case .classMap: ClassMapStatements.table.knows(tokens)
        case .policyMap: PolicyMapStatements.table.knows(tokens)
        case .policyClass: PolicyMapStatements.classTable.knows(tokens)
        case .flowExporter: FlowExporterStatements.table.knows(tokens)
        case .flowMonitor: FlowMonitorStatements.table.knows(tokens)
        case .tableMap: TableMapStatements.table.knows(tokens)
        case .routeMapEntry: RouteMapStatements.table.knows(tokens)
        case .bgp: BGPStatements.table.knows(tokens)
        case .bgpVPN(let family): BGPStatements.vpnTable(family).knows(tokens)
        case .bgpLabeledUnicast(let family): BGPStatements.labeledUnicastTable(family).knows(tokens)
        case .bgpRouteTargets: BGPStatements.routeTargetTable.knows(tokens)
        case .bgpSignalling(let family): BGPStatements.signallingTable(family).knows(tokens)
        case .bgpVRF(let key): BGPStatements.vrfTable(key.family).knows(tokens)
        case .unreadable: false
        }
    }

    /// The titles of the blocks in which a line with these tokens could stand.
    static func titles(knowing tokens: ArraySlice<Token>) -> [String] {
        examples.filter { $0.knows(tokens) }.map(\.title)
    }

    /// One of each kind of block in which something can be said.
    static var examples: [Mode] {
        guard let port = PortName("ten0/0") else { return [] }
        return [
            .global, .port(port), .dataplane, .labelSpace(""), .vrf(""), .interface(InterfaceName(port: port)),
            .loopback,
            .objectGroup(""), .accessList(.ipv4, .extended, ""), .classMap(""), .policyMap(""),
            .policyClass(policyMap: "", className: ""), .tableMap(""),
            .routeMapEntry(routeMap: "", sequence: 1), .flowExporter(""), .flowMonitor(""), .bgp,
            .bgpVPN(.ipv4), .bgpLabeledUnicast(.ipv4), .bgpRouteTargets, .bgpSignalling(.ipv4MVPN),
            .bgpVRF(VRFFamily(vrf: "", family: .ipv4)),
        ]
    }
}
