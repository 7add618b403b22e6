import Addressing
import Configuration
import Testing

/// Customers that are carriers themselves: their language, and what contradicts it, with both lines.
@Suite struct CustomerCarrierTests {
    /// In canonical form.
    private static let text = """
        port ten1/0
         device net_null0
        port ten1/1
         device net_null1
        !
        ip prefix-list a seq 5 permit 10.0.0.0/8 ge 32
        ipv6 prefix-list a seq 5 permit 2001:db8::/32 ge 128
        !
        ip vrf one
         rd 42:1
         route-target both 42:1
        !
        interface ten1/0
         encap mpls core
         ip address 10.98.0.1/30
        !
        interface ten1/1.1
         encapsulation dot1q 1
         encap mpls csc
         vrf definition one
         ip address 10.0.0.1/24
         ipv6 address 2001:db8::1/64
        !
        router bgp 42
         address-family ipv4 vrf one
          neighbor 10.0.0.2 remote-as 65001
          neighbor 10.0.0.2 send-label
          neighbor 10.0.0.2 maximum-prefix 100
          neighbor 10.0.0.2 prefix-list a in
          neighbor 10.0.0.2 prefix-list a out
          neighbor 10.0.0.2 activate
         address-family ipv6 vrf one
          neighbor 2001:db8::2 remote-as 65001
          neighbor 2001:db8::2 send-label
          neighbor 2001:db8::2 prefix-list a in
          neighbor 2001:db8::2 prefix-list a out
          neighbor 2001:db8::2 activate

        """

    @Test func `with labels it is another family, with the same policies`() throws {
        let configuration = try load(Self.text).configuration
        #expect(try load(configuration.canonicalText).configuration == configuration)
        let ipv4 = try #require(configuration.bgp?.session(withNeighbor: "10.0.0.2", inVRF: "one"))
        #expect(ipv4.isCustomerCarrier && Set(ipv4.families.keys) == [.ipv4LabeledUnicast])
        let settings = try #require(ipv4.families[.ipv4LabeledUnicast])
        #expect(settings.maximumPrefixes?.prefixes == 100)
        #expect(settings.prefixLists == PolicyNames(imported: "a", exported: "a"))
        let ipv6 = try #require(configuration.bgp?.session(withNeighbor: "2001:db8::2", inVRF: "one"))
        #expect(Set(ipv6.families.keys) == [.ipv6LabeledUnicast])
        #expect(configuration.index.servesCarrier(vrf: "one"))
        #expect(diagnostics(of: Self.text).isEmpty)
    }

