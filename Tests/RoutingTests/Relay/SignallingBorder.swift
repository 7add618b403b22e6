import Addressing
import BGP
import Routing
import Testing

/// The border router of ``Border``, with MVPN and EVPN routes relayed by the same lists.
enum SignallingBorder {
    static let families: [SessionFamily] = [.ipv4MVPN, .evpn]

    static func inputs(
        transit: Set<PeerAddress> = [], distinguishers: [String] = [], segmented: Set<PeerAddress> = []
    ) throws -> RoutingInputs {
        var inputs = try Border.inputs(transit: transit, distinguishers: distinguishers)
        for peer in Border.all {
            guard var settings = inputs.neighbors[peer]?.families[.vpnv4] else { continue }
            settings.role = Border.isInternal(peer) ? .internal : .optionBSignalling
            settings.relay.isSegmented = segmented.contains(peer)
            for family in families { inputs.neighbors[peer]?.families[family] = settings }
            inputs.neighbors[peer]?.attributePolicy = AttributePolicy(passesMulticastVPN: true)
        }
        return inputs
    }

    static func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Border.all { establish(peer, owner) }
        owner.settle()
        return owner
    }

    static func establish(_ peer: PeerAddress, _ owner: Owner) {
        let session = session(identifier: Border.number(of: peer), families: Set(families + [.vpnv4, .vpnv6]))
        owner.handle(.established(neighbor: peer, session))
    }

    /// The eight octets of a distinguisher 65001:1 or 42:1.
    static func distinguisher(_ system: UInt32, _ number: UInt8 = 1) -> [UInt8] {
        [0, 0, UInt8(system >> 8), UInt8(system & 255), 0, 0, 0, number]
    }

    static func field(_ label: UInt32) -> [UInt8] {
        [UInt8(label >> 12), UInt8(label >> 4 & 255), UInt8(label & 15) << 4 | 1]
    }

    // MARK: EVPN (RFC 7432 §7.1 to §7.4, RFC 9136 §3.1)

    static func evpn(_ kind: EVPNRoute.Kind, _ value: [UInt8]) throws -> (EVPNRoute, EVPNRouteAttributes) {
        let (route, attributes) = try #require(EVPNRoute.reading(kind, value[...]))
        return (route, try #require(attributes))
    }

    static func macAddress(
        of system: UInt32, _ labels: [UInt32], number: UInt8 = 1
    ) throws -> (EVPNRoute, EVPNRouteAttributes) {
        let key: [UInt8] = [0, 0, 0, 7, 48, 2, 0, 0, 0, 0, number, 0]
        return try evpn(
            .macIPAdvertisement,
            distinguisher(system) + [UInt8](repeating: 0, count: 10) + key + labels.flatMap(field))
    }

    static func autoDiscovery(of system: UInt32, tag: UInt8, label: UInt32) throws -> (EVPNRoute, EVPNRouteAttributes) {
        try evpn(
            .ethernetAutoDiscovery,
            distinguisher(system) + [UInt8](repeating: 9, count: 10) + [UInt8](repeating: tag, count: 4)
                + (label == 0 ? [0, 0, 0] : field(label)))
    }

    static func prefix(of system: UInt32, label: UInt32) throws -> (EVPNRoute, EVPNRouteAttributes) {
        try evpn(
            .ipPrefix,
            distinguisher(system) + [UInt8](repeating: 0, count: 14) + [24, 10, 1, 2, 0, 0, 0, 0, 0] + field(label))
    }

    static func inclusive(of system: UInt32, originator: [UInt8] = [10, 0, 0, 7]) throws -> (
        EVPNRoute, EVPNRouteAttributes
    ) { try evpn(.inclusiveMulticast, distinguisher(system) + [0, 0, 0, 7, 32] + originator) }

    static func segment(of system: UInt32) throws -> (EVPNRoute, EVPNRouteAttributes) {
        try evpn(
            .ethernetSegment, distinguisher(system) + [UInt8](repeating: 9, count: 10) + [32, 1, 2, 3, 4])
    }

    // MARK: MVPN (RFC 6514 §4)

    static func selective(of system: UInt32) throws -> MulticastVPNRoute {
        let value = distinguisher(system) + [32, 10, 1, 1, 1, 32, 232, 0, 0, 1, 10, 0, 0, 7]
        return try #require(MulticastVPNRoute(.ipv4, .selectivePMSI, value[...]))
    }

    /// What answers that: the whole route, and the leaf.
    static func leaf(of system: UInt32, from leaf: [UInt8] = [1, 2, 3, 4]) throws -> MulticastVPNRoute {
        let asked: [UInt8] = distinguisher(system) + [32, 10, 1, 1, 1, 32, 232, 0, 0, 1, 10, 0, 0, 7]
        return try #require(
            MulticastVPNRoute(.ipv4, .leafAutoDiscovery, ([3, UInt8(asked.count)] + asked + leaf)[...]))
    }

    static func join(of system: UInt32) throws -> MulticastVPNRoute {
        let value = distinguisher(system) + [0, 0, 0, 42, 32, 10, 1, 1, 1, 32, 232, 0, 0, 1]
        return try #require(MulticastVPNRoute(.ipv4, .sourceTreeJoin, value[...]))
    }

    static func replication(label: UInt32, to end: [UInt8], isAsking: Bool = false) -> PMSITunnel {
        PMSITunnel(
            flags: isAsking ? .leafInformationRequired : [], typeCode: 6, labelField: label << 4, identifier: end)
    }
}

