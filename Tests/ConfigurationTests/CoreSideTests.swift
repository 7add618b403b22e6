import Addressing
import Configuration
import Testing

/// The operator's own network: core interfaces, the loopback, the default table, bindings and internal neighbors.
@Suite struct CoreSideTests {
    private static let text = """
        port ten1/3
         device net_null3
        interface ten1/3.7
         encapsulation dot1q 7
         encap mpls core
         ip address 10.98.0.2/24
         ipv6 address 2001:db8:c::1/64
        interface loopback0
         description this box
         ip address 10.0.0.1/32
         ipv6 address 2001:db8::1/128
        router bgp 42
         neighbor 10.0.0.9 remote-as 42
         neighbor 10.0.0.9 update-source loopback0
         address-family vpnv4
          neighbor 10.0.0.9 activate
         address-family ipv4 labeled-unicast
          neighbor 10.0.0.9 activate
          neighbor 10.0.0.9 prefix-list pes in
          neighbor 10.0.0.9 maximum-prefix 1000
         address-family ipv6 labeled-unicast
          neighbor 10.0.0.9 activate
        ip prefix-list pes seq 5 permit 10.0.0.0/24 le 32
        ip route 10.0.0.0/24 10.98.0.1
        ipv6 route 2001:db8:ff::/48 2001:db8:c::2
        mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 16007
        mpls static binding ipv4 10.0.0.8/32 output 10.98.0.1 label explicit-null
        mpls static binding ipv6 2001:db8:ff::7/128 output 2001:db8:c::2 label implicit-null
        mpls static multipoint label 1700 from 10.0.0.7 to 10.0.0.9 label 17
        mpls static multipoint label 1700 from 10.0.0.7 to 192.0.2.2 label 2000
        mpls static multipoint label 1701 from 2001:db8:ff::7 inner-labels 2 to 10.0.0.9 label 1048575
        transport udp 10.0.1.0/24
        transport udp 10.0.2.0/24 by-community
        transport udp 2001:db8:fd::/48 zero-checksum by-community
        transport udp 2001:db8:fe::/48
        transport udp 2001:db8:fe:1::/64 zero-checksum
        mpls nni-mark 42:0:9
        mpls label range 100000 1048575

        """

    @Test func everyStatementIsReadAndPrinted() throws {
        let loaded = try load(Self.text)
        #expect(loaded.warnings.isEmpty)
        let configuration = loaded.configuration
        let name = try #require(InterfaceName("ten1/3.7"))
        guard case .core(let core)? = configuration.interfaces[name]?.kind else {
            Issue.record("no core interface")
            return
        }
        #expect(core.encapsulation == .dot1q(7) && core.addresses.count == 2)
        #expect(configuration.loopback?.addresses[.ipv4] == IPAddress("10.0.0.1"))
        #expect(configuration.defaultTableRoutes.count == 2)
        #expect(
            configuration.staticBindings.map(\.label) == [
                .label(try #require(MPLSLabel(rawValue: 16007))), .explicitNull, .implicitNull,
            ])
        #expect(configuration.udpTransports.map(\.hasChecksum) == [false, false, false, true, false])
        #expect(configuration.udpTransports.map(\.isByCommunity) == [false, true, true, false, false])
        #expect(configuration.multipointLabels.map(\.label.rawValue) == [1700, 1701])
        #expect(configuration.multipointLabels.map(\.innerLabels) == [0, 2])
        #expect(configuration.multipointLabels[0].branches.map(\.label.rawValue) == [17, 2000])
        #expect(configuration.multipointLabels[0].branches.last?.address == IPAddress("192.0.2.2"))
        #expect(configuration.mpls.nniMark == LargeCommunity(42, 0, 9))
        let index = configuration.index
        let session = try #require(index.internalSessions.first)
        #expect(session.families.keys.sorted() == [.vpnv4, .ipv4LabeledUnicast, .ipv6LabeledUnicast])
        let labelled = try #require(session.families[.ipv4LabeledUnicast])
        #expect(labelled.prefixLists.imported == "pes" && labelled.maximumPrefixes == MaximumPrefixes(1000))
        #expect(index.localAddress(towardsInternal: session) == IPAddress("10.0.0.1"))
        #expect(try load(configuration.canonicalText).configuration == configuration)
    }

