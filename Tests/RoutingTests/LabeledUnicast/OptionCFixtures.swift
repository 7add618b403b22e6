import Addressing
import BGP
import Routing
import Testing

/// The note's box as a border router of Option C: two far ends on NNIs and one router of the own network.
enum WayBorder {
    static let first = FarEnd.first
    static let second = FarEnd.second
    static let router = CoreRouter.first
    static let mark = LargeCommunity(42, 0, 1)

    /// 10.98.0.0/16 is ours: .1 of PEs, .9 of reflectors; the far ends have 10.97 and 10.96 alike.
    static func inputs(transit: Set<PeerAddress> = [], entropy: Bool = false) throws -> RoutingInputs {
        var inputs = try noteInputs()
        for name in inputs.vrfs.keys { inputs.vrfs[name]?.eligibleNeighbors = [] }
        inputs.loopbacks = [IPPrefix(host: CoreRouter.loopback)]
        for (peer, theirs) in [(first, "10.97"), (second, "10.96")] {
            var family = NeighborInputs.Family(.optionC)
            family.depths.imported = [
                .init(depth: 1, filter: try hosts("\(theirs).9.0/24")),
                .init(depth: 2, filter: try hosts("\(theirs).1.0/24")),
            ]
            family.depths.exported = [
                .init(depth: 1, filter: try hosts("10.98.9.0/24")),
                .init(depth: entropy ? 4 : 2, filter: try filter(["10.98.1.2/32"], and: "10.98.1.0/24")),
                .init(depth: entropy ? 4 : 2, filter: try hosts("10.97.0.0/16")),
            ]
            family.importFilter = PrefixFilter(anyOf: family.depths.imported.map(\.filter))
            family.exportFilter = PrefixFilter(anyOf: family.depths.exported.map(\.filter))
            family.relay.allowsTransit = transit.contains(peer)
            var sites = NeighborInputs.Family(.optionC)
            let all = PrefixFilter([.init(permits: true, prefix: .everything(.ipv6), lengths: 32...64)])
            sites.depths.imported = [.init(depth: 2, filter: all)]
            sites.depths.exported = [.init(depth: 2, filter: all)]
            (sites.importFilter, sites.exportFilter) = (all, all)
            inputs.neighbors[peer]?.families = [.ipv4LabeledUnicast: family, .ipv6LabeledUnicast: sites]
            inputs.neighbors[peer]?.nniMark = mark
        }
        var neighbor = NeighborInputs(
            peer: router, remoteAutonomousSystem: 42, nni: NeighborIdentity.core, localAddress: CoreRouter.loopback)
        neighbor.ownIdentifier = IPv4Address(10, 0, 0, 1)
        neighbor.nniMark = mark
        neighbor.families = [.ipv4LabeledUnicast: .init(.transport), .ipv6LabeledUnicast: .init(.transport)]
        inputs.neighbors[router] = neighbor
        return inputs
    }

    private static func hosts(_ text: String) throws -> PrefixFilter {
        PrefixFilter([.init(permits: true, prefix: try prefix(text), lengths: 32...32)])
    }

    private static func filter(_ named: [String], and text: String) throws -> PrefixFilter {
        let entries = try named.map { PrefixFilter.Entry(permits: true, prefix: try prefix($0), lengths: 32...32) }
        return PrefixFilter(entries + [.init(permits: true, prefix: try prefix(text), lengths: 32...32)])
    }

    /// With sessions to all.
    static func owner(_ inputs: RoutingInputs? = nil) throws -> Owner {
        let owner = Owner()
        owner.handle(.configure(try inputs ?? Self.inputs()))
        for (peer, identifier) in [(first, UInt8(1)), (second, 2), (router, 9)] {
            CoreRouter.establish(peer, identifier, owner)
        }
        owner.drain()
        return owner
    }

    /// What a neighbor says, if nothing else is asked for.
    static func attributes(
        from peer: PeerAddress, mark: LargeCommunity? = nil, nextHop: String? = nil, path: [UInt32]? = nil
    ) throws -> PathAttributes {
        let system: [UInt32] = peer == first ? [FarEnd.firstAS] : peer == second ? [FarEnd.secondAS] : []
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: path ?? system),
            nextHop: BGPNextHop(try nextHop.map { try address($0) } ?? peer.address))
        contents.localPreference = peer == router ? 100 : nil
        contents.largeCommunities = [mark].compactMap { $0 }
        return PathAttributes(contents)
    }
}

extension Owner {
    func tell(_ text: String, _ labels: [UInt32], from peer: PeerAddress, _ attributes: PathAttributes) throws {
        handle(.update(neighbor: peer, try CoreRouter.announcement(text, labels: labels, attributes)))
    }

    /// Transports to PEs are so from now on.
    func setTransports(_ states: [String: NextHopState]) throws {
        handle(
            .transportsChanged(
                Dictionary(uniqueKeysWithValues: try states.map { (try address($0.key), $0.value) })))
        drain()
    }

    /// Where the label leads that a neighbor has been told with a prefix.
    func labelledWay(_ text: String, at peer: PeerAddress) throws -> SwapTarget? {
        let label = sentLabeled[peer]?[try prefix(text)]?.label
        return installed.first { $0.neighbor == peer && $0.label == label }.flatMap { swaps[$0] }
    }

    func told(_ text: String, _ peer: PeerAddress) throws -> Sent? { sentLabeled[peer]?[try prefix(text)] }

    /// Why routes of a neighbor were refused, and how many for each reason.
    func rejections(of peer: PeerAddress, _ family: SessionFamily) -> [RouteRejection: UInt64] {
        (table.neighborSummary(peer)?.families[family]?.rejectedCount ?? [:]).filter { $0.value > 0 }
    }
}
