import Addressing
import BGP
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Routing
import Testing

/// The labels of relays in the tables: from the routes of an Option B neighbor and of a PE to entries, next hops and links.
@Suite struct RelayedLabelTests {
    private static let ports = (0..<5).map { port in
        "port ten1/\(port)\n device net_null\(port)\n mac-address 02:00:00:00:00:1\(port)\n"
    }.joined()
    private static let core = """
        interface loopback0
         ip address 10.0.0.1/32
        interface ten1/3
         encap mpls core
         ip address 10.98.0.2/24
        interface ten1/4
         encap mpls core
         ip address 10.97.0.2/24
        ip route 10.0.0.0/24 10.98.0.1
        mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007

        """
    private static let nni = "interface ten1/0\n encap mpls optB\n ip address 192.0.2.1/29\n"
    private static let bgp = """
        router bgp 42
         neighbor 192.0.2.2 remote-as 65001
         neighbor 10.0.0.9 remote-as 42
         neighbor 10.0.0.9 update-source loopback0
         address-family vpnv4
          neighbor 192.0.2.2 optB
          neighbor 192.0.2.2 route-target import 65001:7
          neighbor 192.0.2.2 route-target export 42:7
          neighbor 10.0.0.9 activate
          neighbor 10.0.0.9 route-target import 42:7
          neighbor 10.0.0.9 route-target export 65001:7

        """
    private static let second = """
        router bgp 42
         neighbor 192.0.2.3 remote-as 65002
         address-family vpnv4
          neighbor 192.0.2.3 optB
          neighbor 192.0.2.3 route-target import 65002:7

        """
    static let text = ports + core + nni + bgp

    static let asbr = PeerAddress(.ipv4(IPv4Address(192, 0, 2, 2)))
    static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    private static let provider = IPAddress.ipv4(IPv4Address(10, 0, 0, 7))
    private static let router = IPv4Address(10, 98, 0, 1)

