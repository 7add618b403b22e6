import Addressing
import BGP
import Routing
import SeededRandom
import Testing

/// The labels of relayed routes: how many, how long they are valid, and where they lead.
@Suite struct RelayLabelTests {
    private let attributes: PathAttributes

    init() throws { attributes = try Border.attributes(from: Border.first, ["65001:7"]) }

    private func route(_ number: Int) throws -> VPNPrefix { try vpn("65001:1", "10.\(number).0.0/16") }

    @Test func `routes of one next hop and label have one label, of a neighbor's own`() throws {
        let owner = Border.owner(try Border.inputs())
        for number in 0..<50 {
            try owner.announce(try route(number), from: Border.first, label: 100 + UInt32(number % 2), attributes)
        }
        owner.drain()
        let reflectors = [Border.reflector, Border.otherReflector]
        let labels = reflectors.map { Set((owner.sent[$0] ?? [:]).values.map(\.label)) }
        #expect(labels.map(\.count) == [2, 2])
        #expect(labels[0].isDisjoint(with: labels[1]))
        #expect(owner.swaps.count == 4)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `per prefix each route has one, which stays when the way is another`() throws {
        let owner = Border.owner(try Border.inputs(perPrefix: [Border.reflector]))
        for number in 0..<5 { try owner.announce(try route(number), from: Border.first, label: 100, attributes) }
        owner.drain()
        #expect(Set((owner.sent[Border.reflector] ?? [:]).values.map(\.label)).count == 5)
        #expect(Set((owner.sent[Border.otherReflector] ?? [:]).values.map(\.label)).count == 1)
        let before = try #require(owner.sent[Border.reflector]?[try route(1)]?.label)
        let effects = owner.handle(
            .update(neighbor: Border.first, try announcement(try route(1), label: 101, attributes)))
        // By one store, and before anything else.
        guard case .setSwap(let binding, let target)? = effects.first else {
            Issue.record("\(effects)")
            return
        }
        let new = try label(101)
        #expect(binding.label == before && target.labels == [new])
        owner.drain()
        #expect(owner.sent[Border.reflector]?[try route(1)]?.label == before)
        #expect(owner.way(of: try route(1), at: Border.reflector)?.labels == [try label(101)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `another label mode loses no route, and leaves no label behind`() throws {
        let owner = Border.owner(try Border.inputs())
        let route = try route(1)
        try owner.announce(route, from: Border.first, label: 100, attributes)
        owner.drain()
        for modes in [[Border.reflector], []] as [Set<PeerAddress>] {
            owner.handle(.configure(try Border.inputs(perPrefix: modes)))
            #expect(owner.sent[Border.reflector]?[route] != nil)
            owner.drain()
            #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(100)])
            #expect(owner.installed.count { $0.neighbor == Border.reflector } == 1)
        }
        // What comes behind it is said by the label that is there.
        let other = try Border.attributes(from: Border.first, ["65001:8"])
        try owner.announce(route, from: Border.first, label: 100, other)
        owner.drain()
        #expect(owner.targets(of: route, at: Border.reflector) == ["42:8"])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a new label is valid and said before the old one goes`() throws {
        let owner = Border.owner(try Border.inputs())
        let route = try route(1)
        try owner.announce(route, from: Border.first, label: 100, attributes)
        owner.drain()
        let before = try #require(owner.sent[Border.reflector]?[route]?.label)
        try owner.announce(route, from: Border.first, label: 101, attributes)
        // Also for whoever asks for all routes again: what is valid is what it has.
        owner.handle(.routeRefresh(neighbor: Border.reflector, SessionFamily.vpnv4.identifier))
        for peer in Border.all { while !owner.pull(peer, limit: 10).isEmpty {} }
        #expect(owner.sent[Border.reflector]?[route]?.label == before)
        #expect(owner.installed.contains { $0.label == before && $0.neighbor == Border.reflector })
        owner.drain()
        #expect(owner.way(of: route, at: Border.reflector)?.labels == [try label(101)])
        #expect(owner.sent[Border.reflector]?[route]?.label != before)
        #expect(!owner.installed.contains { $0.label == before })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a label whose routes are withdrawn is invalid at once, and given to nobody else for a time`() throws {
        let owner = Border.owner(try Border.inputs())
        for number in 1...2 { try owner.announce(try route(number), from: Border.first, label: 100, attributes) }
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        owner.withdraw(try route(1), from: Border.first)
        #expect(owner.installed.contains(binding))
        let effects = owner.handle(
            .update(neighbor: Border.first, Update(withdrawing: [.vpn(try route(2))])))
        #expect(effects.contains(.removeLabel(binding, .atOnce)))
        owner.drain()
        #expect(owner.sent[Border.reflector]?.isEmpty == true)
        #expect(owner.table.labels.quarantine[binding.label]?.owner == binding.owner)
        // Nor to the same label of the far end: it may be another VPN's by now.
        try owner.announce(try route(3), from: Border.first, label: 100, attributes)
        owner.drain()
        let next = try #require(owner.sent[Border.reflector]?[try route(3)]?.label)
        #expect(next != binding.label)
        #expect(owner.table.labels.quarantine[binding.label]?.owner == binding.owner)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a far end that is lost takes its labels along, one that restarts does not`() throws {
        for restart in [nil, gracefulRestart()] {
            let owner = Border.owner(try Border.inputs())
            try owner.announce(try route(1), from: Border.first, label: 100, attributes)
            owner.drain()
            owner.handle(.down(neighbor: Border.first, gracefulRestart: restart))
            while owner.table.isSweeping { owner.sweep(limit: 10) }
            #expect(owner.installed.isEmpty == (restart == nil))
            owner.drain()
            #expect((owner.sent[Border.reflector]?[try route(1)] == nil) == (restart == nil))
            #expect(owner.violations.isEmpty, "\(owner.violations)")
        }
    }

