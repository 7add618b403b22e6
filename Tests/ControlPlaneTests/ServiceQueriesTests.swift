import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// What `show` and `clear` make of the data plane's counters.
@Suite struct ServiceQueriesTests {
    private static let text =
        LaboratoryConfiguration.first.replacing(
            "interface ten1/1\n vrf definition one\n",
            with: "interface ten1/1\n vrf definition one\n ip access-group guard in\n service-policy input limit\n"
        ).replacing("interface ten1/0\n encap", with: "interface ten1/0\n service-policy output limit\n encap")
        + ServicesTests.policies

    private func lists(_ laboratory: Laboratory, _ query: ShowAccessLists) async throws -> AccessListsResult {
        let result = try await laboratory.ask(query)
        return result
    }

    private func rules(_ laboratory: Laboratory) throws -> [stile_access_rule] {
        let services = try laboratory.services()
        return services.rules(ofList: services.services(services.interface(port: 1)).access_list_in_ipv4)
    }

    private func classes(_ laboratory: Laboratory) throws -> [stile_policy_class] {
        let services = try laboratory.services()
        let record = services.services(services.interface(port: 1))
        return services.classes(first: record.classes_in_first, count: record.classes_in_count)
    }

    @Test func hitsAreCountedClearedAndKeptOverARestart() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let rules = try rules(laboratory)
        dataplane.count(hits: 5, of: try #require(rules.first?.hits))
        dataplane.count(hits: 2, of: try #require(rules.last?.hits))
        func hits() async throws -> [UInt64?] {
            try await lists(laboratory, ShowAccessLists(name: "guard")).entries.map(\.hitPackets)
        }
        let entries = try await lists(laboratory, ShowAccessLists(name: "guard")).entries
        #expect(entries.map(\.text) == ["deny tcp any any eq 23", "permit ip any any", "deny everything else"])
        #expect(entries.map(\.sequence) == [10, 20, nil])
        #expect(try await hits() == [5, 0, 2])
        let cleared = try await laboratory.ask(ClearAccessLists(name: "guard"))
        #expect(cleared.counters == 3)
        #expect(try await hits() == [0, 0, 0])
        dataplane.count(hits: 1, of: try #require(rules.first?.hits))
        #expect(try await hits() == [1, 0, 0])
        await laboratory.stop()
        try await laboratory.start(Self.text)
        #expect(try await hits() == [1, 0, 0])
        await laboratory.stop()
    }

    @Test func pagesOfEntriesGoThroughAllLists() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text + "ipv6 access-list voice\n permit ipv6 any any\n")
        let all = try await lists(laboratory, ShowAccessLists())
        #expect(all.entries.map(\.accessList) == ["guard", "guard", "guard", "voice", "voice", "voice", "voice"])
        #expect(all.nextCursor == nil)
        // The voice list of IPv4 is used by a class; that of IPv6 too, by its name.
        #expect(!all.entries.contains { $0.hitPackets == nil })
        var pages: [AccessListEntryStatus] = []
        var cursor: String?
        repeat {
            let page = try await lists(laboratory, ShowAccessLists(page: Page(cursor: cursor, limit: 2)))
            #expect(page.entries.count <= 2)
            pages += page.entries
            cursor = page.nextCursor
        } while cursor != nil
        #expect(pages == all.entries)
        await laboratory.stop()
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let plane = try #require(laboratory.plane)
        let requests: [any ControlRequest] = [
            ShowAccessLists(name: "none"), ClearAccessLists(name: "none"),
            ShowPolicyMap(interface: "ten9/9"), ClearPolicyMap(interface: "ten9/9"),
            ShowAccounting(vrf: "none"),
        ]
        for request in requests {
            guard case .failure(let error) = await plane.answer(request) else {
                Issue.record("\(request) was answered")
                continue
            }
            #expect(error.code == .noSuchObject)
        }
        await laboratory.stop()
    }

    private func policies(_ laboratory: Laboratory, _ interface: String?) async throws -> [AttachedPolicyStatus] {
        try await laboratory.ask(ShowPolicyMap(interface: interface)).policies
    }