    @Test(arguments: [
        // Where the stacks would have to be another's.
        (
            " route-target both 42:1", " route-target both 42:1\n optE", DiagnosticCode.conflictingStatement,
            "says 'optE'"
        ),
        (
            "ip vrf one\n", "ip vrf one\n label mode per-vrf\n", .conflictingStatement,
            "line 10 says 'label mode per-vrf'"
        ),
        (
            " route-target both 42:1", " route-target both 42:1\n label mode per-next-hop", .conflictingStatement,
            "says 'label mode per-next-hop'"
        ),
        (
            "  neighbor 10.0.0.2 send-label\n",
            "  neighbor 10.0.0.2 send-label\n  neighbor 10.0.0.2 default-originate\n", .conflictingStatement,
            "says 'send-label'"
        ),
        (" encap mpls csc\n", "", .optionMismatch, "where packets have no labels"),
        (" encap mpls csc\n", " encap mpls csc\n encap mpls optB\n", .conflictingStatement, "is of one kind"),
        (" vrf definition one\n", "", .interfaceWithoutRole, "belongs to no VRF"),
        (" encapsulation dot1q 1\n encap mpls csc", " encap mpls csc", .ambiguousUnit, "its VLAN is not said"),
        (
            "  neighbor 2001:db8::2 send-label", "  neighbor 10.0.0.2 send-label", .notSupported,
            "need an IPv6 session here"
        ),
        (
            "neighbor 2001:db8::2 remote-as 65001\n  neighbor 2001:db8::2 send-label",
            "neighbor 2001:db8::2 remote-as 65001\n  neighbor fe80::2 remote-as 65001\n"
                + "  neighbor fe80::2 interface ten1/1.1\n  neighbor fe80::2 send-label", .notSupported,
            "labels need a neighbor on a subnet"
        ),
    ])
    func `a contradiction is an error that names both lines`(
        _ old: String, _ new: String, _ code: DiagnosticCode, _ words: String
    ) throws {
        #expect(Self.text.contains(old))
        let found = diagnostics(of: Self.text.replacing(old, with: new))
        #expect(
            found.contains { $0.code == code && $0.severity == .error && $0.message.contains(words) },
            "\(found.map(\.description).joined())")
    }

    @Test func `an NNI of Option E or AB has no part in such a VRF`() {
        let nni = """
            port ten1/2
             device net_null2
            interface ten1/2
             encap mpls optE
             ip address 192.0.2.1/30

            """
        let unit = nni + "interface ten1/2.7\n vrf definition one\n"
        let found = diagnostics(of: Self.text + unit)
        #expect(found.contains { $0.code == .conflictingStatement && $0.message.contains("says 'encap mpls csc'") })
        let circuits = Self.text.replacing(
            " route-target both 42:1", with: " route-target both 42:1\n optAB 192.0.2.2 next-hop 10.0.0.9")
        let session =
            "router bgp 42\n neighbor 192.0.2.2 remote-as 65002\n address-family vpnv4\n  neighbor 192.0.2.2 optE\n"
        #expect(
            diagnostics(of: circuits + nni + session).contains {
                $0.code == .conflictingStatement && $0.message.contains("says 'optAB'")
            })
        // Option B is relayed, with the labels below.
        let relayed = Self.text.replacing(" route-target both 42:1", with: " route-target both 42:1\n optB")
        #expect(!diagnostics(of: relayed).contains { $0.severity == .error })
        // Per prefix is what it has.
        let said = Self.text.replacing(
            " route-target both 42:1", with: " route-target both 42:1\n label mode per-prefix")
        #expect(diagnostics(of: said).isEmpty)
    }

    @Test func `what has no effect is a warning`() {
        let silent = Self.text.replacing("  neighbor 10.0.0.2 send-label\n", with: "")
            .replacing("  neighbor 2001:db8::2 send-label\n", with: "")
        #expect(diagnostics(of: silent).map(\.code) == [.lineWithoutEffect])
        let served =
            "ip access-list extended web\n 10 permit tcp any any eq 80\n"
            + Self.text.replacing(
                " ip address 10.0.0.1/24\n", with: " ip address 10.0.0.1/24\n ip access-group web in\n")
        let found = diagnostics(of: served)
        #expect(found.map(\.code) == [.serviceWithoutEffect] && found[0].message.contains("have no services"))
    }

    @Test func `the routers on a circuit are found without looking at the others`() throws {
        var lines = ["port ten1/1", " device net_null1", "ip vrf one", " rd 42:1", "router bgp 42"]
        lines.append(" address-family ipv4 vrf one")
        for number in 0..<1_000 {
            for router in 2...3 {
                lines.append("  neighbor 10.\(number / 250).\(number % 250).\(router) remote-as 65001")
                lines.append("  neighbor 10.\(number / 250).\(number % 250).\(router) send-label")
            }
        }
        for number in 0..<1_000 {
            lines += ["interface ten1/1.\(number + 1)", " encapsulation dot1q \(number + 1)", " encap mpls csc"]
            lines += [" vrf definition one", " ip address 10.\(number / 250).\(number % 250).1/29"]
        }
        let index = try load(lines.joined(separator: "\n") + "\n").configuration.index
        #expect(index.lookupsOfCircuit(inVRF: "one") == 1)
        for (number, circuit) in index.circuits(ofVRF: "one").enumerated() {
            let subnet = try #require(circuit.addresses.first).subnet
            let routers = index.customerCarriers(on: circuit)
            #expect(routers.count == 2 && routers.allSatisfy(subnet.contains), "circuit \(number)")
            #expect(index.circuit(ofVRF: "one", towards: try #require(routers.first))?.name == circuit.name)
        }
        // The box's own address, and one that no circuit has.
        #expect(index.circuit(ofVRF: "one", towards: try #require(IPAddress("10.0.0.1"))) == nil)
        #expect(index.circuit(ofVRF: "one", towards: try #require(IPAddress("10.9.0.2"))) == nil)
    }
}