    @Test(
        arguments: [
            ("interface ten1/3.7\n encapsulation dot1q 7\n encap mpls core", DiagnosticCode.nniWithoutAddress),
            ("interface ten1/3.7\n encap mpls core\n ip address 10.98.0.2/24", .ambiguousUnit),
            (
                "interface ten1/3.7\n encapsulation dot1q 7 second-dot1q 8\n encap mpls core\n ip address 10.98.0.2/24",
                .nniWithTwoTags
            ),
            ("interface ten1/3\n encap mpls core\n encap mpls optE\n ip address 10.98.0.2/24", .conflictingStatement),
            ("interface loopback0\n ip address 10.0.0.1/24", .invalidValue),
            ("interface loopback0", .loopbackWithoutAddress),
            ("ip route 10.0.0.0/24 10.98.0.1\nip route 10.0.0.0/24 10.98.0.9", .duplicateRoute),
            ("ip route 10.0.0.0/24 10.77.0.1", .unreachableNextHop),
            ("mpls static binding ipv4 10.0.0.7/32 output 10.98.0.2 label 16", .unreachableNextHop),
            ("mpls static binding ipv4 10.0.0.7/32 output 10.98.0.1 label 15", .invalidValue),
            ("transport udp 10.0.0.0/24", .transportWithoutLoopback),
            ("transport udp 10.0.0.7/24", .invalidValue),
            ("interface loopback0\n ip address 10.0.0.1/32\ntransport udp ::/0", .transportWithoutLoopback),
            (
                "interface loopback0\n ip address 10.0.0.1/32\ntransport udp 10.0.0.0/24 zero-checksum",
                .unexpectedArgument
            ),
            (
                "interface loopback0\n ip address 10.0.0.1/32\n"
                    + "transport udp 10.0.0.0/24\ntransport udp 10.0.0.0/24",
                .duplicateRoute
            ),
            (
                "router bgp 42\n neighbor 10.0.0.9 remote-as 42\n neighbor 10.0.0.9 update-source loopback0",
                .internalWithoutLoopback
            ),
            (
                "router bgp 42\n neighbor 1.2.3.4 remote-as 7\n neighbor 1.2.3.4 update-source loopback0",
                .updateSourceWithoutEffect
            ),
        ] as [(String, DiagnosticCode)])
    func whatContradictsIsSaidWithItsLine(_ text: String, _ code: DiagnosticCode) {
        let core = "interface ten1/4\n encap mpls core\n ip address 10.98.0.2/24\nport ten1/4\n device net_null4\n"
        let port = "port ten1/3\n device net_null3\n"
        let found = diagnostics(of: port + (text.contains("ten1/3") ? "" : core) + text + "\n")
        #expect(found.contains { $0.code == code }, "\(found.map(\.code))")
    }

    @Test func servicesHaveNoPlaceOnACoreInterface() {
        let text = Self.text.replacing(
            " encap mpls core\n", with: " encap mpls core\n ip verify unicast source reachable-via any\n")
        #expect(diagnostics(of: text).map(\.code) == [.misplacedService])
    }

    private static let units = """
        ip vrf one
         rd 42:1
        ip access-list extended web
         10 permit tcp any any eq 80
        policy-map limit
         class class-default
          police cir 80000 bc 3000 conform-action set-mpls-exp-imposition-transmit 3
        interface ten1/3.5
         vrf definition one
         ip access-group web in
         ip access-group web out
         ip verify unicast source reachable-via feasible
         mpls diffserv-mode uniform
         service-policy input limit
         service-policy output limit

        """
    private static let second = """
        port ten1/4
         device net_null4
        interface ten1/4
         encap mpls core
         ip address 10.97.0.2/24

        """

    @Test func aVRFsUnitOnTheCoreCarriesServices() throws {
        let loaded = try load(Self.text + Self.units)
        // What goes to an NNI leaves with a label, too.
        #expect(loaded.warnings.isEmpty, "\(loaded.warnings.map(\.description))")
        let configuration = loaded.configuration
        let name = try #require(InterfaceName("ten1/3.5"))
        let link = try #require(InterfaceName("ten1/3.7"))
        let unit = try #require(configuration.interfaces[name])
        #expect(unit.kind == .coreUnit(CoreUnit(link: link, vrf: "one")) && unit.vrf == "one")
        #expect(configuration.index.coreUnit(ofVRF: "one") == unit && configuration.index.coreUnit(ofVRF: "two") == nil)
        #expect(configuration.index.unit(ofVRF: "one", onNNI: link) == nil)
        #expect(configuration.index.vrfs(servedOn: unit) == ["one"])
        #expect(!configuration.canonicalText.contains("optE bind"))
        #expect(try load(configuration.canonicalText).configuration == configuration)
    }

    @Test func aUnitSaysWhatItIsOnWhereItsPortHasAnNNIAsWell() throws {
        let nni = "interface ten1/3.8\n encapsulation dot1q 8\n encap mpls optE\n ip address 192.0.2.1/30\n"
        let text = Self.text + Self.units + nni
        let found = diagnostics(of: text)
        #expect(found.map(\.code) == [.ambiguousUnit])
        #expect(found.first?.hint == "add 'optE bind ten1/3.7' or 'optE bind ten1/3.8'")
        let head = "interface ten1/3.5\n vrf definition one\n"
        let bound = try load(text.replacing(head, with: head + " optE bind ten1/3.7\n")).configuration
        #expect(bound.index.coreUnit(ofVRF: "one")?.name == InterfaceName("ten1/3.5"))
        #expect(bound.canonicalText.contains(" optE bind ten1/3.7\n"))
        #expect(try load(bound.canonicalText).configuration == bound)
        let other = try load(text.replacing(head, with: head + " optE bind ten1/3.8\n")).configuration
        #expect(other.index.coreUnit(ofVRF: "one") == nil)
    }

    @Test func aVRFHasOneUnitForAllCoreInterfaces() throws {
        let text = Self.text + Self.units + Self.second
        let found = diagnostics(of: text + "interface ten1/4.1\n vrf definition one\n")
        #expect(found.map(\.code) == [.duplicateUnit])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = try #require(lines.firstIndex(of: "interface ten1/3.5")) + 2
        #expect(
            found.first?.message == "ten1/3.5, line \(first), is the unit of VRF 'one' on the core already")
        #expect(found.first?.location.line == lines.count + 1)
    }

    @Test func whatFitsIsSaidOnTheCoreInterfaces() {
        let text = Self.text + Self.units.replacing("ten1/3.5\n", with: "ten1/3.5\n mtu 1400\n")
        #expect(diagnostics(of: text).map(\.code) == [.misplacedService])
    }

    @Test func itsSubnetOverlapsNoNNIs() {
        let text =
            Self.text + "interface ten1/3.8\n encapsulation dot1q 8\n encap mpls optE\n ip address 10.98.0.9/30\n"
        #expect(diagnostics(of: text).contains { $0.code == .overlappingSubnets })
    }
}
