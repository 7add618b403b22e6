import Addressing
import Configuration
import Testing

/// Nothing but `optE` in the VRF or a unit on the neighbor's NNI makes a VRF eligible.
@Suite struct EligibilityTests {
    private static let text = """
        ip vrf unit
         rd 42:1
        ip vrf every
         rd 42:2
         route-target both 42:2
         optE
        ip vrf named
         rd 42:3
         route-target both 42:3
         optE 1.2.3.4
        ip vrf none
         rd 42:4
         route-target both 42:4
        ip vrf circuit
         rd 42:5
         route-target both 42:5
         optE
         optAB 1.2.3.4 next-hop 10.1.0.9
        interface ten1/2
         vrf definition circuit
         ip address 10.1.0.1/24
        interface ten1/0
         encap mpls optE
         ip address 1.2.3.5/31
        interface ten1/0.2
         vrf definition unit
        interface ten1/1
         encap mpls optE
         ip address 1.2.4.5/31
        router bgp 42
         neighbor far peer-group
         neighbor far maximum-prefix 1000
         neighbor 1.2.3.4 remote-as 65001
         neighbor 1.2.3.4 peer-group far
         neighbor 1.2.4.4 remote-as 65002
         neighbor 1.2.4.4 peer-group far
         neighbor 192.0.2.1 remote-as 42
         address-family vpnv4
          neighbor far optE
          neighbor 1.2.4.4 maximum-prefix 10
          neighbor 192.0.2.1 activate
        """

    @Test(arguments: [
        ("unit", "1.2.3.4", true), ("unit", "1.2.4.4", false), ("every", "1.2.3.4", true), ("every", "1.2.4.4", true),
        ("named", "1.2.3.4", true), ("named", "1.2.4.4", false), ("none", "1.2.3.4", false),
        ("circuit", "1.2.3.4", false), ("circuit", "1.2.4.4", true), ("every", "192.0.2.1", false),
        ("every", "192.0.2.9", false),
    ])
    func eligibility(_ vrf: String, _ neighbor: String, _ expected: Bool) throws {
        let configuration = try load(Self.text).configuration
        #expect(configuration.index.isEligible(vrf: vrf, onNeighbor: try #require(IPAddress(neighbor))) == expected)
    }