    static func label(_ number: UInt32) throws -> MPLSLabel { try #require(MPLSLabel(rawValue: number)) }

    static func prefix(_ distinguisher: String, _ prefix: String) throws -> VPNPrefix {
        VPNPrefix(
            routeDistinguisher: try #require(RouteDistinguisher(distinguisher)), prefix: try #require(IPPrefix(prefix)))
    }

    /// A route of the PE's, which the reflector sends.
    static func ofCore(
        _ label: UInt32, _ place: String = "203.0.113.0/24", in laboratory: Laboratory
    ) async throws {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: []), nextHop: BGPNextHop(provider))
        contents.extendedCommunities = [ExtendedCommunity(try #require(RouteTarget("42:7")))]
        contents.localPreference = 100
        try await announce(try prefix("42:107", place), [label], contents, from: reflector, in: laboratory)
    }

    /// A route of the neighbor on the NNI.
    static func ofNNI(
        _ label: UInt32, _ place: String = "198.51.100.0/24", in laboratory: Laboratory
    ) async throws {
        try await ofNNI([label], place, in: laboratory)
    }

    /// With these labels, the outermost first.
    private static func ofNNI(
        _ labels: [UInt32], _ place: String = "198.51.100.0/24", in laboratory: Laboratory
    ) async throws {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: [65001]), nextHop: BGPNextHop(asbr.address))
        contents.extendedCommunities = [ExtendedCommunity(try #require(RouteTarget("65001:7")))]
        try await announce(try prefix("65001:107", place), labels, contents, from: asbr, in: laboratory)
    }

    private static func announce(
        _ route: VPNPrefix, _ labels: [UInt32], _ contents: PathAttributes.Contents, from neighbor: PeerAddress,
        in laboratory: Laboratory
    ) async throws {
        let stack = try #require(LabelStack(try labels.map { try label($0) }))
        let announced = AnnouncedRoute(route, labels: stack)
        let plane = try #require(laboratory.plane)
        await plane.handle(
            .update(neighbor: neighbor, Update(announcing: [announced], attributes: PathAttributes(contents))))
    }

    /// The label that a neighbor of an NNI, or of the core, has been given for what has this label there.
    static func given(_ egress: UInt32, at place: String, in laboratory: Laboratory) async throws -> MPLSLabel {
        var found: MPLSLabel?
        try await laboratory.eventually("there is a label for \(egress)") {
            let swaps = try await laboratory.ask(ShowIsolation()).swaps
            found = swaps.first { $0.nni == place && $0.egressLabel?.rawValue == egress }?.label
            return found != nil
        }
        return try #require(found)
    }

    /// A box that knows the Ethernet address of the router of its transport, which it has asked for.
    static func laboratory(
        _ text: String = text, capacities: TableCapacities = TableCapacities()
    ) async throws -> (Laboratory, FakeDataplane) {
        let laboratory = try Laboratory(capacities: capacities)
        try await laboratory.start(text)
        let dataplane = try await laboratory.dataplane()
        dataplane.bringUp(port: 3, address: try #require(MACAddress("02:00:00:00:00:13")))
        let reader = try laboratory.tables().reader
        let counter = reader.interfaces[Int(reader.interface(untaggedOn: 3))].counter
        var answer = PuntTests.arpReply(from: Self.router, to: IPv4Address(10, 98, 0, 2))
        answer[5] = 0x13
        answer[37] = 0x13
        try await laboratory.eventually("the router is known") {
            dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, answer)
            let neighbors = try await laboratory.ask(ShowNeighbors()).neighbors
            return neighbors.contains { $0.address == .ipv4(Self.router) && $0.macAddress != nil }
        }
        return (laboratory, dataplane)
    }

    /// The entry of a label on an interface that is a port as a whole, and what its next hop is.
    func entry(
        _ label: MPLSLabel, port: UInt16, in laboratory: Laboratory
    ) throws -> (swap: SwapEntry, nextHop: NextHop)? {
        let reader = try laboratory.tables().reader
        let interface = reader.interfaces + Int(reader.interface(untaggedOn: port))
        return SwapEntry(reader.labelEntry(label.rawValue, on: interface)).map { ($0, reader.nextHop($0.nextHop)) }
    }

    private func explain(
        _ label: MPLSLabel, on interface: String, in laboratory: Laboratory
    ) async throws -> ExplanationResult {
        try await laboratory.explain(
            ExplainPacket(
                interface: interface, labels: [label], source: #require(IPAddress("198.51.100.1")),
                destination: #require(IPAddress("10.1.0.7"))))
    }

    @Test func `a label from an NNI leads into the core, and is valid nowhere else`() async throws {
        let (laboratory, dataplane) = try await Self.laboratory()
        defer { withExtendedLifetime(dataplane) {} }
        try await Self.ofCore(500, in: laboratory)
        try await Self.ofCore(501, "203.0.114.0/24", in: laboratory)
        let label = try await Self.given(500, at: "ten1/0", in: laboratory)
        _ = try await Self.given(501, at: "ten1/0", in: laboratory)
        let found = try #require(try entry(label, port: 0, in: laboratory))
        #expect(found.nextHop.isSwap && found.nextHop.label == 500)
        #expect(!found.swap.mayTransit && !found.swap.isBySource && found.swap.depth == 0)
        #expect(try entry(label, port: 3, in: laboratory) == nil)
        #expect(try await explain(label, on: "ten1/3", in: laboratory).reason == "label_not_valid_here")
        let forwarded = try await explain(label, on: "ten1/0", in: laboratory)
        #expect(forwarded.egressInterface == "core" && forwarded.egressPort == "ten1/3")
        #expect(forwarded.egressLabel?.rawValue == 500 && forwarded.vrf == nil)
        #expect(forwarded.steps.map(\.stage) == ["ingress", "label_check", "imposition"])
        let step = try #require(forwarded.steps.first { $0.stage == "label_check" }?.entry)
        #expect(step.contains("relay to label 500 by 10.0.0.7 over core"), "\(step)")
        #expect(step.contains("10.0.0.7 with label 500 under 16007 by 10.98.0.1 on ten1/3"), "\(step)")
        // The route is gone: so is the label, at once.
        let plane = try #require(laboratory.plane)
        await plane.handle(
            .update(
                neighbor: Self.reflector,
                Update(withdrawing: [.vpn(try Self.prefix("42:107", "203.0.113.0/24"))])))
        #expect(try await explain(label, on: "ten1/0", in: laboratory).reason == "label_withdrawn")
        #expect(try await laboratory.ask(ShowIsolation()).swaps.map(\.egressLabel?.rawValue) == [501])
        await laboratory.stop()
    }

    @Test func `a label from the core is valid on all of its interfaces`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        try await Self.ofNNI(600, in: laboratory)
        // Another prefix with the same label: one swap for both.
        try await Self.ofNNI(600, "198.51.101.0/24", in: laboratory)
        let label = try await Self.given(600, at: "core", in: laboratory)
        for port: UInt16 in [3, 4] {
            let found = try #require(try entry(label, port: port, in: laboratory))
            #expect(found.nextHop.label == 600 && !found.swap.mayTransit)
        }
        #expect(try entry(label, port: 0, in: laboratory) == nil)
        let shown = try await laboratory.ask(ShowIsolation())
        #expect(shown.isIsolated)
        #expect(
            shown.swaps == [
                LabelSwapDoor(
                    nni: "core", label: label, neighbor: Self.reflector.address, egress: "ten1/0",
                    nextHop: Self.asbr.address, egressLabel: try Self.label(600))
            ])
        await laboratory.stop()
    }

    @Test func `a label per prefix follows its route by one store, and its next hop the NNI`() async throws {
        let perPrefix = "router bgp 42\n address-family vpnv4\n  neighbor 10.0.0.9 label mode per-prefix\n"
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text + perPrefix)
        try await Self.ofNNI(600, in: laboratory)
        let label = try await Self.given(600, at: "core", in: laboratory)
        try await Self.ofNNI(601, in: laboratory)
        let other = try #require(try entry(label, port: 3, in: laboratory))
        #expect(other.nextHop.label == 601)
        #expect(try await Self.given(601, at: "core", in: laboratory) == label)
        // The largest packet under one label; another one is another record for the same next hop.
        let before = try laboratory.tables().reader.interfaces[Int(other.nextHop.interface)]
        #expect(before.mtu == 1500 && before.vrf == 0)
        let small = Self.text.replacing("encap mpls optB\n", with: "encap mpls optB\n mtu 1400\n") + perPrefix
        try await laboratory.replace(small, sessions: false)
        let after = try #require(try entry(label, port: 3, in: laboratory))
        #expect(after.swap == other.swap && after.nextHop.link == other.nextHop.link)
        #expect(try laboratory.tables().reader.interfaces[Int(after.nextHop.interface)].mtu == 1400)
        await laboratory.stop()
    }

    /// What stands above the next hop's own label by a link, and the largest packet that fits under all.
    private func above(_ nextHop: NextHop, in laboratory: Laboratory) throws -> (label: UInt32, mtu: UInt16)? {
        let reader = try laboratory.tables().reader
        let adjacency = reader.adjacencies + Int(reader.adjacency(of: nextHop))
        guard adjacency.pointee.has_transport == 1 else { return nil }
        let transport = UnsafeRawPointer(adjacency + 1).load(as: stile_transport.self)
        #expect(transport.label_count == 1 && transport.is_encapsulated == 0)
        return (transport.entries.0 >> 12, transport.mtu)
    }

    @Test func `labels that come in twos are pushed together, and follow the neighbor's Ethernet address`() async throws
    {
        let (laboratory, dataplane) = try await Self.laboratory()
        dataplane.bringUp(port: 0, address: try #require(MACAddress("02:00:00:00:00:10")))
        let (address, own) = (IPv4Address(192, 0, 2, 2), IPv4Address(192, 0, 2, 1))
        let reader = try laboratory.tables().reader
        let counter = reader.interfaces[Int(reader.interface(untaggedOn: 0))].counter
        try await Self.ofNNI([1999, 600], in: laboratory)
        try await Self.ofNNI([1998, 600], "198.51.101.0/24", in: laboratory)
        try await Self.ofNNI([600], "198.51.102.0/24", in: laboratory)
        try await laboratory.eventually("the far end is known") {
            var answer = PuntTests.arpReply(from: address, to: own)
            answer[5] = 0x10
            answer[37] = 0x10
            dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, answer)
            let neighbors = try await laboratory.ask(ShowNeighbors()).neighbors
            return neighbors.contains { $0.address == .ipv4(address) && $0.macAddress != nil }
        }
        let swaps = try await laboratory.ask(ShowIsolation()).swaps.filter { $0.nni == "core" }
        #expect(Set(swaps.map(\.outerEgressLabel?.rawValue)) == [1999, 1998, nil])
        var links: Set<UInt32> = []
        for swap in swaps {
            let found = try #require(try entry(swap.label, port: 3, in: laboratory))
            #expect(found.nextHop.isSwap && found.nextHop.label == 600)
            let above = try above(found.nextHop, in: laboratory)
            // An NNI of 1500 on a port of 1504: one label more leaves 1496.
            #expect(above?.label == swap.outerEgressLabel?.rawValue && above?.mtu ?? 1496 == 1496)
            links.insert(found.nextHop.link)
        }
        #expect(links.count == 3)
        let two = try #require(swaps.first { $0.outerEgressLabel?.rawValue == 1999 })
        let forwarded = try await explain(two.label, on: "ten1/3", in: laboratory)
        #expect(forwarded.egressLabel?.rawValue == 600 && forwarded.outerEgressLabel?.rawValue == 1999)
        // A wider port has room for both.
        let wide = Self.text.replacing("port ten1/0\n", with: "port ten1/0\n mtu 1600\n")
        try await laboratory.replace(wide, sessions: false)
        let found = try #require(try entry(two.label, port: 3, in: laboratory))
        #expect(try above(found.nextHop, in: laboratory)?.mtu == 1500)
        await laboratory.stop()
        withExtendedLifetime(dataplane) {}
    }

    @Test func `a far end that says another outer label with each route takes no room from others`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        for number in 0..<70 {
            try await Self.ofNNI([UInt32(2000 + number), 600], "198.51.\(number).0/24", in: laboratory)
        }
        var stacks = 0
        try await laboratory.eventually("there are labels for many") {
            let swaps = try await laboratory.ask(ShowIsolation()).swaps.filter { $0.nni == "core" }
            stacks = Set(swaps.compactMap(\.outerEgressLabel)).count
            return stacks >= 16
        }
        #expect(stacks <= 64)
        try await Self.ofNNI([600], "198.51.100.0/24", in: laboratory)
        let alone = try await Self.given(600, at: "core", in: laboratory)
        #expect(try entry(alone, port: 3, in: laboratory)?.nextHop.label == 600)
        await laboratory.stop()
    }

