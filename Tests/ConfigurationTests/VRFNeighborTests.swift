import Addressing
import Configuration
import Testing

/// Neighbors in VRFs: their language, and what is wrong with them.
@Suite struct VRFNeighborTests {
    /// In canonical form, with neighbors of the same address in two VRFs.
    private static let text = """
        port ten1/1
         device net_null1
        ip prefix-list a seq 5 permit 10.0.0.0/8
        ipv6 prefix-list a seq 5 permit 2001:db8::/32
        ip vrf one
         rd 42:1
        ip vrf two
         rd 42:2
        route-map m permit 10
         set local-preference 200
        interface ten1/1.1
         encapsulation dot1q 1
         vrf definition one
         ip address 10.0.0.1/24
         ipv6 address 2001:db8::1/64
        interface ten1/1.2
         encapsulation dot1q 2
         vrf definition two
         ip address 10.0.0.1/24
        router bgp 42
         neighbor customers peer-group
         neighbor customers remote-as 65001
         neighbor customers timers 10 30
         neighbor customers maximum-prefix 1000
         address-family ipv4 vrf one
          redistribute connected
          neighbor 10.0.0.2 remote-as 65002
          neighbor 10.0.0.2 description both families
          neighbor 10.0.0.2 password secret
          neighbor 10.0.0.2 ttl-security hops 1
          neighbor 10.0.0.2 maximum-prefix 10
          neighbor 10.0.0.2 as-override
          neighbor 10.0.0.2 allowas-in
          neighbor 10.0.0.2 soo 42:7
          neighbor 10.0.0.2 default-originate
          neighbor 10.0.0.2 prefix-list a in
          neighbor 10.0.0.2 route-map m out
          neighbor 10.0.0.2 shutdown message back soon
          neighbor 10.0.0.2 activate
          neighbor 2001:db8::2 prefix-list a in
          neighbor 2001:db8::2 prefix-list a out
          neighbor 2001:db8::2 activate
         address-family ipv6 vrf one
          neighbor 10.0.0.2 prefix-list a in
          neighbor 10.0.0.2 prefix-list a out
          neighbor 10.0.0.2 activate
          neighbor 10.0.0.3 remote-as 65003
          neighbor 10.0.0.3 allowas-in 1
          neighbor 10.0.0.3 prefix-list a in
          neighbor 10.0.0.3 prefix-list a out
          neighbor 10.0.0.3 activate
          neighbor 2001:db8::2 prefix-list a in
          neighbor 2001:db8::2 prefix-list a out
          neighbor 2001:db8::2 peer-group customers
          neighbor 2001:db8::2 activate
         address-family ipv4 vrf two
          neighbor 10.0.0.2 password another
          neighbor 10.0.0.2 prefix-list a in
          neighbor 10.0.0.2 prefix-list a out
          neighbor 10.0.0.2 peer-group customers
          neighbor 10.0.0.2 activate
        """

    @Test func `the canonical text is what was said`() throws {
        let canonical = try load(Self.text).configuration.canonicalText
        #expect(canonical.split(separator: "\n").filter { $0 != "!" } == Self.text.split(separator: "\n"))
        #expect(diagnostics(of: Self.text) == [])
    }