    @Test func `optAB takes the place of optE towards its neighbor`() throws {
        let index = try load(Self.text).configuration.index
        let (first, second) = (try #require(IPAddress("1.2.3.4")), try #require(IPAddress("1.2.4.4")))
        #expect(index.gateways(ofVRF: "circuit", towards: first)?[.ipv4] == IPAddress("10.1.0.9"))
        #expect(index.gateways(ofVRF: "circuit", towards: second) == nil)
        #expect(index.gateways(ofVRF: "every", towards: first) == nil)
    }

    @Test func `on an NNI of several neighbors a unit is for those that are not by optAB`() throws {
        let text = """
            port ten1/0
             device net_null0
            port ten1/1
             device net_null1
            ip vrf one
             rd 42:1
             route-target both 42:1
             optAB 1.2.3.2 next-hop 10.0.0.9
            interface ten1/0
             encap mpls optE
             ip address 1.2.3.1/29
            interface ten1/0.1
             vrf definition one
            interface ten1/1
             vrf definition one
             ip address 10.0.0.1/24
            router bgp 42
             neighbor 1.2.3.2 remote-as 65001
             neighbor 1.2.3.3 remote-as 65002
             address-family vpnv4
              neighbor 1.2.3.2 optE
              neighbor 1.2.3.3 optE
            """
        let loaded = try load(text)
        #expect(loaded.warnings == [])
        let index = loaded.configuration.index
        let (first, second) = (try #require(IPAddress("1.2.3.2")), try #require(IPAddress("1.2.3.3")))
        #expect(!index.isEligible(vrf: "one", onNeighbor: first) && index.isEligible(vrf: "one", onNeighbor: second))
    }

    @Test func attributesThatPassAreTheNeighborsOwnOrItsGroups() throws {
        let text = Self.text.replacing(
            " neighbor far maximum-prefix 1000",
            with: " neighbor far maximum-prefix 1000\n neighbor far attribute-pass 99 22\n"
                + " neighbor 1.2.4.4 attribute-pass 41")
        let loaded = try load(text)
        let bgp = try #require(loaded.configuration.bgp)
        #expect(bgp.session(withNeighbor: "1.2.3.4")?.passedAttributes == [22, 99])
        #expect(bgp.session(withNeighbor: "1.2.4.4")?.passedAttributes == [41])
        #expect(bgp.session(withNeighbor: "192.0.2.1")?.passedAttributes == [])
    }

    @Test func limitsOfNeighborsAndTheirForms() throws {
        let forms: [(String, MaximumPrefixes)] = [
            ("1000", MaximumPrefixes(1000)), ("1000 75", MaximumPrefixes(1000)),
            ("1000 90", MaximumPrefixes(1000, warningPercent: 90)),
            ("1000 warning-only", MaximumPrefixes(1000, excess: .warns)),
            ("1000 1 restart 65535", MaximumPrefixes(1000, warningPercent: 1, excess: .restarts(afterMinutes: 65535))),
        ]
        for (form, expected) in forms {
            let text = Self.text.replacing("far maximum-prefix 1000", with: "far maximum-prefix \(form)")
            let bgp = try #require(load(text).configuration.bgp)
            let session = bgp.session(withNeighbor: "1.2.3.4")
            #expect(session?.families[.vpnv4]?.maximumPrefixes == expected)
        }
        #expect(MaximumPrefixes(1000).warningPrefixes == 750)
        #expect(MaximumPrefixes(1, warningPercent: 1).warningPrefixes == 1)
        #expect(MaximumPrefixes(.max, warningPercent: 100).warningPrefixes == .max)
        for wrong in ["0", "1000 0", "1000 101", "1000 restart", "1000 restart 0", "1000 warning-only restart 1"] {
            #expect(throws: (any Error).self) {
                try ConfigurationParser.parse(
                    text: Self.text.replacing("far maximum-prefix 1000", with: "far maximum-prefix \(wrong)"),
                    fileName: "test.conf")
            }
        }
    }

    @Test func whatASessionDemandsAndSays() throws {
        let lines =
            " neighbor far minimum-hold-time 30\n neighbor far maximum-attribute-memory 8\n"
            + " neighbor far maximum-labels 1048576\n neighbor 1.2.4.4 maximum-labels 7\n"
        let text = Self.text.replacing(
            " neighbor far maximum-prefix 1000\n",
            with: lines + " neighbor 1.2.4.4 minimum-hold-time 90\n"
                + " neighbor 1.2.4.4 shutdown message \"moving the rack, back at 10:00\"\n")
        let bgp = try #require(load(text).configuration.bgp)
        let first = try #require(bgp.session(withNeighbor: "1.2.3.4"))
        let second = try #require(bgp.session(withNeighbor: "1.2.4.4"))
        #expect(first.minimumHoldSeconds == 30 && second.minimumHoldSeconds == 90)
        #expect(first.maximumLabels == 1_048_576 && second.maximumLabels == 7)
        #expect(first.attributeMemoryMebibytes == 8 && !first.isShutdown)
        #expect(second.isShutdown && second.shutdownMessage == "moving the rack, back at 10:00")
        let long = String(repeating: "a", count: 256)
        for wrong in [
            "minimum-hold-time 2", "minimum-hold-time 91", "shutdown message", "shutdown message \(long)",
            "maximum-labels 0", "maximum-labels 1048577",
        ] {
            #expect(throws: (any Error).self) {
                try ConfigurationParser.parse(
                    text: text + "\nrouter bgp 42\n neighbor 1.2.3.4 \(wrong)\n", fileName: "test.conf")
            }
        }
    }

