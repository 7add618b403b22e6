import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// What a configuration's services become in the tables, and what becomes of them when it changes.
@Suite struct ServicesTests {
    private typealias Text = LaboratoryConfiguration

    static let policies = """
        ip access-list extended voice
         10 permit udp any any range 16384 32767
        ip access-list extended guard
         10 deny tcp any any eq 23
         20 permit ip any any
        class-map match-any gold
         match access-group name voice
         match dscp ef cs5
        class-map match-all marked
         match mpls experimental topmost 5 7
        policy-map limit
         class gold
          police cir 10000000 bc 15000 conform-action transmit exceed-action drop
          set dscp ef
         class marked
          police cir 8000 bc 1500 pir 16000 be 3000 conform-action transmit exceed-action set-dscp-transmit af11 violate-action drop
         class class-default
          set mpls experimental imposition 3

        """

    /// The services on the NNI hold for VRF two, which has no unit there; VRF one has its own.
    static let attached = [
        LaboratoryConfiguration.ports, LaboratoryConfiguration.vrfs,
        LaboratoryConfiguration.interfaces.replacing(
            " ip address 192.0.2.1/30\n", with: " ip address 192.0.2.1/30\n service-policy input limit\n"
        ).replacing(
            "interface ten1/0.1\n vrf definition one\n",
            with: "interface ten1/0.1\n vrf definition one\n ip access-group guard in\n ip access-group guard out\n"
                + " service-policy input limit\n service-policy output limit\n"),
        LaboratoryConfiguration.bgp, policies,
    ].joined()