extension Owner {
    /// Everything is decided on, confirmed and sent.
    func settle() {
        repeat {
            while table.isSweeping { sweep(limit: 3) }
            drain()
        } while table.isSweeping
    }

    func announce(
        _ route: EVPNRoute, _ octets: EVPNRouteAttributes, from peer: PeerAddress, _ targets: [String],
        communities: [UInt64] = [], tunnel: PMSITunnel? = nil, others: [UnrecognizedAttribute] = []
    ) throws {
        var attributes = try Border.attributes(from: peer, targets)
        attributes.unrecognized = others
        attributes.evpn = octets
        attributes.pmsiTunnel = tunnel
        attributes.extendedCommunities += communities.map { ExtendedCommunity(rawValue: $0) }
        hear(Update(announcing: [AnnouncedRoute(route)], attributes: attributes), from: peer)
    }

    func announce(
        _ route: MulticastVPNRoute, from peer: PeerAddress, _ targets: [String], tunnel: PMSITunnel? = nil,
        behind systems: [UInt32] = []
    ) throws {
        var attributes = try Border.attributes(from: peer, targets)
        if !systems.isEmpty {
            attributes.asPath = ASPath(sequence: [attributes.asPath.first].compactMap { $0 } + systems)
        }
        attributes.pmsiTunnel = tunnel
        hear(Update(announcing: [AnnouncedRoute(route)], attributes: attributes), from: peer)
    }

    /// A transport leads to the PE once it is asked for.
    func hear(_ update: Update, from peer: PeerAddress) {
        handle(.update(neighbor: peer, update))
        if Border.isInternal(peer) { handle(.transportsChanged([Border.provider: .resolved])) }
    }

    /// What a neighbor has been told of a route.
    func told(_ nlri: NLRI, _ peer: PeerAddress) -> PathAttributes? { sentSignalling[peer]?[nlri] }

    /// Where the labels lead that an EVPN route has that a neighbor was told, in their order; `nil` for one that is not valid there.
    func ways(of route: EVPNRoute, at peer: PeerAddress) -> [SwapTarget?] {
        route.labelFields(in: told(.evpn(route), peer)?.evpn).map { way(ofLabel: $0 >> 4, at: peer) }
    }

    func way(ofLabel number: UInt32, at peer: PeerAddress) -> SwapTarget? {
        installed.first { $0.neighbor == peer && $0.label.rawValue == number }.flatMap { swaps[$0] }
    }

    /// Where copies of a label's packets go; `nil` for one that is not valid there, or is no label of a tunnel that ends here.
    func copies(ofLabel number: UInt32, at peer: PeerAddress) -> [SwapTarget]? {
        installed.first { $0.neighbor == peer && $0.label.rawValue == number }.flatMap { copies[$0] }
    }

    func rejections(_ reason: RouteRejection, of peer: PeerAddress, in family: SessionFamily) -> UInt64 {
        table.neighborSummary(peer)?.families[family]?.rejectedCount[reason] ?? 0
    }
}
