import Addressing
import BGP
import Routing
import Testing

/// The note's box as a border router that relays VPN routes: two Option B neighbors on NNIs and two reflectors of its own network.
enum Border {
    static let first = FarEnd.first
    static let second = FarEnd.second
    static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    static let otherReflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 8)))
    static let all = [first, second, reflector, otherReflector]
    static let loopback = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
    static let provider = IPAddress.ipv4(IPv4Address(10, 0, 0, 7))
    static let otherProvider = IPAddress.ipv4(IPv4Address(10, 0, 0, 6))
    static let mark = LargeCommunity(42, 0, 1)

    /// 65001:8 of the first far end is 42:8 here, and 42:9 is 65001:9 there; 65001:7, 65002:7 and 42:7 are called the same
    /// everywhere. The second far end is given what is the first one's, too.
    static func inputs(
        transit: Set<PeerAddress> = [], perPrefix: Set<PeerAddress> = [], distinguishers: [String] = []
    ) throws -> RoutingInputs {
        var inputs = try noteInputs()
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors = [] }
        for peer in all {
            var neighbor =
                inputs.neighbors[peer]
                ?? NeighborInputs(
                    peer: peer, remoteAutonomousSystem: 42, nni: NeighborIdentity.core, localAddress: loopback)
            neighbor.nniMark = mark
            neighbor.ownIdentifier = IPv4Address(10, 0, 0, 1)
            var family = NeighborInputs.Family(isInternal(peer) ? .internal : .optionB)
            family.relay.imported = try listed(imports(of: peer))
            family.relay.exported = try listed(exports(to: peer))
            family.relay.allowsTransit = transit.contains(peer)
            family.relay.hasLabelPerPrefix = perPrefix.contains(peer)
            family.relay.acceptedDistinguishers = Set(try distinguishers.map { try #require(RouteDistinguisher($0)) })
            neighbor.families = [.vpnv4: family, .vpnv6: family]
            inputs.neighbors[peer] = neighbor
        }
        return inputs
    }

    static func isInternal(_ peer: PeerAddress) -> Bool { peer == reflector || peer == otherReflector }

    static func imports(of peer: PeerAddress) -> [String: String] {
        switch peer {
        case first: ["65001:7": "65001:7", "65001:8": "42:8"]
        case second: ["65002:7": "65002:7"]
        default: ["42:7": "42:7", "42:9": "42:9"]
        }
    }

    static func exports(to peer: PeerAddress) -> [String: String] {
        switch peer {
        case first: ["42:7": "42:7", "42:9": "65001:9", "65002:7": "65002:7"]
        case second: ["42:7": "42:7", "65001:7": "65001:7"]
        default: ["65001:7": "65001:7", "42:8": "42:8", "65002:7": "65002:7"]
        }
    }

    static func listed(_ targets: [String: String]) throws -> ListedTargets {
        var result: [RouteTarget: RouteTarget] = [:]
        for (from, to) in targets { result[try target(from)] = try target(to) }
        return ListedTargets(result)
    }

    static func number(of peer: PeerAddress) -> UInt8 {
        switch peer {
        case first: 1
        case second: 2
        case reflector: 9
        default: 8
        }
    }

    /// With sessions to all, and a transport to the PE.
    static func owner(_ inputs: RoutingInputs) -> Owner {
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in all { owner.handle(.established(neighbor: peer, session(identifier: number(of: peer)))) }
        owner.drain()
        return owner
    }

    /// What a neighbor says of a route, if nothing else is asked for.
    static func attributes(
        from peer: PeerAddress, _ targets: [String], nextHop: IPAddress? = nil, mark: LargeCommunity? = nil,
        preference: UInt32? = nil
    ) throws -> PathAttributes {
        let system: [UInt32] = peer == first ? [FarEnd.firstAS] : peer == second ? [FarEnd.secondAS] : []
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: system),
            nextHop: BGPNextHop(nextHop ?? (isInternal(peer) ? provider : peer.address)))
        contents.extendedCommunities = try targets.map { ExtendedCommunity(try target($0)) }
        contents.localPreference = preference ?? (isInternal(peer) ? 100 : nil)
        contents.largeCommunities = [mark].compactMap { $0 }
        return PathAttributes(contents)
    }
}

extension Owner {
    func announce(_ route: VPNPrefix, from peer: PeerAddress, label: UInt32, _ attributes: PathAttributes) throws {
        handle(.update(neighbor: peer, try announcement(route, label: label, attributes)))
    }

    func withdraw(_ route: VPNPrefix, from peer: PeerAddress) {
        handle(.update(neighbor: peer, Update(withdrawing: [.vpn(route)])))
    }

    /// The targets that a neighbor has been told with a route.
    func targets(of route: VPNPrefix, at peer: PeerAddress) -> [String]? {
        sent[peer]?[route]?.attributes.routeTargets.map(\.description)
    }

    /// Where the label leads that a neighbor has been told with a route.
    func way(of route: VPNPrefix, at peer: PeerAddress) -> SwapTarget? {
        let label = sent[peer]?[route]?.label
        return installed.first { $0.neighbor == peer && $0.label == label }.flatMap { swaps[$0] }
    }

    func rejections(_ reason: RouteRejection, of peer: PeerAddress) -> UInt64 {
        table.neighborSummary(peer)?.families[.vpnv4]?.rejectedCount[reason] ?? 0
    }
}
