import Addressing
import BGP
import Routing

/// What a border router of Option C has been told by its neighbors, its configuration and its core, and what each neighbor is to have
/// by that: computed anew from RFC 4364 §10 c, RFC 4271 §9.1.2, RFC 4456 §9 and the page on Option C. Prefixes are names here.
struct WaysModel {
    /// What a neighbor says of a prefix.
    struct Said: Hashable {
        var labels: [UInt32]
        var path: [UInt32]
        var nextHop: String
        var preference: UInt32?
        var isMarked = false
        var communities: [Community] = []
    }

    struct Held: Hashable {
        let said: Said
        let since: Instant
        var isStale = false
    }

    /// The prefix lists of a far end by their depths.
    struct Lists: Hashable {
        var imported: [UInt8: Set<String>] = [:]
        var exported: [UInt8: Set<String>] = [:]
    }

    /// What a neighbor has of a prefix.
    struct Expected: Hashable {
        let path: [UInt32]
        let isMarked: Bool
        let preference: UInt32?
        let way: SwapTarget
    }

    static let farEnds = [WayBorder.first, WayBorder.second]
    static let routers = [CoreRouter.first, CoreRouter.second]
    static let prefixes = [
        "10.98.1.2/32", "10.98.1.7/32", "10.98.9.9/32", "10.97.1.1/32", "10.97.9.9/32", "10.96.0.0/24", "10.0.0.1/32",
        "2001:db8:97::/48", "2001:db8:98::/48", "2001:db8:98::7/128",
    ]
    /// What entries of lists are for: one prefix, or all hosts inside one.
    static let entries: [String: [String]] = [
        "10.98.1.0/24": ["10.98.1.2/32", "10.98.1.7/32"],
        "10.98.0.0/16": ["10.98.1.2/32", "10.98.1.7/32", "10.98.9.9/32"],
        "10.97.0.0/16": ["10.97.1.1/32", "10.97.9.9/32"], "2001:db8::/32": ["2001:db8:98::7/128"],
    ]

    var lists: [PeerAddress: [AddressFamily: Lists]] = [:]
    var transit: Set<PeerAddress> = []
    var bound: Set<String> = []
    var learnt: Set<String> = []
    /// PEs and routers of the own network.
    var transports: [String: NextHopState] = [:]
    /// Far ends.
    var nextHops: [PeerAddress: NextHopState] = [:]
    var held: [PeerAddress: [String: Held]] = [:]

    static func isIPv6(_ prefix: String) -> Bool { prefix.contains(":") }
    static func host(_ prefix: String) -> String? {
        for suffix in isIPv6(prefix) ? ["/128"] : ["/32"] where prefix.hasSuffix(suffix) {
            return String(prefix.dropLast(suffix.count))
        }
        return nil
    }
    static func covers(_ list: Set<String>, _ prefix: String) -> Bool {
        list.contains(prefix) || list.contains { entries[$0]?.contains(prefix) == true }
    }
    static func system(of peer: PeerAddress) -> UInt32 {
        peer == WayBorder.first ? FarEnd.firstAS : peer == WayBorder.second ? FarEnd.secondAS : 42
    }

    private func lists(of peer: PeerAddress, _ prefix: String) -> Lists {
        lists[peer]?[Self.isIPv6(prefix) ? .ipv6 : .ipv4] ?? Lists()
    }

    // MARK: What is taken

    func takes(_ said: Said, of prefix: String, from peer: PeerAddress) -> Bool {
        let nulls: [UInt32] = [3, Self.isIPv6(prefix) ? 2 : 0]
        guard said.labels.allSatisfy({ $0 > 15 || nulls.contains($0) }), !said.path.contains(42) else { return false }
        guard Self.farEnds.contains(peer) else { return said.nextHop != "\(CoreRouter.loopback)" }
        return said.labels.count == 1 && said.path.first == Self.system(of: peer) && said.nextHop == "\(peer.address)"
            && lists(of: peer, prefix).imported.values.contains { Self.covers($0, prefix) }
    }

    // MARK: Whose it is

    private func senders(of prefix: String) -> [PeerAddress] {
        (Self.farEnds + Self.routers).filter { held[$0]?[prefix] != nil }
    }

    private func state(_ prefix: String, of peer: PeerAddress) -> NextHopState {
        guard !Self.farEnds.contains(peer) else { return nextHops[peer] ?? .resolved }
        return transports[Self.host(prefix) ?? held[peer]?[prefix]?.said.nextHop ?? ""] ?? .unreachable
    }

    private var named: Set<String> {
        var found: Set<String> = []
        for family in lists.values {
            for list in family.values { for entries in list.exported.values { found.formUnion(entries) } }
        }
        return found
    }