    @Test func `with two neighbors on the NNI a swap is its own one's`() async throws {
        let (laboratory, dataplane) = try await Self.laboratory()
        defer { withExtendedLifetime(dataplane) {} }
        try await Self.ofCore(500, in: laboratory)
        let label = try await Self.given(500, at: "ten1/0", in: laboratory)
        #expect(try #require(try entry(label, port: 0, in: laboratory)).swap.isBySource == false)
        try await laboratory.replace(Self.text + Self.second)
        #expect(try #require(try entry(label, port: 0, in: laboratory)).swap.isBySource)
        #expect(try await explain(label, on: "ten1/0", in: laboratory).reason == "foreign_source_mac")
        try await laboratory.replace(Self.text)
        #expect(try #require(try entry(label, port: 0, in: laboratory)).swap.isBySource == false)
        await laboratory.stop()
    }

    @Test func `labels of sessions that nobody waits for are in quarantine, for nobody`() async throws {
        let (laboratory, dataplane) = try await Self.laboratory()
        defer { withExtendedLifetime(dataplane) {} }
        try await Self.ofCore(500, in: laboratory)
        try await Self.ofNNI(600, in: laboratory)
        let labels: Set = [
            try await Self.given(500, at: "ten1/0", in: laboratory),
            try await Self.given(600, at: "core", in: laboratory),
        ]
        await laboratory.stop()
        try await laboratory.start(Self.text)
        #expect(Set(try await laboratory.ask(ShowLabels()).quarantined.map(\.label)) == labels)
        try await Self.ofNNI(600, in: laboratory)
        #expect(!labels.contains(try await Self.given(600, at: "core", in: laboratory)))
        await laboratory.stop()
    }
}