    @Test func `a neighbor is one session of its VRF with the families that are active`() throws {
        let configuration = try load(Self.text).configuration
        let bgp = try #require(configuration.bgp)
        let both = try #require(bgp.session(withNeighbor: "10.0.0.2", inVRF: "one"))
        #expect(both.remoteAS == 65002 && both.password == "secret" && both.shutdownMessage == "back soon")
        #expect(both.families.keys.sorted() == [.ipv4, .ipv6])
        let family = try #require(both.families[.ipv4])
        #expect(family.overridesAS && family.allowedOwnAS == 3 && family.originatesDefault)
        #expect(family.siteOfOrigin?.rawValue == 0x0003_002A_0000_0007)
        #expect(family.maximumPrefixes?.prefixes == 10 && family.routeMaps == PolicyNames(exported: "m"))
        #expect(both.families[.ipv6]?.allowedOwnAS == 0)
        let other = try #require(bgp.session(withNeighbor: "10.0.0.2", inVRF: "two"))
        #expect(other.remoteAS == 65001 && other.password == "another" && other.timers.holdSeconds == 30)
        // The group's general limit is one of the session; families that it has are those of VPN routes.
        #expect(other.families[.ipv4]?.maximumPrefixes?.prefixes == 1000 && other.families.count == 1)
        #expect(bgp.session(withNeighbor: "10.0.0.3", inVRF: "one")?.families.keys.sorted() == [.ipv6])
        #expect(bgp.session(withNeighbor: "2001:db8::2", inVRF: "one")?.families.keys.sorted() == [.ipv4, .ipv6])
        #expect(bgp.session(withNeighbor: "10.0.0.2") == nil)
    }

