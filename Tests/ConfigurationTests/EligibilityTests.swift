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
        ("every", "192.0.2.1", false),
        ("every", "192.0.2.9", false),
    ])
    func eligibility(_ vrf: String, _ neighbor: String, _ expected: Bool) throws {
        let configuration = try load(Self.text).configuration
        #expect(configuration.index.isEligible(vrf: vrf, onNeighbor: try #require(IPAddress(neighbor))) == expected)
    }

    @Test func attributesThatPassAreTheNeighborsOwnOrItsGroups() throws {
        let text = Self.text.replacing(
            " neighbor far maximum-prefix 1000",
            with: " neighbor far maximum-prefix 1000\n neighbor far attribute-pass 99 22\n"
                + " neighbor 1.2.4.4 attribute-pass 41")
        let loaded = try load(text)
        let bgp = try #require(loaded.configuration.bgp)
        #expect(try bgp.session(with: #require(IPAddress("1.2.3.4")))?.passedAttributes == [22, 99])
        #expect(try bgp.session(with: #require(IPAddress("1.2.4.4")))?.passedAttributes == [41])
        #expect(try bgp.session(with: #require(IPAddress("192.0.2.1")))?.passedAttributes == [])
    }

    @Test func whatIsAcceptedBesidesIsTheNeighborsOwnOrItsGroups() throws {
        let text = Self.text.replacing(
            " neighbor far maximum-prefix 1000",
            with: " neighbor far maximum-prefix 1000\n neighbor far accept-martians\n"
                + " neighbor 1.2.4.4 accept-as-sets\n neighbor 1.2.4.4 extended-messages"
        ).replacing(" rd 42:4", with: " rd 42:4\n optE accept-connected")
        let loaded = try load(text)
        let bgp = try #require(loaded.configuration.bgp)
        let first = try #require(IPAddress("1.2.3.4").flatMap(bgp.session(with:)))
        let second = try #require(IPAddress("1.2.4.4").flatMap(bgp.session(with:)))
        #expect(first.acceptsMartians && !first.acceptsASSets && !first.offersExtendedMessages)
        #expect(second.acceptsMartians && second.acceptsASSets && second.offersExtendedMessages)
        #expect(loaded.configuration.vrfs["none"]?.acceptsConnectedSubnets == true)
        #expect(loaded.configuration.vrfs["none"]?.optionE == .byUnitOnly)
        #expect(loaded.configuration.vrfs["one"]?.acceptsConnectedSubnets != true)
    }

    @Test func familySettingsOfTheGroupAndTheNeighborAddUp() throws {
        let bgp = try #require(load(Self.text).configuration.bgp)
        let session = try #require(IPAddress("1.2.4.4").flatMap(bgp.session(with:)))
        #expect(session.families == [.vpnv4: BGPSessionFamily(isOptionE: true, maximumPrefixes: MaximumPrefixes(10))])
        let other = try #require(IPAddress("1.2.3.4").flatMap(bgp.session(with:)))
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
