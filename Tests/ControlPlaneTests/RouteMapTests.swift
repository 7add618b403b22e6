import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// What route maps become in the tables, what `show` and `clear` make of them, and what becomes of them when the
/// configuration or a neighbor changes.
@Suite struct RouteMapTests {
    private typealias Text = LaboratoryConfiguration

    private static let maps = """
        ip access-list extended voice
         10 permit udp any any range 16384 32767
        ip access-list extended web
         10 permit tcp any any eq 80
        route-map office permit 10
         match ip address voice web
         match length 100 1500
         set ip next-hop 10.1.0.7 10.1.0.8
         set ip dscp af11
        route-map office deny 20
         match ipv6 address none
        route-map office permit 30
         set interface null0
        ipv6 access-list none
         10 deny ipv6 any any

        """

    private static let circuit = "interface ten1/1\n vrf definition one\n"

    private static func attached(_ lines: String, to head: String = circuit, with maps: String = maps) -> String {
        Text.first.replacing(head, with: head + lines) + maps
    }

    /// The entries of an interface's route map in one family.
    private func entries(
        _ laboratory: Laboratory, _ family: AddressFamily = .ipv4, port: UInt16 = 1
    ) throws -> [stile_route_map_entry] {
        let services = try laboratory.services()
        let record = services.services(services.interface(port: port))
        return services.routeMapEntries(record.route_maps_in, family)
    }

    private func nextHops(_ entry: stile_route_map_entry) -> [UInt32] {
        withUnsafeBytes(of: entry.next_hops) {
            Array($0.bindMemory(to: UInt32.self).prefix(Int(entry.next_hop_count)))
        }
    }

    private func shown(_ laboratory: Laboratory, _ name: String? = nil) async throws -> [RouteMapStatus] {
        let result = try await laboratory.ask(ShowRouteMaps(name: name))
        return result.routeMaps
    }

