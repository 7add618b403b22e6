import Addressing
import BGP
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Routing
import Testing

/// The tables of a box with an interface into the operator's own network.
@Suite struct CoreSideTests {
    private typealias Text = LaboratoryConfiguration

    private static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    private static let provider = IPAddress.ipv4(IPv4Address(10, 0, 0, 7))
    private static let router = IPv4Address(10, 98, 0, 1)
    private static let binding = "mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007\n"
    private static let core = """
        port ten1/3
         device net_null3
         mac-address 02:00:00:00:00:13
        interface loopback0
         ip address 10.0.0.1/32
        interface ten1/3
         encap mpls core
         ip address 10.98.0.2/24
        ip route 10.0.0.0/24 10.98.0.1

        """
    private static let neighbor = """
        router bgp 42
         neighbor 10.0.0.9 remote-as 42
         neighbor 10.0.0.9 update-source loopback0
         address-family vpnv4
          neighbor 10.0.0.9 activate

        """

    /// A box that has a PE's route to 203.0.113.0/24 in VRF one, and knows the router's Ethernet address.
    private func laboratory() async throws -> Laboratory {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first + Self.core + Self.binding + Self.neighbor)
        let plane = try #require(laboratory.plane)
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: []), nextHop: BGPNextHop(Self.provider))
        contents.extendedCommunities = [ExtendedCommunity(try #require(RouteTarget("42:1")))]
        contents.localPreference = 100
        let route = VPNPrefix(
            routeDistinguisher: try #require(RouteDistinguisher("42:101")),
            prefix: try #require(IPPrefix("203.0.113.0/24")))
        let label = try #require(MPLSLabel(rawValue: 3001))
        await plane.handle(
            .update(
                neighbor: Self.reflector,
                Update(
                    announcing: [AnnouncedRoute(route, labels: .single(label))], attributes: PathAttributes(contents))))
        let dataplane = try await laboratory.dataplane()
        dataplane.bringUp(port: 3, address: try #require(MACAddress("02:00:00:00:00:13")))
        let counter = try Self.number(of: "ten1/3", in: laboratory)
        var answer = PuntTests.arpReply(from: Self.router, to: IPv4Address(10, 98, 0, 2))
        // To the core interface's Ethernet address.
        answer[5] = 0x13
        answer[37] = 0x13
        try await laboratory.eventually("the PE is reached") {
            dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, answer)
            return try Self.transport(in: laboratory) != nil
        }
        return laboratory
    }

    /// The number of an NNI or core interface that is a port as a whole.
    private static func number(of name: String, in laboratory: Laboratory) throws -> UInt16 {
        let reader = try laboratory.tables().reader
        for port in 0..<UInt16(reader.header.pointee.ports.count) {
            let record = reader.ports[Int(port)]
            let portName = withUnsafeBytes(of: record.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let interface = reader.interfaces[Int(reader.interface(untaggedOn: port))]
            if portName == name, interface.kind != 0 { return interface.counter }
        }
        throw ControlError(.noSuchObject, name)
    }

    private static func nextHop(in laboratory: Laboratory) throws -> (number: UInt32, word: NextHop) {
        let reader = try laboratory.tables().reader
        let number = reader.fib.lookup(
            ipv4: IPv4Address(203, 0, 113, 5).rawValue, root: reader.ipv4Root(ofVRF: 1))
        return (number, reader.nextHop(number))
    }

    /// What stands behind the adjacency of the PE's link; `nil`: it has none.
    private static func transport(in laboratory: Laboratory) throws -> stile_transport? {
        let reader = try laboratory.tables().reader
        let index = reader.adjacency(of: try nextHop(in: laboratory).word)
        guard index >= STILE_ADJACENCY_FIRST.rawValue else { return nil }
        let adjacency = reader.adjacencies + Int(index)
        guard adjacency.pointee.has_transport == 1 else { return nil }
        return UnsafeRawPointer(adjacency + 1).load(as: stile_transport.self)
    }

    @Test func `a transport has the labels, the MTU under them all and the interface's counters`() async throws {
        let laboratory = try await laboratory()
        let transport = try #require(try Self.transport(in: laboratory))
        #expect(transport.label_count == 1 && transport.entries.0 == 16007 << 12 && transport.mtu == 1492)
        #expect(try transport.counter == Self.number(of: "ten1/3", in: laboratory))
        let word = try Self.nextHop(in: laboratory).word
        #expect(word.isLabelled && word.label == 3001)
        let egress = try laboratory.tables().reader.interfaces[Int(word.interface)]
        #expect(egress.kind == UInt8(STILE_INTERFACE_CORE_UNIT.rawValue) && egress.vrf == 1)
        await laboratory.stop()
    }

    @Test func `another transport changes the link and no next hop, and without one nothing leaves`() async throws {
        let laboratory = try await laboratory()
        let before = try Self.nextHop(in: laboratory)
        let other = Self.binding.replacing("label 16007", with: "label explicit-null")
        try await laboratory.replace(Text.first + Self.core + other + Self.neighbor)
        let after = try Self.nextHop(in: laboratory)
        #expect(before.number == after.number && before.word == after.word)
        let transport = try #require(try Self.transport(in: laboratory))
        #expect(transport.label_count == 1 && transport.entries.0 == 0)
        try await laboratory.replace(Text.first + Self.core + Self.neighbor)
        // Before routing has looked for another route: nothing leaves by what was configured.
        #expect(try Self.transport(in: laboratory) == nil)
        await laboratory.stop()
    }

    @Test func `MPLS over UDP has its headers behind the transport, and is taken from the same PEs`() async throws {
        let laboratory = try await laboratory()
        let before = try Self.nextHop(in: laboratory)
        let tunnels = "transport udp 10.0.0.0/24\n"
        try await laboratory.replace(Text.first + Self.core + tunnels + Self.neighbor)
        let after = try Self.nextHop(in: laboratory)
        #expect(before.number == after.number && before.word == after.word)
        let transport = try #require(try Self.transport(in: laboratory))
        #expect(transport.label_count == 0 && transport.is_encapsulated == 1 && transport.mtu == 1500 - 32)
        let reader = try laboratory.tables().reader
        let adjacency = reader.adjacencies + Int(reader.adjacency(of: after.word))
        #expect(adjacency.pointee.rewrite_bytes == 14 + 28 + 4)
        let octets = UnsafeRawBufferPointer(start: UnsafeRawPointer(adjacency), count: 128).map { $0 }
        #expect(octets[26..<32].elementsEqual([8, 0, 0, 0, 0, 0]))
        let header: [UInt8] = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0x26, 0xE6, 10, 0, 0, 1, 10, 0, 0, 7]
        #expect(octets[84..<112].elementsEqual(header + [0, 0, 0x19, 0xEB, 0, 0, 0, 0]))
        #expect(octets[112] == 28 && octets[113] == 0)
        let isolation = try await laboratory.ask(ShowIsolation())
        let prefix = try #require(IPPrefix("10.0.0.0/24"))
        let own = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
        #expect(isolation.tunnels == [TunnelEntrance(from: prefix, to: own, needsChecksum: false)])
        try await laboratory.replace(Text.first + Self.core + Self.binding + Self.neighbor)
        #expect(try await laboratory.ask(ShowIsolation()).tunnels.isEmpty)
        #expect(try #require(try Self.transport(in: laboratory)).is_encapsulated == 0)
        await laboratory.stop()
    }

    @Test func `a label for the core is valid on all of its interfaces, and on no NNI`() async throws {
        let laboratory = try await laboratory()
        let second = """
            port ten1/4
             device net_null4
             mac-address 02:00:00:00:00:14
            interface ten1/4
             encap mpls core
             ip address 10.97.0.2/24

            """
        try await laboratory.replace(Text.first + Self.core + second + Self.binding + Self.neighbor)
        let labels = try await laboratory.ask(ShowLabels()).labels.filter { $0.nni == "core" }
        #expect(Set(labels.map(\.vrf)) == ["one", "two"])
        var places: [UInt16: Set<UInt32>] = [:]
        try laboratory.tables().reader.forEachValidLabel { place, _, _, label, entry in
            places[place, default: []].insert(label)
            // What comes from the core never goes back there, whatever the VRF allows.
            #expect(UInt32(entry.flags) & STILE_FLAG_TRANSIT.rawValue == 0)
        }
        let wanted = Set(labels.map(\.label.rawValue))
        for name in ["ten1/3", "ten1/4"] {
            let number = try Self.number(of: name, in: laboratory)
            #expect(places[number] == wanted)
        }
        let nni = try Self.number(of: "ten1/0", in: laboratory)
        #expect(places[nni]?.isDisjoint(with: wanted) == true)
        #expect(try await laboratory.ask(ShowIsolation()).violations.isEmpty)
        await laboratory.stop()
    }

    private static let unit = """
        ip access-list extended web
         10 permit tcp any any eq 80
        interface ten1/3.5
         vrf definition one
         ip access-group web in
         ip access-group web out

        """

    /// The features of a VRF's labels from the core, and of the record that its packets leave by.
    private static func features(in laboratory: Laboratory) async throws -> (ingress: Set<UInt8>, egress: UInt8) {
        let labels = try await laboratory.ask(ShowLabels()).labels.filter { $0.nni == "core" && $0.vrf == "one" }
        let wanted = Set(labels.map(\.label.rawValue))
        let core = try number(of: "ten1/3", in: laboratory)
        var ingress: Set<UInt8> = []
        try laboratory.tables().reader.forEachValidLabel { place, _, _, label, entry in
            if place == core, wanted.contains(label) { ingress.insert(entry.features) }
        }
        let word = try nextHop(in: laboratory).word
        return (ingress, try laboratory.tables().reader.interfaces[Int(word.interface)].egress_features)
    }

    @Test func `a VRF's unit carries services on all of the core, and can be implied again`() async throws {
        let laboratory = try await laboratory()
        let own = Text.first + Self.core + Self.binding + Self.neighbor
        #expect(try await Self.features(in: laboratory) == ([0], 0))
        try await laboratory.replace(own + Self.unit)
        let services = try await Self.features(in: laboratory)
        #expect(services.ingress == [UInt8(STILE_INGRESS_ACCESS_LIST.rawValue)])
        #expect(services.egress == UInt8(STILE_EGRESS_ACCESS_LIST.rawValue))
        let interfaces = try await laboratory.ask(ShowInterfaces()).interfaces
        let unit = try #require(interfaces.first { $0.name == "ten1/3.5" })
        #expect(unit.nni == "core" && unit.vrf == "one" && unit.port == "" && !unit.isImplied)
        #expect(unit.services?.accessListInIpv4 == "web" && unit.services?.isRefused == false)
        #expect(!interfaces.contains { $0.name == "core vrf one" })
        #expect(interfaces.contains { $0.name == "core vrf two" && $0.isImplied })
        #expect(try await laboratory.ask(ShowIsolation()).violations.isEmpty)
        try await laboratory.replace(own)
        #expect(try await Self.features(in: laboratory) == ([0], 0))
        await laboratory.stop()
    }

    @Test func `a unit that is shut down takes its VRF out of the core`() async throws {
        let laboratory = try await laboratory()
        let shutdown = Self.unit.replacing("definition one\n", with: "definition one\n shutdown\n")
        try await laboratory.replace(Text.first + Self.core + Self.binding + Self.neighbor + shutdown)
        try await laboratory.eventually("the VRF has no label for the core") {
            try await laboratory.ask(ShowLabels()).labels.filter { $0.nni == "core" }.map(\.vrf) == ["two"]
        }
        #expect(!(try Self.nextHop(in: laboratory).word.isLabelled))
        await laboratory.stop()
    }
}