    @Test func whatIsAcceptedBesidesIsTheNeighborsOwnOrItsGroups() throws {
        let text = Self.text.replacing(
            " neighbor far maximum-prefix 1000",
            with: " neighbor far maximum-prefix 1000\n neighbor far accept-martians\n"
                + " neighbor 1.2.4.4 accept-as-sets\n neighbor 1.2.4.4 extended-messages"
        ).replacing(" rd 42:4", with: " rd 42:4\n optE accept-connected")
        let loaded = try load(text)
        let bgp = try #require(loaded.configuration.bgp)
        let first = try #require(bgp.session(withNeighbor: "1.2.3.4"))
        let second = try #require(bgp.session(withNeighbor: "1.2.4.4"))
        #expect(first.acceptsMartians && !first.acceptsASSets && !first.offersExtendedMessages)
        #expect(second.acceptsMartians && second.acceptsASSets && second.offersExtendedMessages)
        #expect(loaded.configuration.vrfs["none"]?.acceptsConnectedSubnets == true)
        #expect(loaded.configuration.vrfs["none"]?.optionE == .byUnitOnly)
        #expect(loaded.configuration.vrfs["one"]?.acceptsConnectedSubnets != true)
    }

    /// The neighbors 1.2.3.4 and 1.2.4.4 are on an NNI each.
    @Test func `source addresses are checked where several neighbors share an NNI or it says so`() throws {
        func checked(_ text: String) throws -> [String] {
            let index = ConfigurationIndex(try load(text).configuration)
            return index.interfaces.filter(index.checksSourceMAC).map(\.name.description)
        }
        let nni = "interface ten1/7\n encap mpls optE\n ip address 198.51.100.1/24\n"
        let bgp = "router bgp 42\n neighbor 198.51.100.2 remote-as 7\n"
        #expect(try checked(nni + bgp) == [])
        #expect(try checked(nni + " optE source-mac\n" + bgp) == ["ten1/7"])
        let second = " neighbor 198.51.100.3 remote-as 8\n neighbor 198.51.100.3 shutdown\n"
        #expect(try checked(nni + bgp + second) == ["ten1/7"])
        let said = bgp + " neighbor 198.51.100.2 source-mac 0200.0000.0102\n"
        let loaded = try load(nni + said + " neighbor 198.51.100.2 source-mac 02:00:00:00:01:01\n").configuration
        let session = try #require(loaded.bgp?.session(withNeighbor: "198.51.100.2"))
        #expect(
            session.sourceAddresses.map(\.description).sorted() == ["02:00:00:00:01:01", "02:00:00:00:01:02"])
    }

    @Test func familySettingsOfTheGroupAndTheNeighborAddUp() throws {
        let bgp = try #require(load(Self.text).configuration.bgp)
        let session = try #require(bgp.session(withNeighbor: "1.2.4.4"))
        #expect(session.families == [.vpnv4: BGPSessionFamily(isOptionE: true, maximumPrefixes: MaximumPrefixes(10))])
        let other = try #require(bgp.session(withNeighbor: "1.2.3.4"))
        #expect(other.families[.vpnv4]?.maximumPrefixes == MaximumPrefixes(1000))
        #expect(other.timers == .suggested)
        #expect(bgp.sessions.map(\.address.description) == ["1.2.3.4", "1.2.4.4", "192.0.2.1"])
    }

    @Test func propagationOfTheTTLNeedsTheBoxAndTheVRF() throws {
        let text = "ip vrf one\n rd 42:1\n no mpls ip propagate-ttl\nip vrf two\n rd 42:2\n"
        let configuration = try load(text).configuration
        #expect(!configuration.propagatesTTL(inVRF: "one"))
        #expect(configuration.propagatesTTL(inVRF: "two"))
        #expect(!(try load(text + "no mpls ip propagate-ttl").configuration.propagatesTTL(inVRF: "two")))
    }
}