    @Test func aPolicerSaysWhatItAddsAndWhatColoursItTakes() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(
            Self.text.replacing("service-policy input limit", with: "service-policy input measured")
                + "class-map match-all came-green\n match dscp ef\nclass-map match-all came-yellow\n match dscp af11\n"
                + "policy-map measured\n class class-default\n  police cir 80000 pir 160000 account 18 "
                + "conform-color came-green exceed-color came-yellow conform-action transmit exceed-action drop\n")
        let policer = try #require(try await policies(laboratory, "ten1/1").first?.classes.first?.policer)
        #expect(policer.accountBytes == 18)
        #expect(policer.conformColour == "came-green" && policer.exceedColour == "came-yellow")
        await laboratory.stop()
    }

    @Test func classesAreCountedByColour() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let gold = try #require(try classes(laboratory).first?.instance)
        dataplane.count(packets: 3, octets: 300, STILE_GREEN, ofClass: gold)
        dataplane.count(packets: 2, octets: 200, STILE_RED, ofClass: gold)
        let all = try await policies(laboratory, nil)
        #expect(all.map(\.interface) == ["ten1/0", "ten1/1"])
        #expect(all.map(\.direction) == [.output, .input])
        #expect(all[0].unit == "ten1/0 vrf two" && all[0].vrf == "two")
        let own = try #require(try await policies(laboratory, "ten1/1").first)
        #expect(own.classes.map(\.name) == ["gold", "marked", "class-default"])
        #expect(own.classes[0].green == TrafficCount(packets: 3, bytes: 300))
        #expect(own.classes[0].yellow == TrafficCount(packets: 0, bytes: 0))
        #expect(own.classes[0].red == TrafficCount(packets: 2, bytes: 200))
        #expect(own.classes[0].policer?.committedRateBitsPerSecond == 10_000_000)
        #expect(own.classes[1].policer?.exceedAction == "set dscp 10")
        #expect(own.classes[2].policer == nil)
        // Clearing is for show; accounting goes on.
        _ = try await laboratory.ask(ClearPolicyMap(interface: "ten1/1"))
        #expect(try await policies(laboratory, "ten1/1").first?.classes[0].red.packets == 0)
        let accounts = try await accounting(laboratory, nil).classes
        #expect(accounts.first { $0.interface == "ten1/1" }?.traffic == TrafficCount(packets: 5, bytes: 500))
        #expect(try await policies(laboratory, "ten1/0 vrf two").map(\.interface) == ["ten1/0"])
        await laboratory.stop()
    }

    private func accounting(_ laboratory: Laboratory, _ vrf: String?) async throws -> AccountingResult {
        let result = try await laboratory.ask(ShowAccounting(vrf: vrf))
        return result
    }

    @Test func aVRFsAccountIsTheSumOfItsInterfaces() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let services = try laboratory.services()
        let circuit = services.interface(port: 1).counter
        let unit = try #require(
            services.labelEntries(port: 0).first { $0.vrf == services.interface(port: 1).vrf }?.counter)
        dataplane.count(received: 4, octets: 400, of: circuit)
        dataplane.count(received: 6, octets: 900, of: unit)
        let all = try await accounting(laboratory, nil)
        #expect(all.vrfs.map(\.vrf) == ["one", "two"])
        #expect(all.vrfs[0].received == TrafficCount(packets: 10, bytes: 1300))
        #expect(all.vrfs[1].received == TrafficCount(packets: 0, bytes: 0))
        #expect(all.interfaces.map(\.interface) == ["ten1/0.1", "ten1/1", "ten1/0 vrf two", "ten1/2.30"])
        let two = try await accounting(laboratory, "two")
        #expect(two.vrfs.map(\.vrf) == ["two"])
        // VRF two has no unit on the NNI, where the policy is attached.
        #expect(Set(two.classes.map(\.interface)) == ["ten1/0 vrf two"])
        await laboratory.stop()
        // The counters are the data plane's: another stiled finds them as they are.
        try await laboratory.start(Self.text)
        #expect(try await accounting(laboratory, nil).vrfs == all.vrfs)
        await laboratory.stop()
    }

    /// Bills are made of it: what was dropped and what is the box's own is left out, and what has been told does not fall
    /// when a burst is counted as kept before it is counted as received.
    @Test func accountsLeaveOutWhatIsNotForwarded() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        let circuit = try laboratory.services().interface(port: 1).counter
        dataplane.count(received: 10, octets: 1_000, of: circuit)
        dataplane.count(kept: 100, of: circuit)
        dataplane.count(own: 60, of: circuit)
        let first = try await accounting(laboratory, "one").vrfs
        #expect(first.map(\.received) == [TrafficCount(packets: 9, bytes: 900)])
        #expect(first.map(\.sent) == [TrafficCount(packets: 0, bytes: 0)])
        dataplane.count(kept: 100, of: circuit)
        #expect(try await accounting(laboratory, "one").vrfs == first)
        dataplane.count(received: 2, octets: 250, of: circuit)
        #expect(
            try await accounting(laboratory, "one").vrfs.map(\.received) == [TrafficCount(packets: 10, bytes: 1_050)])
        await laboratory.stop()
    }

    /// The counters of an entry that is gone belong to nobody, and a new entry that gets its number begins at zero.
    @Test func aNumberThatComesToANewNameCountsFromZero() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let dataplane = try await laboratory.dataplane()
        // As if an earlier configuration had counted under all numbers.
        for number in 1..<64 { dataplane.count(hits: 7, of: UInt32(number)) }
        let another = Self.text.replacing(" 10 deny tcp any any eq 23\n", with: " 10 deny tcp any any eq 24\n")
        try await laboratory.replace(another)
        let hits = try await lists(laboratory, ShowAccessLists(name: "guard")).entries.map(\.hitPackets)
        #expect(hits == [0, 7, 7])
        await laboratory.stop()
    }

    @Test func showInterfacesSaysWhatIsAttached() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let result = try await laboratory.ask(ShowInterfaces())
        let services = Dictionary(uniqueKeysWithValues: result.interfaces.map { ($0.name, $0.services) })
        #expect(
            services["ten1/1"]
                == InterfaceServices(attachedTo: "ten1/1", accessListInIpv4: "guard", policyIn: "limit"))
        #expect(services["ten1/0 vrf two"] == InterfaceServices(attachedTo: "ten1/0", policyOut: "limit"))
        #expect(services["ten1/0.1"] == .some(nil))
        await laboratory.stop()
    }

    /// Policies on 17 VLANs with 4,096 criteria each: more than the tables hold.
    private static let tooMuch: String = {
        let numbers = 0..<64
        let maps = numbers.map { map in
            "class-map match-any c\(map)\n" + numbers.map { " match dscp \($0)\n" }.joined()
        }
        let classes = numbers.map { " class c\($0)\n  set dscp ef\n" }.joined()
        let circuits = (100...116).map { vlan in
            "interface ten1/2.\(vlan)\n encapsulation dot1q \(vlan)\n vrf definition two\n"
                + " ip address 10.\(vlan).0.1/24\n service-policy input big\n"
        }
        return LaboratoryConfiguration.first + maps.joined() + "policy-map big\n" + classes + circuits.joined()
    }()

    @Test func whatDoesNotFitIsRefusedAndNothingApplied() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.text)
        let before = try await laboratory.content()
        let text = ConfigurationText(text: Self.tooMuch, fileName: "long.conf")
        let requests: [any ControlRequest] = [CheckConfiguration(text), ReplaceConfiguration(text)]
        for request in requests {
            guard case .failure(let error) = await laboratory.plane?.answer(request) else {
                Issue.record("accepted")
                continue
            }
            #expect(error.code == .configurationInvalid)
            #expect(error.diagnostics.map(\.code) == ["does-not-fit", "does-not-fit"])
            #expect(error.diagnostics.map(\.lineText) == ["interface ten1/2.115", "interface ten1/2.116"])
        }
        #expect(try await laboratory.content() == before)
        await laboratory.stop()
    }

    /// A box that starts with such a file lets nothing through where less than all would be done.
    @Test func aStartWithWhatDoesNotFitRefusesPackets() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.tooMuch)
        let services = try laboratory.services()
        func circuit(_ vlan: UInt16) -> stile_interface {
            services.reader.interfaces[Int(services.reader.interface(port: 2, vid: vlan))]
        }
        #expect(circuit(114).features == UInt8(STILE_INGRESS_POLICY.rawValue))
        for vlan: UInt16 in [115, 116] {
            #expect(circuit(vlan).features == UInt8(STILE_INGRESS_ACCESS_LIST.rawValue))
            let record = services.services(circuit(vlan))
            for list in [
                record.access_list_in_ipv4, record.access_list_in_ipv6, record.access_list_out_ipv4,
                record.access_list_out_ipv6,
            ] {
                #expect(list != 0)
                #expect(services.rules(ofList: list).map(\.permits) == [0])
            }
        }
        let result = try await laboratory.ask(ShowInterfaces(interface: "ten1/2.116"))
        #expect(result.interfaces.first?.services?.isRefused == true)
        await laboratory.stop()
    }
}