    @Test func aBoxWithoutServicesHasNone() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first + Self.policies)
        let services = try laboratory.services()
        #expect(services.reader.header.pointee.access_lists_sequence == 0)
        for index in 1..<32 {
            #expect(services.reader.interfaces[index].features == 0)
            #expect(services.reader.interfaces[index].services == 0)
        }
        #expect(services.labelEntries(port: 0).allSatisfy { $0.features == 0 })
        await laboratory.stop()
    }

    @Test func aUnitHasItsOwnAndTheOthersTheNNIs() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.attached)
        let services = try laboratory.services()
        #expect(services.interface(port: 0).features == 0)
        let entries = services.labelEntries(port: 0)
        #expect(entries.count == 2)
        let policy = UInt8(STILE_INGRESS_POLICY.rawValue)
        let both = policy | UInt8(STILE_INGRESS_ACCESS_LIST.rawValue)
        #expect(entries.map(\.features).sorted() == [policy, both].sorted())
        for entry in entries { #expect(services.unit(entry).features == entry.features) }
        let own = services.services(services.unit(try #require(entries.first { $0.features == both })))
        let shared = services.services(services.unit(try #require(entries.first { $0.features == policy })))
        #expect(own.access_list_in_ipv4 != 0)
        #expect(own.access_list_in_ipv4 == own.access_list_out_ipv4)
        #expect(shared.access_list_in_ipv4 == 0)
        #expect(shared.classes_out_count == 0)
        let instances = [
            services.classes(first: own.classes_in_first, count: own.classes_in_count),
            services.classes(first: own.classes_out_first, count: own.classes_out_count),
            services.classes(first: shared.classes_in_first, count: shared.classes_in_count),
        ].flatMap { $0.map(\.instance) }
        #expect(instances.count == 9)
        #expect(Set(instances).count == 9)
        #expect(!instances.contains(0))
        await laboratory.stop()
    }

    @Test func classesSayWhatThePolicyMapSays() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.attached)
        let services = try laboratory.services()
        let entry = try #require(services.labelEntries(port: 0).first)
        let record = services.services(services.unit(entry))
        let classes = services.classes(first: record.classes_in_first, count: record.classes_in_count)
        #expect(classes.count == 3)
        let (gold, marked, others) = (classes[0], classes[1], classes[2])
        let criteria = services.criteria(gold.match)
        #expect(gold.match.requires_all == 0)
        let kinds = [STILE_CRITERION_ACCESS_LIST, STILE_CRITERION_DSCP].map { UInt8($0.rawValue) }
        #expect(criteria.map(\.kind) == kinds)
        #expect(services.rules(ofList: criteria[0].access_list_ipv4).first?.destination_port_low == 16384)
        #expect(criteria[0].access_list_ipv6 == 0)
        let codePoints: UInt64 = 1 << 46 | 1 << 40
        #expect(criteria[1].dscps == codePoints)
        #expect(gold.dscp == 46)
        #expect(gold.traffic_class == UInt8(STILE_UNMARKED))
        #expect(gold.policer.kind == UInt8(STILE_POLICER_SINGLE_RATE.rawValue))
        // 10 Mbit/s: an octet takes 800 ns.
        let nanosecond: UInt64 = 1 << 18
        #expect(gold.policer.committed_cost == 800 * nanosecond)
        #expect(gold.policer.committed_depth == 12_000_000 * nanosecond)
        #expect(gold.policer.excess_depth == 0)
        let drop = UInt8(STILE_ACTION_DROP.rawValue)
        #expect(gold.policer.action.0 == UInt8(STILE_ACTION_TRANSMIT.rawValue))
        #expect(gold.policer.action.1 == drop)
        #expect(gold.policer.action.2 == drop)
        let trafficClasses: UInt8 = 1 << 5 | 1 << 7
        #expect(services.criteria(marked.match).map(\.traffic_classes) == [trafficClasses])
        #expect(marked.match.requires_all == 1)
        #expect(marked.policer.kind == UInt8(STILE_POLICER_TWO_RATE.rawValue))
        // 8 kbit/s: an octet takes a millisecond.
        #expect(marked.policer.committed_cost == 1_000_000 * nanosecond)
        #expect(marked.policer.peak_cost == 500_000 * nanosecond)
        #expect(marked.policer.excess_depth == 1_500_000_000 * nanosecond)
        #expect(marked.policer.action.1 == UInt8(STILE_ACTION_SET_DSCP.rawValue))
        #expect(marked.policer.action.2 == drop)
        #expect(marked.policer.action_value.1 == 10)
        #expect(others.match.criterion_count == 0)
        #expect(others.policer.kind == UInt8(STILE_POLICER_NONE.rawValue))
        #expect(others.traffic_class == 3)
        await laboratory.stop()
    }

    @Test func aPolicyEndsWithAClassThatTakesAll() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(
            Self.attached.replacing(" class class-default\n  set mpls experimental imposition 3\n", with: ""))
        let services = try laboratory.services()
        let record = services.services(services.unit(try #require(services.labelEntries(port: 0).first)))
        let last = services.classes(first: record.classes_in_first, count: record.classes_in_count).last
        #expect(record.classes_in_count == 3)
        #expect(last?.match.criterion_count == 0)
        #expect(last?.traffic_class == UInt8(STILE_UNMARKED))
        await laboratory.stop()
    }

    // MARK: Changes

    /// The list in of VRF one's circuit.
    private func circuitList(_ services: InstalledServicesView) -> UInt32 {
        services.services(services.interface(port: 1)).access_list_in_ipv4
    }

    private func guarded(_ entries: String) -> String {
        Text.first.replacing(
            "interface ten1/1\n vrf definition one\n",
            with: "interface ten1/1\n vrf definition one\n ip access-group guard in\n")
            + "ip access-list extended guard\n\(entries)"
    }

    @Test func anEntryKeepsItsHitsWhateverIsAroundIt() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(guarded(" 10 deny tcp any any eq 23\n 20 permit ip any any\n"))
        func hits() throws -> [UInt32: UInt32] {
            let services = try laboratory.services()
            let rules = services.rules(ofList: circuitList(services))
            return Dictionary(rules.map { ($0.sequence, $0.hits) }, uniquingKeysWith: { first, _ in first })
        }
        let first = try hits()
        // Another entry before, and new sequence numbers.
        try await laboratory.replace(
            guarded(" 5 deny udp any any\n 100 deny tcp any any eq 23\n 200 permit ip any any\n"))
        let second = try hits()
        #expect(second[100] == first[10])
        #expect(second[200] == first[20])
        #expect(second[0] == first[0])
        #expect(!first.values.contains(try #require(second[5])))
        await laboratory.stop()
        // And over a restart, from the file.
        try await laboratory.start(
            guarded(" 5 deny udp any any\n 100 deny tcp any any eq 23\n 200 permit ip any any\n"))
        #expect(try hits() == second)
        await laboratory.stop()
    }

    @Test func classesKeepTheirNumbersOverARestart() async throws {
        let laboratory = try Laboratory()
        func instances() throws -> [UInt32] {
            let services = try laboratory.services()
            return services.labelEntries(port: 0).flatMap { entry in
                let record = services.services(services.unit(entry))
                return services.classes(first: record.classes_in_first, count: record.classes_in_count).map(\.instance)
            }
        }
        try await laboratory.start(Self.attached)
        let before = try instances()
        await laboratory.stop()
        // A policy on an interface whose name comes first would take the lowest numbers of a fresh file.
        try await laboratory.start(
            Self.attached.replacing(
                "interface ten1/1\n vrf definition one\n",
                with: "interface ten1/1\n vrf definition one\n service-policy input limit\n"))
        #expect(try instances() == before)
        #expect(before.count == 6)
        await laboratory.stop()
    }

    /// One customer's traffic must not take the credit of another's because neither has a unit.
    @Test func eachVRFWithoutAUnitHasPolicersOfItsOwnOnAnNNI() async throws {
        let laboratory = try Laboratory()
        let interfaces = Text.interfaces.replacing("interface ten1/0.1\n vrf definition one\n", with: "").replacing(
            " ip address 192.0.2.1/30\n",
            with: " ip address 192.0.2.1/30\n service-policy input limit\n service-policy output limit\n")
        let vrfs = Text.vrfs.replacing(" route-target both 42:1\n", with: " route-target both 42:1\n optE 192.0.2.2\n")
        let text = [Text.ports, vrfs, interfaces, Text.bgp, Self.policies].joined()
        try await laboratory.start(text)
        func instances() throws -> [[UInt32]] {
            let services = try laboratory.services()
            return services.labelEntries(port: 0).map { entry in
                let record = services.services(services.unit(entry))
                return services.classes(first: record.classes_in_first, count: record.classes_in_count).map(\.instance)
                    + services.classes(first: record.classes_out_first, count: record.classes_out_count).map(\.instance)
            }
        }
        let before = try instances()
        #expect(before.map(\.count) == [6, 6])
        #expect(Set(before.joined()).subtracting([0]).count == 12)
        let shown = try await laboratory.ask(ShowPolicyMap(interface: "ten1/0"))
        #expect(shown.policies.map(\.vrf) == ["one", "one", "two", "two"])
        #expect(shown.policies.map(\.unit) == ["one", "one", "two", "two"].map { "ten1/0 vrf \($0)" })
        await laboratory.stop()
        try await laboratory.start(text)
        #expect(try instances() == before)
        await laboratory.stop()
    }

    @Test func aChangedListIsANewOneAndTheOldStaysAsLongAsSomebodyMayLook() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(guarded(" 10 permit ip any any\n"))
        let dataplane = try FakeDataplane(directory: laboratory.options.runtimeDirectory)
        let old = try laboratory.services()
        let (oldRecord, oldList) = (old.reader.interface(untaggedOn: 1), circuitList(old))
        let oldServices = old.interface(port: 1).services
        let oldRules = old.rules(ofList: oldList).map(\.sequence)
        dataplane.enterEpoch(0)
        try await laboratory.replace(guarded(" 10 permit ip any any\n 20 deny tcp any any\n"))
        let new = try laboratory.services()
        #expect(new.reader.interface(untaggedOn: 1) != oldRecord)
        #expect(new.interface(port: 1).services != oldServices)
        #expect(circuitList(new) != oldList)
        // A worker with the old record in its hand finds the old list untouched.
        #expect(new.reader.interfaces[Int(oldRecord)].services == oldServices)
        #expect(new.reader.services[Int(oldServices)].access_list_in_ipv4 == oldList)
        #expect(new.rules(ofList: oldList).map(\.sequence) == oldRules)
        // Once it has moved on, records and lists are used again, and changes take no more room.
        dataplane.leaveEpoch()
        var lists: Set<UInt32> = []
        for round in 0..<12 {
            try await laboratory.replace(guarded(" 10 permit ip any any\n 20 permit \(round) any any\n"))
            lists.insert(circuitList(try laboratory.services()))
        }
        #expect(lists.count <= 4, "lists are not given back: \(lists.sorted())")
        await laboratory.stop()
    }

    @Test func whatIsNoLongerConfiguredIsGone() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.attached)
        try await laboratory.replace(Text.first)
        let services = try laboratory.services()
        #expect(services.labelEntries(port: 0).map(\.features) == [0, 0])
        #expect(services.labelEntries(port: 0).map { services.unit($0).services } == [0, 0])
        await laboratory.stop()
    }

    @Test func aListThatSeveralUseIsThereOnce() async throws {
        let laboratory = try Laboratory()
        let text = guarded(" 10 permit ip any any\n").replacing(
            "interface ten1/2.30\n", with: "interface ten1/2.30\n ip access-group guard out\n")
        try await laboratory.start(text)
        let services = try laboratory.services()
        let other = services.reader.interfaces[Int(services.reader.interface(port: 2, vid: 30))]
        #expect(other.features == 0, "what leaves is no matter of the ingress side")
        #expect(services.services(other).access_list_out_ipv4 == circuitList(services))
        #expect(circuitList(services) != 0)
        await laboratory.stop()
    }

    @Test func aNextHopHasItsCircuitsServices() async throws {
        let laboratory = try Laboratory()
        let text = guarded(" 10 permit ip any any\n").replacing("guard in\n", with: "guard out\n")
        try await laboratory.start(text)
        let dataplane = try FakeDataplane(directory: laboratory.options.runtimeDirectory)
        let counter = try await PuntTests.number(of: "ten1/1", in: laboratory)
        var frame = PuntTests.arpReply(from: IPv4Address(10, 1, 0, 7), to: IPv4Address(10, 1, 0, 1))
        frame[21] = 1
        dataplane.punt(STILE_PUNT_ARP, counter: counter, isFrame: true, frame)
        func egress() throws -> stile_interface? {
            let reader = try laboratory.tables().reader
            let circuit = reader.interfaces[Int(reader.interface(untaggedOn: 1))]
            let hop = reader.fib.lookup(ipv4: 0x0A01_0007, root: reader.ipv4Root(ofVRF: circuit.vrf))
            let nextHop = reader.nextHop(hop)
            return reader.isResolved(nextHop) ? reader.interfaces[Int(nextHop.interface)] : nil
        }
        try await laboratory.eventually("the neighbor is known") {
            try egress() != nil
        }
        let services = try laboratory.services()
        #expect(try egress()?.egress_features == UInt8(STILE_EGRESS_ACCESS_LIST.rawValue))
        #expect(try egress()?.services == services.interface(port: 1).services)
        try await laboratory.replace(Text.first)
        #expect(try egress()?.egress_features == 0)
        #expect(try egress()?.services == 0)
        await laboratory.stop()
    }
}