    @Test func `who is told keeps the label over its restart, and loses it with what it leads to`() throws {
        var inputs = try Border.inputs()
        for peer in Border.all { inputs.neighbors[peer]?.announcedRestartSeconds = 120 }
        let owner = Owner()
        owner.handle(.configure(inputs))
        for peer in Border.all {
            owner.handle(
                .established(
                    neighbor: peer, session(identifier: Border.number(of: peer), restart: gracefulRestart())))
        }
        for (number, far) in [(1, 100), (2, 200)] as [(Int, UInt32)] {
            try owner.announce(try route(number), from: Border.first, label: far, attributes)
        }
        owner.drain()
        owner.handle(.down(neighbor: Border.reflector, gracefulRestart: nil))
        #expect(owner.installed.count { $0.neighbor == Border.reflector } == 2)
        owner.withdraw(try route(2), from: Border.first)
        #expect(owner.installed.count { $0.neighbor == Border.reflector } == 1)
        owner.drain()
        let kept = try #require(owner.installed.first { $0.neighbor == Border.reflector }).label
        owner.handle(.established(neighbor: Border.reflector, session(identifier: 9, restart: gracefulRestart())))
        owner.drain()
        #expect(owner.sent[Border.reflector]?[try route(1)]?.label == kept)
        #expect(owner.sent[Border.reflector]?.count == 1)
        owner.handle(.down(neighbor: Border.reflector, gracefulRestart: nil, isForgotten: true))
        #expect(!owner.installed.contains { $0.neighbor == Border.reflector })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `who is given nothing any more keeps its labels until it has read that`() throws {
        var inputs = try Border.inputs()
        let owner = Border.owner(inputs)
        try owner.announce(try route(1), from: Border.first, label: 100, attributes)
        owner.drain()
        let binding = try #require(owner.installed.first { $0.neighbor == Border.reflector })
        for family in [SessionFamily.vpnv4, .vpnv6] {
            inputs.neighbors[Border.reflector]?.families[family]?.relay.exported = ListedTargets()
        }
        owner.handle(.configure(inputs))
        #expect(owner.installed.contains(binding))
        owner.drain()
        #expect(owner.sent[Border.reflector]?.isEmpty == true)
        #expect(!owner.installed.contains(binding))
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a box that restarts has the same labels, valid before it changes over`() throws {
        var inputs = try Border.inputs(perPrefix: [Border.otherReflector])
        for peer in Border.all { inputs.neighbors[peer]?.announcedRestartSeconds = 120 }
        let before = Border.owner(inputs)
        for number in 1...2 {
            try before.announce(try route(number), from: Border.first, label: 100 + UInt32(number), attributes)
        }
        before.drain()
        let owner = Owner(
            RoutingTable(
                labels: before.saved, awaiting: Border.all, selectionDeferral: seconds(60),
                generator: SeededGenerator(seed: 2)))
        owner.mayInstallWithoutSession = true
        owner.handle(.configure(inputs))
        let session = session(identifier: 1, restart: gracefulRestart())
        owner.handle(.established(neighbor: Border.first, session))
        try owner.announce(try route(1), from: Border.first, label: 101, attributes)
        owner.confirmAll()
        #expect(!owner.isConverged)
        #expect(owner.installed.isSubset(of: before.installed))
        #expect(owner.installed.count == 2)
        for peer in Border.all.dropFirst() {
            owner.handle(.established(neighbor: peer, restarting(peer)))
        }
        for peer in Border.all {
            for family in [SessionFamily.vpnv4, .vpnv6] {
                owner.handle(.endOfRIB(neighbor: peer, family.identifier))
            }
        }
        owner.drain()
        #expect(owner.isConverged)
        for peer in [Border.reflector, Border.otherReflector] {
            #expect(owner.sent[peer]?[try route(1)]?.label == before.sent[peer]?[try route(1)]?.label)
        }
        // What did not come back is nobody's for a time.
        let gone = try #require(before.sent[Border.reflector]?[try route(2)]?.label)
        #expect(owner.table.labels.quarantine[gone] != nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    private func restarting(_ peer: PeerAddress) -> SessionParameters {
        session(identifier: Border.number(of: peer), restart: gracefulRestart())
    }

    @Test func `a label that never was valid is free again at once`() throws {
        let owner = Border.owner(try Border.inputs())
        for number in 0..<3_000 {
            try owner.announce(try route(1), from: Border.first, label: 100 + UInt32(number), attributes)
            // A disk that is slow: nothing is installed.
            while !owner.toRemove.isEmpty { owner.confirmOne() }
        }
        #expect(owner.table.labels.quarantine.isEmpty)
        #expect(owner.table.labels.labels.keys.count { $0.vrf == nil } == 2)
        owner.drain()
        #expect(owner.way(of: try route(1), at: Border.reflector)?.labels == [try label(3_099)])
        #expect(owner.log.isEmpty, "\(owner.log)")
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test(arguments: [nil, 10]) func `a neighbor takes up its share of the labels and no more`(most: Int?) throws {
        var inputs = try Border.inputs(transit: [Border.first, Border.second])
        inputs.neighbors[Border.first]?.maximumLabels = most
        // Each of ten for four neighbors that are given routes, and as many in quarantine; or a quarter of 1,000.
        let share = most.map { 2 * 4 * $0 } ?? 250
        let owner = Border.owner(inputs)
        let allocations = { owner.table.labels }
        let before = allocations().labels.count
        for number in 0..<400 {
            try owner.announce(try route(1), from: Border.first, label: 100 + UInt32(number), attributes)
            owner.drain()
        }
        #expect(allocations().labels.count - before + allocations().quarantine.count == share)
        #expect(owner.sent[Border.reflector]?[try route(1)] == nil)
        #expect(owner.log.contains(.relayLabelsExhausted(neighbor: Border.reflector)))
        // There is enough for others.
        let other = try Border.attributes(from: Border.second, ["65002:7"])
        try owner.announce(try route(2), from: Border.second, label: 100, other)
        owner.drain()
        #expect(owner.sent[Border.reflector]?[try route(2)] != nil)
        owner.advance(to: seconds(301))
        owner.drain()
        #expect(owner.way(of: try route(1), at: Border.reflector)?.labels == [try label(499)])
        #expect(allocations().quarantine.isEmpty)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `without a free label a route is not said, nor is it said by another's`() throws {
        var inputs = try Border.inputs()
        for name in inputs.vrfs.keys { inputs.vrfs[name] = nil }
        inputs.labelRange = 1000...1002
        let owner = Border.owner(inputs)
        for number in 1...2 {
            try owner.announce(try route(number), from: Border.first, label: 100 + UInt32(number), attributes)
        }
        owner.drain()
        #expect(owner.sent.values.reduce(0) { $0 + $1.count } == 3)
        #expect(owner.log.count { if case .relayLabelsExhausted = $0 { true } else { false } } == 1)
        let without = try #require([Border.reflector, Border.otherReflector].first { owner.sent[$0]?.count == 1 })
        // One that has a label needs another now, of which there is none: it is taken back.
        let known = try #require(owner.sent[without]?.keys.first)
        try owner.announce(known, from: Border.first, label: 109, attributes)
        owner.drain()
        #expect(owner.sent[without]?[known] == nil)
        owner.advance(to: seconds(301))
        owner.drain()
        owner.advance(to: seconds(700))
        owner.drain()
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