    @Test func `sessions are found by their VRF, those in none apart`() throws {
        let text =
            Self.text.replacing(
                " neighbor customers peer-group\n",
                with: " neighbor customers peer-group\n neighbor 10.0.0.2 remote-as 65009\n")
        let index = try load(text).configuration.index
        #expect(
            index.sessions.map(\.name.description) == [
                "10.0.0.2", "10.0.0.2 in VRF 'one'", "10.0.0.3 in VRF 'one'", "2001:db8::2 in VRF 'one'",
                "10.0.0.2 in VRF 'two'",
            ])
        #expect(index.sessions(inVRF: nil).map(\.remoteAS) == [65009])
        #expect(index.sessions(inVRF: "two").map(\.remoteAS) == [65001])
        #expect(index.sessions(inVRF: "three").isEmpty)
    }

    @Test func `what holds for the session may be said in either family`() throws {
        let moved = Self.text.replacing("  neighbor 10.0.0.2 password secret\n", with: "").replacing(
            " address-family ipv6 vrf one\n",
            with: " address-family ipv6 vrf one\n  neighbor 10.0.0.2 password secret\n")
        #expect(try load(moved).configuration == load(Self.text).configuration)
        // Whom the session is with makes the family of its address active.
        let implied = Self.text.replacing(
            "  neighbor 10.0.0.2 shutdown message back soon\n  neighbor 10.0.0.2 activate\n",
            with: "  neighbor 10.0.0.2 shutdown message back soon\n")
        #expect(try load(implied).configuration == load(Self.text).configuration)
        let contradiction = moved.replacing(
            "  neighbor 10.0.0.2 as-override\n", with: "  neighbor 10.0.0.2 password other\n")
        #expect(diagnostics(of: contradiction).map(\.code) == [.conflictingStatement])
    }

    @Test func `a hidden password is the one of the same neighbor in the same VRF`() throws {
        let base = try load(Self.text).configuration
        let shown = base.withHiddenPasswords.canonicalText
        #expect(!shown.contains("secret") && !shown.contains("another"))
        #expect(try ConfigurationParser.parse(text: shown, fileName: "test.conf", base: base).configuration == base)
        let elsewhere = "router bgp 42\n neighbor 10.0.0.2 remote-as 1\n neighbor 10.0.0.2 password <hidden>\n"
        let error = #expect(throws: InvalidConfiguration.self) {
            try ConfigurationParser.parse(text: elsewhere, fileName: "test.conf", base: base)
        }
        #expect(error?.errors.map(\.code) == [.hiddenPassword])
        let changed = try load(Self.text.replacing("another", with: "third")).configuration
        #expect(
            ConfigurationDiff(from: base, to: changed).lines.map { $0.mark.rawValue + $0.text } == [
                " router bgp 42", "  address-family ipv4 vrf two", "-  neighbor 10.0.0.2 password <hidden>",
                "+  neighbor 10.0.0.2 password <hidden> ! password changed",
            ])
    }

    /// What each line in the first VRF's IPv4 family brings, in place of the first neighbor's AS.
    @Test(arguments: [
        (
            "neighbor 10.0.0.2 passive", [DiagnosticCode.missingRemoteAS],
            "add 'neighbor 10.0.0.2 remote-as"
        ),
        ("neighbor 10.0.0.2 remote-as 42", [.internalNeighbor], "internal ones are not supported there"),
        ("neighbor 10.0.0.2 optE", [.notSupported], "routes without labels"),
        ("neighbor 10.0.0.2 maximum-labels 7", [.notSupported], "one label for a route"),
        ("neighbor 10.0.0.2 source-mac 02:00:00:00:00:20", [.notSupported], "the address that its own resolves to"),
        ("neighbor 10.0.0.2 ebgp-multihop 7", [.notSupported], "on the subnet of one of its circuits"),
        (
            "neighbor fe80::2 remote-as 65002", [.neighborOffCircuit, .missingRemoteAS, .neighborWithoutPolicy],
            "interface NAME"
        ),
        ("neighbor customers remote-as 65002", [.invalidValue], "peer groups are defined in 'router bgp' itself"),
        ("neighbor 10.0.0.2 allowas-in 11", [.invalidValue], ""),
        ("neighbor 10.0.0.2 soo 42", [.invalidValue], ""),
        ("neighbor 10.0.0.2 peer-group suppliers", [.undefinedPeerGroup, .missingRemoteAS], ""),
        ("neighbor 10.0.0.2 peer-group", [.missingRemoteAS, .missingArgument], ""),
    ])
    func `a line that cannot be is refused with a hint`(_ line: String, _ codes: [DiagnosticCode], _ hint: String) {
        let found = diagnostics(of: Self.text.replacing("neighbor 10.0.0.2 remote-as 65002", with: line))
        #expect(
            Set(found.map(\.code)).isSubset(of: Set(codes)) && !found.isEmpty, "\(found.map(\.description).joined())")
        #expect(found.contains { $0.location.line == 27 })
        #expect(
            hint.isEmpty || found.contains { $0.hint?.contains(hint) == true }, "\(found.map(\.description).joined())")
    }

    @Test func `a neighbor with a link-local address names its circuit`() throws {
        let session = "  neighbor 2001:db8::2 prefix-list a in\n  neighbor 2001:db8::2 prefix-list a out\n"
        let text = Self.text.replacing(
            session + "  neighbor 2001:db8::2 peer-group",
            with: "  neighbor 2001:db8::2 interface ten1/1.1\n\(session)  neighbor 2001:db8::2 peer-group"
        ).replacing("2001:db8::2", with: "fe80::2")
        let configuration = try load(text).configuration
        #expect(diagnostics(of: text) == [])
        #expect(configuration.canonicalText.split(separator: "\n").filter { $0 != "!" } == text.split(separator: "\n"))
        let name = NeighborName(vrf: "one", address: try #require(IPAddress("fe80::2")))
        #expect(configuration.index.place(of: name)?.interface.name == InterfaceName("ten1/1.1"))
        // One of another VRF, and one without IPv6.
        for other in ["ten1/1.2", "ten1/1.3"] {
            let wrong = text.replacing("interface ten1/1.1\n  neighbor", with: "interface \(other)\n  neighbor")
            #expect(diagnostics(of: wrong).map(\.code) == [.neighborOffCircuit])
        }
        let needless = Self.text.replacing(
            "neighbor 10.0.0.2 description both families", with: "neighbor 10.0.0.2 interface ten1/1.1")
        #expect(diagnostics(of: needless).map(\.code) == [.lineWithoutEffect])
    }

    @Test func `a neighbor is on a circuit of its own VRF and is not the box`() {
        // VRF two has no such subnet, nor has an NNI's subnet a part in it.
        let off = Self.text.replacing(" ip address 10.0.0.1/24\nrouter", with: " ip address 10.0.1.1/24\nrouter")
        #expect(diagnostics(of: off).map(\.code) == [.neighborOffCircuit])
        let own = Self.text.replacing(" ip address 10.0.0.1/24\nrouter", with: " ip address 10.0.0.2/24\nrouter")
        #expect(diagnostics(of: own).map(\.code) == [.neighborIsSelf])
        let gone = Self.text.replacing("ipv4 vrf two", with: "ipv4 vrf twos")
        #expect(diagnostics(of: gone).map(\.code) == [.undefinedVRF])
    }

    @Test func `lists and maps exist and are of the family`() {
        let found = diagnostics(
            of: Self.text.replacing("ipv6 prefix-list a seq 5 permit 2001:db8::/32\n", with: "")
                .replacing("route-map m permit 10\n set local-preference 200\n", with: ""))
        #expect(found.filter { $0.code == .undefinedPrefixList }.count == 6)
        #expect(found.filter { $0.code == .undefinedRouteMap }.count == 1 && found.count == 7)
    }

    @Test func `each family and direction without a policy is warned of`() throws {
        let without = Self.text.replacing("  neighbor 10.0.0.2 route-map m out\n", with: "")
            .replacing("  neighbor 10.0.0.3 prefix-list a in\n  neighbor 10.0.0.3 prefix-list a out\n", with: "")
        let found = diagnostics(of: without)
        #expect(
            found.map(\.message) == [
                "no IPv4 route is advertised to 10.0.0.2 without a policy (RFC 8212)",
                "no IPv6 route is accepted from or advertised to 10.0.0.3 without a policy (RFC 8212)",
            ])
        #expect(found.allSatisfy { $0.code == .neighborWithoutPolicy })
    }

    @Test func `a session without a family is warned of`() {
        let text = Self.text.replacing("neighbor 10.0.0.3 activate", with: "neighbor 10.0.0.3 default-originate")
        let found = diagnostics(of: text)
        #expect(found.map(\.code) == [.nothingToExchange])
        #expect(found.first?.hint == "say 'activate' in 'address-family ipv4 vrf one' or 'ipv6 vrf one'")
    }

    @Test func `the AS and the site are also said of neighbors on NNIs`() throws {
        let text = """
            interface ten1/1
             encap mpls optE
             ip address 1.2.3.5/31
            router bgp 42
             neighbor 1.2.3.4 remote-as 65001
             address-family vpnv4
              neighbor 1.2.3.4 optE
              neighbor 1.2.3.4 as-override
              neighbor 1.2.3.4 allowas-in 2
              neighbor 1.2.3.4 soo 192.0.2.1:7
            """
        let configuration = try load(text).configuration
        #expect(configuration.canonicalText.split(separator: "\n").filter { $0 != "!" } == text.split(separator: "\n"))
        let family = try #require(configuration.bgp?.session(withNeighbor: "1.2.3.4")?.families[.vpnv4])
        #expect(family.overridesAS && family.allowedOwnAS == 2 && family.siteOfOrigin?.description == "192.0.2.1:7")
    }

    @Test func `a peer group's families for others are none of a customer's`() throws {
        let text = Self.text.replacing(
            "  neighbor 10.0.0.2 remote-as 65002\n", with: "  neighbor 10.0.0.2 peer-group customers\n")
        let loaded = try load(
            text + "\nrouter bgp 42\n address-family l2vpn evpn\n  neighbor customers activate\n"
                + " address-family vpnv4\n  neighbor customers activate\n")
        let bgp = try #require(loaded.configuration.bgp)
        let session = try #require(loaded.configuration.index.sessions(inVRF: "one").first)
        #expect(bgp.autonomousSystem == 42 && !session.families.isEmpty)
        #expect(Set(session.families.keys).isSubset(of: [.ipv4, .ipv6]))
    }
}
