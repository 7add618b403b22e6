import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// A route of a PE that says labels, drawn at random.
struct RandomTunnelRoute {
    enum Kind { case inclusive, domain, segment }

    /// The next hop, and the router that has brought it: mostly the PE itself.
    let provider: IPAddress
    let originator: IPv4Address
    let kind: Kind
    let route: AnnouncedRoute
    let said: TunnelRoutes.Said
    /// The tree's root, or the next hop where many send into it.
    let owner: IPAddress
    let isOfAll: Bool
    let distinguishers: [UInt32]
    let targets: Set<String>
    let preference: UInt32
    let attributes: PathAttributes

    static let providers = [TunnelRoutes.firstPE, TunnelRoutes.secondPE]
    /// One that takes the others' trees and next hops.
    private static let stranger = IPv4Address(9, 9, 9, 66)

    init(from peer: PeerAddress, ties: Bool, _ random: inout SeededGenerator) throws {
        let provider = Self.providers[Int.random(in: 0..<2, using: &random)]
        let number = UInt8.random(in: 1...4, using: &random)
        self.provider = provider
        originator = random.chance(10) ? Self.stranger : TunnelRoutes.originator(provider)
        kind = [.inclusive, .domain, .segment][Int.random(in: 0..<3, using: &random)]
        let level = UInt32.random(in: 1...(ties ? 3 : 50), using: &random) * 10
        preference = ties ? level : level + UInt32(Cluster.number(of: peer) % 10)
        targets = Set((0..<2).map { _ in "42:\(UInt8.random(in: 1...3, using: &random))" })
        var said = Self.said(&random)
        isOfAll = kind != .segment && random.chance(15)
        if isOfAll {
            var element = TunnelRoutes.tree(said.tree, of: Self.providers[0])
            element[0] = random.chance(50) ? 7 : 8
            said.tunnel = (7, element)
        }
        let root = random.chance(10) ? Self.providers[0] : provider
        if !isOfAll { said.tunnel = (2, TunnelRoutes.tree(said.tree, of: root)) }
        owner = isOfAll ? provider : root
        distinguishers = kind == .inclusive && random.chance(15) ? [1000 + said.label, 2000 + said.label % 2] : []
        if kind == .segment {
            let spaces: [(code: UInt64, value: UInt32)] = random.chance(20) ? [(0x0308_0000, 1900 << 12)] : []
            said = TunnelRoutes.Said(label: 1000 + UInt32.random(in: 1...6, using: &random), spaces: spaces)
        }
        self.said = said

        var contents = try said.attributes(of: provider, from: peer, preference: preference).contents
        contents.originatorIdentifier = originator
        contents.extendedCommunities.removeAll { $0.routeTarget != nil }
        for text in targets.sorted() { contents.extendedCommunities.append(ExtendedCommunity(try target(text))) }
        switch kind {
        case .inclusive: route = try TunnelRoutes.inclusive(number, of: provider)
        case .domain: route = try TunnelRoutes.domain(number, of: provider)
        case .segment:
            let (announced, octets) = try TunnelRoutes.segment(number, of: provider)
            route = announced
            contents.evpn = octets
            contents.pmsiTunnel = nil
            contents.extendedCommunities.append(
                ExtendedCommunity(rawValue: 0x0601_0000_0000_0000 | UInt64(said.label) << 4))
        }
        var attributes = PathAttributes(contents)
        if !distinguishers.isEmpty {
            attributes.peDistinguisherLabels = try TunnelRoutes.distinguishers(distinguishers[0], distinguishers[1])
        }
        self.attributes = attributes
    }

    private static func said(_ random: inout SeededGenerator) -> TunnelRoutes.Said {
        let tree = UInt8.random(in: 1...3, using: &random)
        let label = UInt32.random(in: 0...6, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .init(label: 50_000 + label, tree: tree, spaces: [(0x0308_0001, 1900 << 12)])
        case 1...3: return .space(1900 + label % 2, 1000 + label, tree: tree)
        case 4: return .common(label % 2 == 0 ? 2000 + label : 1900 + label % 3, tree: tree)
        case 5...8: return .common(label == 0 ? 0 : 1000 + label, tree: tree)
        default: return .own(label == 0 ? 0 : 1000 + label, tree: tree)
        }
    }
}

/// The rules of RFC 9573 §4.2 once more, over all routes at once.
struct LabelRules {
    let block: ClosedRange<UInt32>?
    /// By table and label.
    private(set) var purposes: [String: [UInt32: Set<String>]] = [:]

    init(_ routes: [RandomTunnelRoute], block: ClosedRange<UInt32>?) {
        self.block = block
        for originator in Set(routes.map(\.originator)) {
            addRoutes(routes.filter { $0.originator == originator })
        }
    }

    private mutating func addRoutes(_ routes: [RandomTunnelRoute]) {
        /// The spaces of domains by next hop and target.
        var domains: [String: Set<String>] = [:]
        let tunnels = Dictionary(grouping: routes.filter { $0.kind != .segment }) { route in
            "\(route.owner) \(route.isOfAll) \(route.said.tree)"
        }
        for sharing in tunnels.values {
            let stances = Set(sharing.map { $0.said.isExtended ? 1 : $0.said.spaces.isEmpty ? 0 : 2 })
            guard stances.count == 1 else { continue }
            for route in sharing {
                guard let space = space(of: route), areUsable(route.distinguishers, space) else { continue }
                if space.hasPrefix("space") { add(route.said.spaces[0].value >> 12, "space", "common") }
                if route.kind == .domain {
                    for target in route.targets { domains["\(route.provider) \(target)", default: []].insert(space) }
                }
                if route.said.label > 0 { add(route.said.label, "tunnel", space) }
                for label in route.distinguishers { add(label, "provider", space) }
            }
        }
        for route in routes where route.kind == .segment {
            var spaces: Set<String> = []
            for target in route.targets { spaces.formUnion(domains["\(route.provider) \(target)"] ?? []) }
            let kinds = Set(spaces.map { $0.hasPrefix("space") || $0 == "common" ? $0 : "own" })
            if let named = route.said.spaces.first {
                let name = "space \(named.value >> 12)"
                guard block?.contains(named.value >> 12) == true, kinds.contains(name) else { continue }
                spaces = [name]
            } else if kinds.count != 1 {
                continue
            }
            for space in spaces where space != "common" || block?.contains(route.said.label) == true {
                add(route.said.label, "segment", space)
            }
        }
    }

    private mutating func add(_ label: UInt32, _ purpose: String, _ space: String) {
        purposes[space, default: [:]][label, default: []].insert(purpose)
    }

    private func areUsable(_ distinguishers: [UInt32], _ space: String) -> Bool {
        space != "common" || distinguishers.allSatisfy { block?.contains($0) == true }
    }

    /// Where a route's label is from; `nil` where that cannot be.
    private func space(of route: RandomTunnelRoute) -> String? {
        let said = route.said
        if said.isExtended { return said.label == 0 || block?.contains(said.label) == true ? "common" : nil }
        guard let space = said.spaces.first else { return "\(route.owner)" }
        let name = space.value >> 12
        return space.code == 0x0308_0000 && block?.contains(name) == true ? "space \(name)" : nil
    }

    /// As ``TunnelRoutes/tables(_:)`` has them.
    var tables: [String: [String]] {
        let order = ["tunnel", "segment", "provider", "space"]
        return purposes.mapValues { labels in
            labels.sorted { $0.key < $1.key }.map { label, purposes in
                "\(label) \(order.filter(purposes.contains).joined(separator: "+"))"
            }
        }
    }
}
