import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// The configuration: prefix lists of three depths, drawn anew now and then.
extension RandomWays {
    func inputs() throws -> RoutingInputs {
        var inputs = try WayBorder.inputs()
        inputs.loopbacks = [IPPrefix(host: CoreRouter.loopback)]
        for peer in WaysModel.farEnds {
            for family in AddressFamily.allCases {
                var settings = NeighborInputs.Family(.optionC)
                let lists = model.lists[peer]?[family] ?? WaysModel.Lists()
                settings.depths.imported = try depths(lists.imported)
                settings.depths.exported = try depths(lists.exported)
                settings.importFilter = PrefixFilter(anyOf: settings.depths.imported.map(\.filter))
                settings.exportFilter = PrefixFilter(anyOf: settings.depths.exported.map(\.filter))
                settings.relay.allowsTransit = model.transit.contains(peer)
                inputs.neighbors[peer]?.families[SessionFamily(labeledUnicast: family)] = settings
            }
        }
        if let router = inputs.neighbors[CoreRouter.first] {
            var other = NeighborInputs(
                peer: CoreRouter.second, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
                localAddress: CoreRouter.loopback)
            other.ownIdentifier = router.ownIdentifier
            other.nniMark = router.nniMark
            other.families = router.families
            inputs.neighbors[CoreRouter.second] = other
        }
        for peer in Self.all { inputs.neighbors[peer]?.announcedRestartSeconds = 120 }
        return inputs
    }

    func depths(_ lists: [UInt8: Set<String>]) throws -> [LabelledDepths.List] {
        var found: [LabelledDepths.List] = []
        for (depth, entries) in lists.sorted(by: { $0.key < $1.key }) {
            var filter: [PrefixFilter.Entry] = []
            for text in entries.sorted() {
                let prefix = try prefix(text)
                let length = WaysModel.entries[text] == nil ? prefix.length : UInt8(prefix.family.bits)
                filter.append(.init(permits: true, prefix: prefix, lengths: length...length))
            }
            found.append(.init(depth: depth, filter: PrefixFilter(filter)))
        }
        return found
    }

    mutating func changeLists(of peer: PeerAddress, _ family: AddressFamily) {
        let names = (WaysModel.prefixes + WaysModel.entries.keys.sorted()).filter {
            WaysModel.isIPv6($0) == (family == .ipv6)
        }
        var lists = WaysModel.Lists()
        for depth: UInt8 in [1, 2, 4] {
            let (imported, exported) = (subset(names, 35), subset(names, 35))
            if random.chance(70) { lists.imported[depth] = imported }
            if random.chance(70) { lists.exported[depth] = exported }
        }
        model.lists[peer, default: [:]][family] = lists
    }

    mutating func subset(_ names: [String], _ percent: Int) -> Set<String> {
        var chosen: Set<String> = []
        for name in names where random.chance(percent) { chosen.insert(name) }
        return chosen
    }
}
