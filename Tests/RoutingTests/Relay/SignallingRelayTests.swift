import Addressing
import BGP
import Routing
import Testing

/// MVPN and EVPN routes that are relayed over NNIs: which go on, and with which labels.
@Suite struct SignallingRelayTests {
    private let far: SwapTarget.Way
    private let provider = SwapTarget.Way.provider(Border.provider)

    init() throws {
        far = .neighbor(try #require(try SignallingBorder.inputs().neighbors[Border.first]?.identity))
    }

    private func target(_ way: SwapTarget.Way, _ number: UInt32, _ stack: SwappedStack) throws -> SwapTarget {
        SwapTarget(way: way, labels: [try label(number)], under: stack)
    }

    // MARK: Labels (details.md: next hop self gives every downstream label a swap)

    @Test func `both labels of a MAC address have one of ours in their place, and other targets where lists say so`()
        throws
    {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100, 101])
        // MAC mobility goes on; a router's MAC address and a color are one network's.
        try owner.announce(
            route, octets, from: Border.first, ["65001:8", "65001:99"],
            communities: [0x0600_0000_0000_0005, 0x0603_0200_0000_0001, 0x030b_0000_0000_0001])
        owner.settle()
        for peer in [Border.reflector, Border.otherReflector] {
            let told = try #require(owner.told(.evpn(route), peer))
            #expect(told.nextHop == BGPNextHop(Border.loopback))
            #expect(
                told.extendedCommunities == [
                    ExtendedCommunity(rawValue: 0x0600_0000_0000_0005),
                    ExtendedCommunity(try RoutingTests.target("42:8")),
                ])
            #expect(told.largeCommunities == [Border.mark])
            #expect(owner.ways(of: route, at: peer) == [try target(far, 100, .frame), try target(far, 101, .packet)])
        }
        #expect(owner.told(.evpn(route), Border.second) == nil && owner.told(.evpn(route), Border.first) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a label is one for all routes of a next hop and label, and of each kind of payload`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (mac, macOctets) = try SignallingBorder.macAddress(of: 42, [300, 301])
        let (discovery, discoveryOctets) = try SignallingBorder.autoDiscovery(of: 42, tag: 7, label: 300)
        let (segment, segmentOctets) = try SignallingBorder.autoDiscovery(of: 42, tag: 255, label: 0)
        let (prefix, prefixOctets) = try SignallingBorder.prefix(of: 42, label: 301)
        for (route, octets) in [
            (mac, macOctets), (discovery, discoveryOctets), (segment, segmentOctets), (prefix, prefixOctets),
        ] { try owner.announce(route, octets, from: Border.reflector, ["42:7"]) }
        owner.settle()
        let first = Border.first
        #expect(
            owner.ways(of: mac, at: first) == [try target(provider, 300, .frame), try target(provider, 301, .packet)])
        func fields(_ route: EVPNRoute) -> [UInt32] { route.labelFields(in: owner.told(.evpn(route), first)?.evpn) }
        #expect(fields(discovery) == [fields(mac)[0]] && fields(prefix) == [fields(mac)[1]])
        // RFC 7432 §8.2.1: per segment there is none.
        #expect(fields(segment) == [0])
        #expect(owner.told(.evpn(mac), first)?.nextHop == BGPNextHop(.ipv4(IPv4Address(1, 2, 3, 5))))
        #expect(owner.told(.evpn(mac), first)?.asPath == ASPath(sequence: [42]))
        #expect(owner.installed.filter { $0.neighbor == first }.count == 2)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a tunnel by ingress replication ends here, and a tree or VNIs end at the border`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (route, octets) = try SignallingBorder.inclusive(of: 65001)
        let tunnel = SignallingBorder.replication(label: 100, to: [1, 2, 3, 4])
        try owner.announce(route, octets, from: Border.first, ["65001:7"], tunnel: tunnel)
        owner.settle()
        let told = try #require(owner.told(.evpn(route), Border.reflector)?.pmsiTunnel)
        #expect(told.kind == .ingressReplication && told.identifier == [10, 0, 0, 1])
        #expect(owner.way(ofLabel: told.labelField >> 4, at: Border.reflector) == (try target(far, 100, .frame)))
        // A tree of the other network.
        let tree = PMSITunnel(typeCode: 3, labelField: 0, identifier: [10, 0, 0, 9, 232, 1, 1, 1])
        try owner.announce(route, octets, from: Border.first, ["65001:7"], tunnel: tree)
        owner.settle()
        #expect(owner.told(.evpn(route), Border.reflector) == nil)
        #expect(owner.rejections(.tunnelOfOneNetwork, of: Border.first, in: .evpn) == 1)
        // VXLAN (RFC 8365): 24 bits that are no label.
        let (mac, macOctets) = try SignallingBorder.macAddress(of: 65001, [100])
        try owner.announce(mac, macOctets, from: Border.first, ["65001:7"], communities: [0x030c_0000_0000_0008])
        let (own, ownOctets) = try SignallingBorder.macAddress(of: 42, [300])
        try owner.announce(own, ownOctets, from: Border.reflector, ["42:7"], communities: [0x030c_0000_0000_0008])
        owner.settle()
        #expect(owner.told(.evpn(mac), Border.reflector) == nil && owner.told(.evpn(own), Border.first) == nil)
        #expect(owner.rejections(.virtualNetwork, of: Border.first, in: .evpn) == 1)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: What does not go on

    @Test func `a segment's route, reserved labels, foreign targets and our own distinguishers do not cross`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (segment, segmentOctets) = try SignallingBorder.segment(of: 65001)
        try owner.announce(segment, segmentOctets, from: Border.first, ["65001:7"])
        let (reserved, reservedOctets) = try SignallingBorder.macAddress(of: 65001, [3])
        try owner.announce(reserved, reservedOctets, from: Border.first, ["65001:7"])
        let (foreign, foreignOctets) = try SignallingBorder.prefix(of: 65001, label: 100)
        try owner.announce(foreign, foreignOctets, from: Border.first, ["65001:99"])
        let (ours, oursOctets) = try SignallingBorder.macAddress(of: 42, [100])
        try owner.announce(ours, oursOctets, from: Border.first, ["65001:7"])
        let (ownSegment, ownSegmentOctets) = try SignallingBorder.segment(of: 42)
        try owner.announce(ownSegment, ownSegmentOctets, from: Border.reflector, ["42:7"])
        owner.settle()
        for reason in [RouteRejection.ethernetSegment, .reservedLabel, .targetNotListed, .ownDistinguisher] {
            #expect(owner.rejections(reason, of: Border.first, in: .evpn) == 1, "\(reason)")
        }
        #expect(!owner.sentSignalling.values.contains { !$0.isEmpty }, "\(owner.sentSignalling)")
        // From one NNI to another where both say so, and not otherwise.
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100])
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        #expect(owner.told(.evpn(route), Border.second) == nil)
        owner.handle(.configure(try SignallingBorder.inputs(transit: [Border.first, Border.second])))
        owner.settle()
        #expect(owner.ways(of: route, at: Border.second) == [try target(far, 100, .frame)])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a distinguisher that the core's EVPN routes have is taken back from a far end`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100])
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        #expect(owner.told(.evpn(route), Border.reflector) != nil)
        let (own, ownOctets) = try SignallingBorder.prefix(of: 65001, label: 300)
        try owner.announce(own, ownOctets, from: Border.otherReflector, ["42:9"])
        owner.settle()
        #expect(owner.told(.evpn(route), Border.reflector) == nil)
        #expect(owner.rejections(.ownDistinguisher, of: Border.first, in: .evpn) == 1)
        owner.handle(.update(neighbor: Border.otherReflector, Update(withdrawing: [.evpn(own)])))
        owner.settle()
        #expect(owner.refreshRequests.contains { $0.0 == Border.first && $0.1 == SessionFamily.evpn.identifier })
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: Make before break, and gone at once

    @Test func `another label is told when it is valid, and what is withdrawn leads nowhere at once`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let (route, octets) = try SignallingBorder.macAddress(of: 65001, [100, 101])
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        let before = route.labelFields(in: owner.told(.evpn(route), Border.reflector)?.evpn)
        let (_, changed) = try SignallingBorder.macAddress(of: 65001, [100, 102])
        try owner.announce(route, changed, from: Border.first, ["65001:7"])
        owner.settle()
        let after = route.labelFields(in: owner.told(.evpn(route), Border.reflector)?.evpn)
        #expect(after[0] == before[0] && after[1] != before[1])
        #expect(owner.ways(of: route, at: Border.reflector)[1] == (try target(far, 102, .packet)))
        owner.handle(.update(neighbor: Border.first, Update(withdrawing: [.evpn(route)])))
        // Before the neighbor has heard of it.
        #expect(owner.way(ofLabel: after[0] >> 4, at: Border.reflector) == nil)
        #expect(owner.way(ofLabel: after[1] >> 4, at: Border.reflector) == nil)
        owner.settle()
        #expect(owner.told(.evpn(route), Border.reflector) == nil)
        // What comes back is another.
        try owner.announce(route, octets, from: Border.first, ["65001:7"])
        owner.settle()
        let again = route.labelFields(in: owner.told(.evpn(route), Border.reflector)?.evpn)
        #expect(again[0] != before[0] && again[0] != 0)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    // MARK: Answers

    @Test func `a leaf's answer goes to where the route came from, naming who told it there`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let asked = try SignallingBorder.selective(of: 42)
        let leaf = try SignallingBorder.leaf(of: 42)
        let tunnel = SignallingBorder.replication(label: 100, to: [1, 2, 3, 4])
        // Before the route is there it answers nothing.
        try owner.announce(leaf, from: Border.first, ["1.2.3.5:0"], tunnel: tunnel)
        owner.settle()
        #expect(owner.told(.multicastVPN(leaf), Border.reflector) == nil)
        let asking = SignallingBorder.replication(label: 0, to: [10, 0, 0, 7], isAsking: true)
        try owner.announce(asked, from: Border.reflector, ["42:7"], tunnel: asking)
        owner.settle()
        let told = try #require(owner.told(.multicastVPN(asked), Border.first))
        #expect(told.pmsiTunnel == SignallingBorder.replication(label: 0, to: [1, 2, 3, 5], isAsking: true))
        let answer = try #require(owner.told(.multicastVPN(leaf), Border.reflector))
        // RFC 6514 §9.2.3.4.1: the next hop that the route came with.
        #expect(answer.routeTargets.map(\.description) == ["10.0.0.7:0"])
        let answered = try #require(answer.pmsiTunnel)
        #expect(answered.identifier == [10, 0, 0, 1])
        #expect(owner.way(ofLabel: answered.labelField >> 4, at: Border.reflector) == (try target(far, 100, .packet)))
        // The route is gone, and the answer with it.
        owner.handle(.update(neighbor: Border.reflector, Update(withdrawing: [.multicastVPN(asked)])))
        owner.settle()
        #expect(owner.told(.multicastVPN(leaf), Border.reflector) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a leaf's answer that names the originator stays as it is, and one that names another does not go`()
        throws
    {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let asking = SignallingBorder.replication(label: 0, to: [10, 0, 0, 7], isAsking: true)
        try owner.announce(try SignallingBorder.selective(of: 42), from: Border.reflector, ["42:7"], tunnel: asking)
        let leaf = try SignallingBorder.leaf(of: 42)
        try owner.announce(leaf, from: Border.first, ["10.0.0.6:0", "42:7"])
        owner.settle()
        #expect(owner.told(.multicastVPN(leaf), Border.reflector) == nil)
        try owner.announce(leaf, from: Border.first, ["10.0.0.7:0"])
        owner.settle()
        #expect(owner.told(.multicastVPN(leaf), Border.reflector)?.routeTargets.map(\.description) == ["10.0.0.7:0"])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `of one to whom the route did not go no answer is taken`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let asked = try SignallingBorder.selective(of: 42)
        let asking = SignallingBorder.replication(label: 0, to: [10, 0, 0, 7], isAsking: true)
        // The first far end alone is given 42:9.
        try owner.announce(asked, from: Border.reflector, ["42:9"], tunnel: asking)
        let leaf = try SignallingBorder.leaf(of: 42, from: [5, 6, 7, 8])
        for target in ["5.6.7.9:0", "10.0.0.7:0"] {
            try owner.announce(leaf, from: Border.second, [target])
            owner.settle()
            #expect(owner.told(.multicastVPN(asked), Border.second) == nil)
            #expect(owner.told(.multicastVPN(leaf), Border.reflector) == nil)
        }
        #expect(owner.rejections(.answersNothing, of: Border.second, in: .ipv4MVPN) == 2)
        try owner.announce(asked, from: Border.reflector, ["42:9", "42:7"], tunnel: asking)
        owner.settle()
        #expect(owner.told(.multicastVPN(leaf), Border.reflector)?.routeTargets.map(\.description) == ["10.0.0.7:0"])
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }

    @Test func `a customer's join goes where the VPN route came from that it names`() throws {
        let owner = SignallingBorder.owner(try SignallingBorder.inputs())
        let join = try SignallingBorder.join(of: 42)
        try owner.announce(join, from: Border.first, ["10.0.0.7:5"])
        owner.settle()
        #expect(owner.told(.multicastVPN(join), Border.reflector) == nil)
        let route = try vpn("42:1", "10.1.1.0/24")
        var attributes = try Border.attributes(from: Border.reflector, ["42:7"])
        // VRF Route Import 10.0.0.7:5 and Source AS 42.
        attributes.extendedCommunities += [0x010b_0a00_0007_0005, 0x0009_002a_0000_0000].map {
            ExtendedCommunity(rawValue: $0)
        }
        owner.hear(try announcement(route, label: 300, attributes), from: Border.reflector)
        owner.settle()
        let told = try #require(owner.sent[Border.first]?[route]?.attributes.extendedCommunities)
        #expect(told.contains(ExtendedCommunity(rawValue: 0x010b_0a00_0007_0005)))
        #expect(told.contains(ExtendedCommunity(rawValue: 0x0009_002a_0000_0000)))
        #expect(owner.told(.multicastVPN(join), Border.reflector)?.routeTargets.map(\.description) == ["10.0.0.7:5"])
        #expect(owner.told(.multicastVPN(join), Border.second) == nil)
        // Another number is another VRF.
        try owner.announce(join, from: Border.first, ["10.0.0.7:6"])
        owner.settle()
        #expect(owner.told(.multicastVPN(join), Border.reflector) == nil)
        try owner.announce(join, from: Border.first, ["10.0.0.7:5"])
        owner.settle()
        #expect(owner.told(.multicastVPN(join), Border.reflector) != nil)
        owner.withdraw(route, from: Border.reflector)
        owner.settle()
        #expect(owner.told(.multicastVPN(join), Border.reflector) == nil)
        #expect(owner.violations.isEmpty, "\(owner.violations)")
    }
}