    @Test func entriesSayWhatTheRouteMapSays() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.attached(" ip policy route-map office\n ipv6 policy route-map office\n"))
        let services = try laboratory.services()
        #expect(services.interface(port: 1).features == UInt8(STILE_INGRESS_ROUTE_MAP.rawValue))
        // IPv4 packets cannot meet the entry that names an IPv6 list only, and the other way round.
        let ipv4 = try entries(laboratory)
        #expect(ipv4.map(\.sequence) == [10, 30])
        let ipv6 = try entries(laboratory, .ipv6)
        #expect(ipv6.map(\.sequence) == [20, 30])
        let first = try #require(ipv4.first)
        #expect(first.length_low == 100)
        #expect(first.length_high == 1500)
        #expect(first.dscp == 10)
        #expect(UInt32(first.action) == STILE_ROUTE_MAP_LOOKUP.rawValue)
        #expect(first.match.requires_all == 0)
        let lists = services.criteria(first.match).map(\.access_list_ipv4)
        #expect(lists.map { services.rules(ofList: $0).first?.destination_port_low } == [16384, 80])
        #expect(nextHops(first).count == 2)
        for nextHop in nextHops(first) {
            let hop = services.reader.nextHop(nextHop)
            // Nobody answers.
            #expect(hop.leadsToNeighbor && !services.reader.isResolved(hop))
            #expect(services.reader.interfaces[Int(hop.interface)].vrf == services.interface(port: 1).vrf)
        }
        #expect(UInt32(ipv4[1].action) == STILE_ROUTE_MAP_DISCARD.rawValue)
        #expect(ipv4[1].length_high == .max)
        #expect(ipv4[1].dscp == UInt8(STILE_UNMARKED))
        #expect(ipv6[0].next_hop_count == 0)
        #expect(UInt32(ipv6[0].action) == STILE_ROUTE_MAP_LOOKUP.rawValue)
        let instances = (ipv4 + ipv6).map(\.instance)
        #expect(Set(instances).count == 4)
        #expect(!instances.contains(0))
        await laboratory.stop()
    }

    /// A map for what leaves is the unit's adjacencies', and counts by itself.
    @Test func aMapForWhatLeavesIsFoundByTheWayOut() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(
            Self.attached(" ip policy route-map office\n ip policy route-map office out\n"))
        let services = try laboratory.services()
        let circuit = services.interface(port: 1)
        let record = services.services(circuit)
        #expect(circuit.features == UInt8(STILE_INGRESS_ROUTE_MAP.rawValue))
        let incoming = services.routeMapEntries(record.route_maps_in, .ipv4)
        let outgoing = services.routeMapEntries(record.route_maps_out, .ipv4)
        #expect(outgoing.map(\.sequence) == [10, 30])
        #expect(services.routeMapEntries(record.route_maps_out, .ipv6).isEmpty)
        #expect(Set((incoming + outgoing).map(\.instance)).count == 4)
        let places = try await shown(laboratory, "office").first?.entries.first?.attachments
        #expect(places?.map(\.direction) == [.input, .output])
        let isolation = try await laboratory.ask(ShowIsolation())
        #expect(isolation.isIsolated)
        // Another direction is another attachment.
        try await laboratory.replace(Self.attached(" ip policy route-map office out\n"))
        let after = try laboratory.services()
        let alone = after.services(after.interface(port: 1))
        #expect(after.interface(port: 1).features == 0)
        #expect(after.routeMapEntries(alone.route_maps_in, .ipv4).isEmpty)
        #expect(after.routeMapEntries(alone.route_maps_out, .ipv4).map(\.instance) == outgoing.map(\.instance))
        await laboratory.stop()
    }

    /// A next hop is asked for as long as the map names it, and its adjacency changes under the map.
    @Test func aNextHopIsResolvedAndFollowed() async throws {
        let laboratory = try Laboratory()
        let text = Self.attached(" ip policy route-map office\n")
        try await laboratory.start(text)
        let dataplane = try await laboratory.dataplane()
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        let first = try #require(try entries(laboratory).first)
        func states() async throws -> [Bool]? {
            try await shown(laboratory, "office").first?.entries.first?.attachments.first?.nextHops.map(\.isUp)
        }
        #expect(try await states() == [false, false])
        var asked: Set<UInt8> = []
        try await laboratory.eventually("ARP requests for both") {
            for injected in dataplane.takeInjected() where injected.data.count == 60 && injected.data[21] == 1 {
                asked.insert(injected.data[41])
            }
            return asked.isSuperset(of: [7, 8])
        }
        dataplane.punt(
            STILE_PUNT_ARP, counter: counter, isFrame: true,
            PuntTests.arpReply(from: IPv4Address(10, 1, 0, 8), to: IPv4Address(10, 1, 0, 1)))
        try await laboratory.eventually("the second is up") { try await states() == [false, true] }
        let reader = try laboratory.services().reader
        let hop = reader.nextHop(nextHops(first)[1])
        #expect(reader.isResolved(hop) && !hop.isLabelled)
        #expect(reader.interfaces[Int(hop.interface)].counter == counter)
        // A port that carries nothing takes its neighbors with it.
        dataplane.bringDown(port: 1, address: PuntTests.circuit)
        try await laboratory.eventually("no next hop") {
            nextHops(try #require(try entries(laboratory).first)) == [0, 0]
        }
        #expect(try await states() == [false, false])
        dataplane.bringUp(port: 1, address: PuntTests.circuit)
        // What was known of them is not believed any more: they are asked for again.
        try await laboratory.eventually("the second is up again") {
            dataplane.punt(
                STILE_PUNT_ARP, counter: counter, isFrame: true,
                PuntTests.arpReply(from: IPv4Address(10, 1, 0, 8), to: IPv4Address(10, 1, 0, 1)))
            return try await states() == [false, true]
        }
        // Without the map nothing is left of it.
        try await laboratory.replace(Text.first)
        #expect(try laboratory.services().interface(port: 1).features == 0)
        await laboratory.stop()
    }

    @Test func anotherVRFTakesPacketsWhereItsConfigurationSaysSo() async throws {
        let laboratory = try Laboratory()
        let maps = "route-map over permit 10\n set vrf two\n"
        let text = Self.attached(" ip policy route-map over\n", with: maps).replacing(
            " rd 42:2\n", with: " rd 42:2\n policy-route from one\n")
        try await laboratory.start(text)
        let services = try laboratory.services()
        let entry = try #require(try entries(laboratory).first)
        #expect(UInt32(entry.action) == STILE_ROUTE_MAP_VRF.rawValue)
        let vrfs = try await laboratory.ask(ShowVRFs())
        #expect(vrfs.vrfs.first { $0.name == "two" }?.number == Int(entry.vrf))
        #expect(services.interface(port: 1).vrf != entry.vrf)
        let isolation = try await laboratory.ask(ShowIsolation())
        #expect(isolation.isIsolated)
        #expect(isolation.vrfs.map(\.policyRouteTargets) == [["two"], []])
        // Without the permission the same map is refused, and the old configuration stays.
        let plane = try #require(laboratory.plane)
        let refused = await plane.answer(
            ReplaceConfiguration(
                ConfigurationText(text: text.replacing(" policy-route from one\n", with: ""), fileName: "new.conf")))
        guard case .failure(let error) = refused else {
            Issue.record("it was taken")
            return
        }
        #expect(error.diagnostics.map(\.code) == ["policy-route-not-allowed"])
        #expect(try entries(laboratory).first?.vrf == entry.vrf)
        await laboratory.stop()
    }

    /// VRF two has got it, but its sender is in VRF one: who has his address in VRF two did not ask.
    @Test func anAnswerGoesToTheVRFThatThePacketCameInBy() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let dataplane = try await laboratory.dataplane()
        let echo = PuntTests.packet(
            1, from: IPv4Address(10, 1, 0, 8), to: IPv4Address(10, 1, 0, 1), payload: [8, 0, 0xF7, 0xFD, 0, 1, 0, 1])
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        dataplane.punt(STILE_PUNT_RECEIVE, counter: counter, vrf: 2, isFrame: false, echo)
        var injected: [FakeDataplane.Injected] = []
        try await laboratory.eventually("an echo reply") {
            injected += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return !injected.isEmpty
        }
        #expect(injected.map(\.vrf) == [1])
        await laboratory.stop()
    }

    @Test(arguments: [false, true])
    func aHeldPacketKeepsToTheTransitRuleOfTheVRFThatItCameInBy(_ allowsTransit: Bool) async throws {
        let laboratory = try Laboratory()
        let line = allowsTransit ? " rd 42:1\n optE transit\n" : " rd 42:1\n"
        try await laboratory.start(Text.first.replacing(" rd 42:1\n", with: line))
        let dataplane = try await laboratory.dataplane()
        let services = try laboratory.services()
        let unit = try #require(services.labelEntries(port: 0).first { $0.vrf == 1 })
        let waiting = PuntTests.packet(17, from: IPv4Address(192, 0, 2, 99), to: IPv4Address(10, 1, 0, 7), payload: [1])
        dataplane.punt(STILE_PUNT_GLEAN, counter: unit.counter, vrf: 2, isFrame: false, waiting)
        let circuit = services.reader.interfaces[Int(services.reader.interface(port: 2, vid: 30))]
        var injected: [FakeDataplane.Injected] = []
        try await laboratory.eventually("the packet") {
            dataplane.punt(
                STILE_PUNT_ARP, counter: circuit.counter, isFrame: true,
                PuntTests.arpReply(from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1)))
            injected += dataplane.takeInjected().filter { $0.kind == UInt16(STILE_INJECT_FORWARD.rawValue) }
            return !injected.isEmpty
        }
        let flags = STILE_INJECT_CAME_FROM_NNI.rawValue | (allowsTransit ? STILE_INJECT_MAY_TRANSIT.rawValue : 0)
        #expect(injected.map(\.flags) == [flags])
        #expect(injected.map(\.vrf) == [2])
        await laboratory.stop()
    }

    /// The VRFs that share an NNI's map have their own next hops and share its counters.
    @Test func eachVRFOfAnNNIHasItsOwnNextHops() async throws {
        let laboratory = try Laboratory()
        let nni = "interface ten1/0\n encap mpls optE\n"
        let text = Self.attached(
            " ip policy route-map both\n", to: nni,
            with: "route-map both permit 10\n set ip next-hop 10.1.0.7\n"
        ).replacing("interface ten1/0.1\n vrf definition one\n", with: "").replacing(
            " route-target both 42:1\n", with: " route-target both 42:1\n optE 192.0.2.2\n")
        try await laboratory.start(text)
        let services = try laboratory.services()
        #expect(services.interface(port: 0).features == 0)
        let units = services.labelEntries(port: 0)
        #expect(units.count == 2)
        let found = units.compactMap { unit in
            services.routeMapEntries(services.services(services.unit(unit)).route_maps_in, .ipv4).first
        }
        #expect(Set(found.map(\.instance)).count == 1)
        let vrfs = found.compactMap { entry in
            nextHops(entry).first.map {
                services.reader.interfaces[Int(services.reader.nextHop($0).interface)].vrf
            }
        }
        #expect(vrfs == units.map(\.vrf))
        let places = try await shown(laboratory).first?.entries.first?.attachments
        #expect(places?.map(\.interface) == ["ten1/0"])
        #expect(places?.first?.nextHops.map(\.vrf) == ["one", "two"])
        #expect(places?.first?.nextHops.map(\.interface) == ["ten1/1", "ten1/2.30"])
        await laboratory.stop()
    }

    @Test func packetsAreCountedClearedAndKeptOverARestart() async throws {
        let laboratory = try Laboratory()
        let text = Self.attached(" ip policy route-map office\n")
        try await laboratory.start(text)
        let dataplane = try await laboratory.dataplane()
        let first = try #require(try entries(laboratory).first)
        dataplane.count(packets: 5, octets: 500, STILE_GREEN, ofClass: first.instance)
        dataplane.count(packets: 2, octets: 300, STILE_YELLOW, ofClass: first.instance)
        func counts() async throws -> RouteMapAttachment? {
            try await shown(laboratory, "office").first?.entries.first?.attachments.first
        }
        #expect(try await counts()?.matched == TrafficCount(packets: 7, bytes: 800))
        #expect(try await counts()?.withoutNextHop == TrafficCount(packets: 2, bytes: 300))
        let entries = try await shown(laboratory).first?.entries
        #expect(entries?.map(\.attachments.count) == [1, 0, 1])
        #expect(entries?.first?.match == ["match ip address voice web", "match length 100 1500"])
        #expect(entries?.first?.set == ["set ip next-hop 10.1.0.7 10.1.0.8", "set ip dscp af11"])
        let cleared = try await laboratory.ask(ClearRouteMaps(name: "office"))
        #expect(cleared.counters == 2)
        #expect(try await counts()?.matched.packets == 0)
        dataplane.count(packets: 1, octets: 60, STILE_GREEN, ofClass: first.instance)
        await laboratory.stop()
        try await laboratory.start(text)
        #expect(try await counts()?.matched == TrafficCount(packets: 1, bytes: 60))
        let requests: [any ControlRequest] = [ShowRouteMaps(name: "none"), ClearRouteMaps(name: "none")]
        for request in requests {
            let plane = try #require(laboratory.plane)
            guard case .failure(let error) = await plane.answer(request) else {
                Issue.record("\(request) was answered")
                continue
            }
            #expect(error.code == .noSuchObject)
        }
        await laboratory.stop()
    }

    @Test func theExplanationNamesTheEntryAndItsLine() async throws {
        let laboratory = try Laboratory()
        let text = Self.attached(" ip policy route-map office\n")
        try await laboratory.start(text)
        func query(_ port: UInt16) -> ExplainPacket {
            ExplainPacket(
                interface: "ten1/1", source: IPAddress("10.1.0.8")!, destination: IPAddress("192.0.2.77")!,
                ipProtocol: 6, sourcePort: 40_000, destinationPort: port, lengthBytes: 100)
        }
        func line(_ line: String) -> String? {
            text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0 == line }.map {
                "test.conf:\($0 + 1)"
            }
        }
        let dropped = try await laboratory.explain(query(443))
        #expect(dropped.reason == "route_map_discarded")
        #expect(dropped.dropClass == .policy)
        #expect(dropped.steps.last?.entry?.contains("route map office: permit 30 (set interface null0)") == true)
        #expect(dropped.steps.last?.configurationLine == line("route-map office permit 30"))
        let fallen = try await laboratory.explain(query(80))
        let step = try #require(fallen.steps.first { $0.stage == "services" })
        #expect(step.entry?.contains("route map office: permit 10") == true)
        #expect(step.entry?.hasSuffix("no next hop is up") == true)
        #expect(step.configurationLine == line("route-map office permit 10"))
        await laboratory.stop()
    }

    /// Entries that do not change keep their place while another list takes its own.
    @Test func aListThatChangesIsSeenByTheMap() async throws {
        let laboratory = try Laboratory()
        let text = Self.attached(" ip policy route-map office\n")
        try await laboratory.start(text)
        let before = try #require(try entries(laboratory).first)
        try await laboratory.replace(text.replacing("eq 80\n", with: "eq 8080\n"))
        let services = try laboratory.services()
        let after = try #require(try entries(laboratory).first)
        let last = try #require(services.criteria(after.match).last)
        #expect(services.rules(ofList: last.access_list_ipv4).first?.destination_port_low == 8080)
        #expect(after.instance == before.instance)
        #expect(nextHops(after) == nextHops(before))
        await laboratory.stop()
    }
}
