import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// Two far ends of Option C and two routers of the own network that say anything whatever, come, go and restart, and the model beside
/// the owner.
struct RandomWays {
    var owner = Owner()
    var model = WaysModel()
    var random: SeededGenerator
    /// What each neighbor says, taken or not: a refresh brings it again.
    var told: [PeerAddress: [String: WaysModel.Said]] = [:]
    var up: Set<PeerAddress> = []
    /// Until when the routes of those that are away count, and the labels that they have.
    var routesEnd: [PeerAddress: Instant] = [:]
    var labelsEnd: [PeerAddress: Instant] = [:]
    /// The labels that neighbors have, and where those lead.
    var labels: [PeerAddress: [String: (label: MPLSLabel, way: SwapTarget)]] = [:]
    /// Labels that have led nowhere, and since when.
    var dead: [PeerAddress: [MPLSLabel: Instant]] = [:]
    /// What has been seen of everything that is to be.
    var seen: Set<String> = []

    static let all = WaysModel.farEnds + WaysModel.routers
    static func identifier(of peer: PeerAddress) -> UInt8 {
        switch peer {
        case WayBorder.first: 1
        case WayBorder.second: 2
        case CoreRouter.first: 9
        default: 8
        }
    }

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        for peer in WaysModel.farEnds { for family in AddressFamily.allCases { changeLists(of: peer, family) } }
        owner.handle(.configure(try inputs()))
        for peer in Self.all { establish(peer) }
        owner.drain()
    }

    // MARK: Events

    mutating func step() throws {
        if random.chance(30) { try advance() }
        let peer = random.pick(Self.all)
        switch random.below(20) {
        case 0: takeDown(peer)
        case 1, 2: comeBack(try returning(peer))
        case 3: try reconfigure()
        case 4...7: changeTransports()
        case 8:
            model.nextHops[random.pick(WaysModel.farEnds)] = random.pick(NextHopState.allCases)
            for (peer, state) in model.nextHops.sorted(by: { $0.key < $1.key }) {
                owner.handle(.nextHopChanged(neighbor: peer, state))
            }
        case 9: try changeKnown()
        case 10...12: withdraw(random.pick(WaysModel.prefixes), from: peer)
        default: try tell(try said(random.pick(WaysModel.prefixes), by: peer))
        }
        try settle()
    }

    /// The owner's answers, and what they are to lead to at once.
    mutating func settle() throws {
        try answerRefreshes()
        reportTransports()
        try noteLabels()
    }

    mutating func advance() throws {
        owner.advance(to: owner.now.advanced(bySeconds: UInt32(random.below(60))))
        for (peer, end) in routesEnd where end <= owner.now {
            routesEnd[peer] = nil
            model.held[peer] = nil
        }
        for (peer, end) in labelsEnd where end <= owner.now { loseLabels(of: peer) }
        while owner.table.isSweeping { owner.sweep(limit: 3) }
        try noteLabels()
    }

    mutating func loseLabels(of peer: PeerAddress) {
        labelsEnd[peer] = nil
        for known in (labels[peer] ?? [:]).values { dead[peer, default: [:]][known.label] = owner.now }
        labels[peer] = nil
    }

    mutating func takeDown(_ peer: PeerAddress) {
        guard up.contains(peer) else { return }
        let keepsRoutes = random.chance(60)
        let families = SessionFamily.allCases.filter(\.isLabeledUnicast)
        let restart = gracefulRestart(seconds: 120, families: families)
        owner.handle(.down(neighbor: peer, gracefulRestart: keepsRoutes ? restart : nil))
        while owner.table.isSweeping { owner.sweep(limit: 3) }
        up.remove(peer)
        // What was stale already goes; nothing is, since everybody says all that he has when he comes back.
        if keepsRoutes { routesEnd[peer] = owner.now.advanced(bySeconds: 120) } else { model.held[peer] = nil }
        labelsEnd[peer] = owner.now.advanced(bySeconds: 120)
    }

    mutating func establish(_ peer: PeerAddress) {
        let families = SessionFamily.allCases.filter(\.isLabeledUnicast)
        CoreRouter.establish(
            peer, Self.identifier(of: peer), owner, gracefulRestart(seconds: 120, families: families))
        up.insert(peer)
        routesEnd[peer] = nil
        labelsEnd[peer] = nil
    }

    /// One that is away, with what it has still to say.
    mutating func returning(_ peer: PeerAddress) throws -> PeerAddress? {
        guard !up.contains(peer) else { return nil }
        establish(peer)
        let before = told[peer] ?? [:]
        told[peer] = [:]
        for (prefix, said) in before.sorted(by: { $0.key < $1.key }) where random.chance(70) {
            try tell((peer, prefix, said))
        }
        return peer
    }

    mutating func comeBack(_ peer: PeerAddress?) {
        guard let peer else { return }
        for family in CoreRouter.families { owner.handle(.endOfRIB(neighbor: peer, family.identifier)) }
        while owner.table.isSweeping { owner.sweep(limit: 3) }
        let repeated = told[peer] ?? [:]
        model.held[peer] = (model.held[peer] ?? [:]).filter { repeated[$0.key] == $0.value.said }
    }

    mutating func reconfigure() throws {
        if random.chance(30) {
            model.transit = Set(WaysModel.farEnds.filter { _ in random.chance(60) })
        } else {
            changeLists(of: random.pick(WaysModel.farEnds), random.pick(AddressFamily.allCases))
        }
        owner.handle(.configure(try inputs()))
        while owner.table.isSweeping { owner.sweep(limit: 3) }
        for (peer, routes) in model.held {
            for (prefix, route) in routes where !model.takes(route.said, of: prefix, from: peer) {
                model.held[peer]?[prefix] = nil
            }
        }
    }

    mutating func changeTransports() {
        for host in Self.hosts where random.chance(25) {
            model.transports[host] = random.pick([.resolved, .resolved, .unresolved, .unreachable])
        }
    }

    static let hosts = WaysModel.prefixes.compactMap(WaysModel.host) + ["10.0.0.8", "10.0.0.9"]

    func reportTransports() {
        var states: [IPAddress: NextHopState] = [:]
        for host in Self.hosts {
            if let known = IPAddress(host) { states[known] = model.transports[host] ?? .unreachable }
        }
        owner.handle(.transportsChanged(states))
    }

    mutating func changeKnown() throws {
        let hosts = WaysModel.prefixes.compactMap(WaysModel.host)
        model.bound = subset(hosts, 20)
        model.learnt = subset(hosts, 30)
        try reportKnown()
    }

    func reportKnown() throws {
        owner.handle(
            .providersKnown(
                bound: Set(try model.bound.map { try address($0) }),
                learnt: Set(try model.learnt.map { try address($0) })))
    }

    // MARK: Restart

    /// The process ends and another one begins with its file: who was told anything has the same label for it.
    mutating func restart() throws {
        for peer in Self.all { comeBack(try returning(peer)) }
        try settle()
        try check("before the restart")
        var allocations = Allocations()
        allocations.labels = owner.saved
        let saved = try AllocationsFile.decode(AllocationsFile.encode(allocations)).labels
        let moment = owner.now
        owner = Owner(
            RoutingTable(
                labels: saved, awaiting: Set(Self.all), selectionDeferral: moment.advanced(bySeconds: 60),
                generator: SeededGenerator(seed: random.next())))
        owner.now = moment
        owner.mayInstallWithoutSession = true
        owner.handle(.configure(try inputs()))
        for (peer, state) in model.nextHops.sorted(by: { $0.key < $1.key }) {
            owner.handle(.nextHopChanged(neighbor: peer, state))
        }
        try reportKnown()
        model.held = [:]
        for peer in Self.all.shuffled(using: &random) {
            establish(peer)
            for (prefix, said) in (told[peer] ?? [:]).shuffled(using: &random) { try tell((peer, prefix, said)) }
            if random.chance(50) { reportTransports() }
            owner.confirmAll()
        }
        reportTransports()
        for peer in Self.all.shuffled(using: &random) {
            for family in CoreRouter.families { owner.handle(.endOfRIB(neighbor: peer, family.identifier)) }
        }
        try settle()
        try check("after the restart")
    }
}