    private func isOurs(_ prefix: String) -> Bool {
        let own = Self.routers.compactMap { held[$0]?[prefix]?.said }
        let isAnothers = Self.farEnds.contains { held[$0]?[prefix] != nil }
        if own.contains(where: { !$0.isMarked }) { return true }
        guard let host = Self.host(prefix) else { return false }
        if bound.contains(host) { return true }
        guard own.isEmpty else { return false }
        if named.contains(prefix) { return !isAnothers || transports[host] ?? .unreachable != .unreachable }
        return learnt.contains(host) && !isAnothers
    }

    /// What a neighbor's route leads by, without what has to stand under the label.
    private func way(_ prefix: String, of peer: PeerAddress) throws -> (way: SwapTarget.Way, labels: [MPLSLabel])? {
        guard let said = held[peer]?[prefix]?.said else { return nil }
        var labels: [MPLSLabel] = []
        for number in said.labels where number != 3 { labels.append(try label(number)) }
        if Self.farEnds.contains(peer) {
            let nni = peer == WayBorder.first ? "ten1/0" : "ten2/0"
            let identity = NeighborIdentity(
                address: peer.address, autonomousSystem: Self.system(of: peer), nni: nni)
            return (.neighbor(identity), labels)
        }
        if let host = Self.host(prefix) { return (.provider(try address(host)), []) }
        return (.provider(try address(said.nextHop)), labels)
    }

    /// Everything that packets for a prefix may go by, whoever has said it: a label that leads elsewhere is nobody's any more.
    func ways(of prefix: String) throws -> [SwapTarget] {
        var found: [SwapTarget] = []
        for peer in senders(of: prefix) where state(prefix, of: peer) != .unreachable {
            if let way = try way(prefix, of: peer) { found.append(SwapTarget(way: way.way, labels: way.labels)) }
        }
        if let host = Self.host(prefix), transports[host] ?? .unreachable != .unreachable {
            found.append(SwapTarget(way: .provider(try address(host)), labels: []))
        }
        return found
    }

    // MARK: What goes on

    func expected(_ prefix: String, at peer: PeerAddress) throws -> Expected? {
        guard prefix != "10.0.0.1/32" else { return nil }
        let isFarEnd = Self.farEnds.contains(peer)
        let isOurs = isOurs(prefix)
        if isOurs, let host = Self.host(prefix), !Self.routers.contains(where: { held[$0]?[prefix] != nil }) {
            guard isFarEnd, transports[host] ?? .unreachable != .unreachable,
                let stack = stack(of: prefix, in: lists(of: peer, prefix).exported)
            else { return nil }
            return Expected(
                path: [42], isMarked: false, preference: nil,
                way: SwapTarget(way: .provider(try address(host)), labels: [], under: stack))
        }
        let heard = senders(of: prefix).filter { !isOurs || Self.routers.contains($0) }
        let ranked = heard.map { (peer: $0, rank: rank(prefix, of: $0)) }
        guard let best = ranked.min(by: { $0.rank.lexicographicallyPrecedes($1.rank) })?.peer, best != peer,
            state(prefix, of: best) != .unreachable, let said = held[best]?[prefix]?.said,
            let way = try way(prefix, of: best)
        else { return nil }
        let isFromFarEnd = Self.farEnds.contains(best)
        if !isFarEnd {
            guard isFromFarEnd, !said.communities.contains(.noAdvertise),
                let stack = stack(of: prefix, in: lists(of: best, prefix).imported)
            else { return nil }
            return Expected(
                path: said.path, isMarked: true, preference: 100,
                way: SwapTarget(way: way.way, labels: way.labels, under: stack))
        }
        guard said.communities.isEmpty, !isFromFarEnd || transit.contains(best),
            !isFromFarEnd && !said.isMarked || transit.contains(peer),
            let stack = stack(of: prefix, in: lists(of: peer, prefix).exported)
        else { return nil }
        return Expected(
            path: [42] + said.path, isMarked: false, preference: nil,
            way: SwapTarget(way: way.way, labels: way.labels, under: stack))
    }

    /// The lower the better.
    private func rank(_ prefix: String, of peer: PeerAddress) -> [UInt64] {
        guard let held = held[peer]?[prefix] else { return [] }
        let state: UInt64 =
            switch self.state(prefix, of: peer) {
            case .resolved: 0
            case .unresolved: 1
            case .unreachable: 2
            }
        let isExternal = Self.farEnds.contains(peer)
        return [
            state, 1000 - UInt64(held.said.preference ?? 100), UInt64(held.said.path.count), isExternal ? 0 : 1,
            isExternal ? held.since.millisecondsSince1970 : 0, UInt64(RandomWays.identifier(of: peer)),
        ]
    }

    /// By the least deep list that has it. Under a site's label (RFC 4798) is its packet.
    private func stack(of prefix: String, in lists: [UInt8: Set<String>]) -> SwappedStack? {
        let depths = lists.filter { Self.covers($0.value, prefix) }.keys
        guard let depth = depths.min() else { return nil }
        if Self.isIPv6(prefix), Self.host(prefix) == nil, depth < 4 { return .ipv6Packet }
        return [1: .session, 2: .label, 4: .labelWithEntropy][depth]
    }
}
