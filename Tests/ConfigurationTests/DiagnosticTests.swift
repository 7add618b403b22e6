import Configuration
import Testing

/// Every code, provoked by the smallest text that does, with the place it must name.
@Suite struct DiagnosticTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let code: DiagnosticCode
        let line: Int
        let column: Int
        let text: String

        init(_ code: DiagnosticCode, _ line: Int, _ column: Int, _ text: String) {
            self.code = code
            self.line = line
            self.column = column
            self.text = text
        }

        var testDescription: String { "\(code.rawValue): \(text.split(separator: "\n").last ?? "")" }
    }

    private static let reduced = "mpls label range 100000 1048575\n"
    private static let multipoint = "mpls static multipoint label 1700 from 10.0.0.7 to 10.0.0.9 label 17\n"
    private static let coreLink =
        "interface ten1/0\n encap mpls core\n ip address 10.98.0.2/24\nport ten1/0\n device net_null0"
    private static let nni = "interface ten1/0\n encap mpls optE\n ip address 1.2.3.5/31\n"
    private static let relayNNI = "interface ten1/0\n encap mpls optB\n ip address 1.2.3.5/31\n"
    private static let wayNNI = "interface ten1/0\n encap mpls optC\n ip address 1.2.3.5/31\n"
    private static let ways = " address-family ipv4 labeled-unicast\n"
    private static let vrf = "ip vrf one\n rd 42:1\n route-target both 42:1\n"
    private static let labelBlock = "mpls label-block dcb 1000 1999\n"
    private static let labelSpace = "mpls label-space tenants\n"
    private static let bgp = "router bgp 42\n neighbor 1.2.3.4 remote-as 65001\n"

    /// A box with an interface into its own network and a router there, up to line 10.
    private static let core =
        "port ten1/0\n device net_null0\ninterface loopback0\n ip address 10.0.0.1/32\ninterface ten1/0\n encap mpls core\n"
        + " ip address 10.9.0.1/24\nrouter bgp 42\n neighbor 10.0.0.9 remote-as 42\n"
        + " neighbor 10.0.0.9 update-source loopback0\n"
    /// An Option E neighbor.
    private static let farEnd = nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE\n"
    private static let circuitOfOne =
        "interface ten1/1\n vrf definition one\n ip address 10.0.0.1/24\n ipv6 address 2001:db8::1/64" + firstPort
        + port
    private static let firstPort = "\nport ten1/0\n device net_null0"
    private static let port = "\nport ten1/1\n device net_null1"

    /// 130 networks under one name, of which two are 16,900 pairs.
    private static let largeGroup =
        "object-group network g\n" + (0..<129).map { " host 10.0.0.\($0)\n" }.joined()
    private static let lookingAtLabel =
        "class-map c\n match mpls experimental topmost 3\npolicy-map p\n class c"
    private static let group = "object-group g"

    static let textCases = [
        Case(.invalidCharacter, 1, 10, "hostname \u{1}"),
        Case(.unterminatedQuote, 2, 14, "ip vrf one\n description \"x\n rd 42:1"),
        Case(.unknownKeyword, 1, 1, "nonsense"),
        Case(.unknownKeyword, 2, 2, "ip vrf one\n nonsense"),
        Case(.unknownKeyword, 1, 4, "ip verify 3"),
        Case(.missingArgument, 1, 7, "ip vrf"),
        Case(.missingArgument, 1, 9, "hostname"),
        Case(.missingArgument, 2, 2, "router bgp 42\n neighbor 1.2.3.4 peer-group"),
        Case(.invalidValue, 2, 5, "ip vrf one\n rd 42"),
        Case(.invalidValue, 1, 11, "interface vlan3"),
        Case(.invalidValue, 1, 18, "mpls label range 15 100"),
        Case(.invalidValue, 1, 21, "mpls label range 16 1048576"),
        Case(.invalidValue, 1, 12, "router bgp 4294967295"),
        Case(.invalidValue, 2, 11, "router bgp 42\n neighbor 1.2.3.400 remote-as 1"),
        Case(.invalidValue, 1, 18, "ip route vrf one 10.0.0.1/8 Null0\nip vrf one\n rd 1:1"),
        Case(.invalidValue, 3, 2, bgp + " neighbor 1.2.3.4 attribute-pass 99 40"),
        Case(
            .invalidValue, 6, 22, vrf + "router bgp 42\n address-family ipv4 vrf one\n  maximum-paths ibgp 17"),
        Case(
            .conflictingStatement, 7, 3,
            vrf + "router bgp 42\n address-family ipv4 vrf one\n  maximum-paths 4\n  maximum-paths eibgp 4"),
        Case(.invalidValue, 3, 34, bgp + " neighbor 1.2.3.4 attribute-pass 8"),
        Case(.missingArgument, 3, 33, bgp + " neighbor 1.2.3.4 attribute-pass"),
        Case(.invalidValue, 3, 30, bgp + " neighbor 1.2.3.4 source-mac 0100.0000.0001"),
        Case(.invalidValue, 3, 30, bgp + " neighbor 1.2.3.4 source-mac 0200.0000"),
        Case(.notSupported, 4, 24, bgp + " neighbor a peer-group\n neighbor a source-mac 0200.0000.0001"),
        Case(.unexpectedArgument, 1, 12, "hostname a b"),
        Case(.notSupported, 3, 3, "policy-map p\n class class-default\n  shape average 10000"),
        Case(.notSupported, 3, 3, "policy-map p\n class class-default\n  bandwidth 10000"),
        Case(.notSupported, 3, 3, "policy-map p\n class class-default\n  priority"),
        Case(.notSupported, 3, 3, "policy-map p\n class class-default\n  queue-limit 64"),
        Case(
            .notSupported, 3, 24,
            "router bgp 42\n neighbor a peer-group\n neighbor b peer-group a\n neighbor b peer-group"),
        Case(.nothingToExit, 1, 1, "exit"),
        Case(.conflictingStatement, 3, 2, "ip vrf one\n rd 42:1\n rd 42:2"),
        Case(.conflictingStatement, 2, 1, "router bgp 42\nrouter bgp 43"),
        Case(
            .conflictingStatement, 3, 25,
            "ip access-list standard a\n permit any\nip access-list extended a\n permit ip any any"),
        Case(.conflictingStatement, 3, 21, "class-map match-any a\n match any\nclass-map match-all a\n match any"),
    ]

    static let nameCases = [
        Case(.undefinedVRF, 2, 17, "interface ten1/1\n vrf definition one"),
        Case(.undefinedVRF, 2, 26, "router bgp 42\n address-family ipv4 vrf one"),
        Case(.undefinedVRF, 1, 14, "ip route vrf one 10.0.0.0/8 Null0"),
        Case(.undefinedAccessList, 5, 18, vrf + "interface ten1/1\n ip access-group foo in\n vrf definition one"),
        Case(.undefinedAccessList, 5, 22, vrf + "interface ten1/1\n ipv6 traffic-filter foo in\n vrf definition one"),
        Case(.undefinedAccessList, 2, 26, "class-map match-any c\n match access-group name foo"),
        Case(.undefinedClassMap, 2, 8, "policy-map p\n class gold"),
        Case(.undefinedPolicyMap, 5, 23, vrf + "interface ten1/1\n service-policy input p\n vrf definition one"),
        Case(.undefinedPeerGroup, 3, 30, bgp + " neighbor 1.2.3.4 peer-group g"),
        Case(.undefinedPeerGroup, 2, 2, "router bgp 42\n neighbor g timers 3 9"),
        Case(.undefinedNeighbor, 4, 7, vrf + " optE 1.2.3.4"),
    ]

    static let interfaceCases = [
        Case(.interfaceWithoutPort, 4, 1, vrf + "interface ten1/1\n vrf definition one"),
        Case(.portWithoutDevice, 1, 1, "port ten1/0"),
        Case(.duplicateDevice, 4, 2, "port ten1/0\n pci 03:00.0\nport ten1/1\n pci 0000:03:00.0"),
        Case(.interfaceWithoutRole, 1, 1, "interface ten1/0.3"),
        Case(.interfaceWithoutRole, 1, 1, "interface ten1/0.3\n encapsulation dot1q 3"),
        Case(
            .ambiguousUnit, 12, 1,
            vrf + "interface ten1/0.100\n encapsulation dot1q 100\n encap mpls optE\n ip address 1.2.3.5/31\n"
                + "interface ten1/0.200\n encapsulation dot1q 200\n encap mpls optE\n ip address 1.2.4.5/31\n"
                + "interface ten1/0.2\n vrf definition one"),
        Case(.ambiguousUnit, 2, 2, "interface ten1/0.100\n encap mpls optE\n ip address 1.2.3.5/31"),
        Case(.unitWithoutVRF, 4, 1, nni + "interface ten1/0.2"),
        Case(
            .duplicateUnit, 10, 17,
            vrf + nni + "interface ten1/0.2\n vrf definition one\ninterface ten1/0.3\n vrf definition one"),
        Case(.unitWithAddress, 9, 13, vrf + nni + "interface ten1/0.2\n vrf definition one\n ip address 10.0.0.1/24"),
        Case(.nniWithVRF, 7, 17, vrf + nni + " vrf definition one"),
        Case(.nniWithoutAddress, 1, 1, "interface ten1/0\n encap mpls optE"),
        Case(
            .nniWithTwoTags, 2, 2,
            "interface ten1/0.1\n encapsulation dot1q 1 second-dot1q 2\n encap mpls optE\n ip address 1.2.3.5/31"),
        Case(.addressWithoutVRF, 2, 13, "interface ten1/1\n ip address 10.0.0.1/24"),
        Case(.tagOnWholePort, 2, 2, "interface ten1/1\n encapsulation dot1q 3"),
        Case(
            .misplacedBinding, 7, 2,
            vrf + "interface ten1/1.2\n encapsulation dot1q 2\n vrf definition one\n optE bind ten1/1"),
        Case(.misplacedBinding, 9, 2, vrf + nni + "interface ten1/0.2\n vrf definition one\n optE bind ten1/1"),
        Case(
            .vlanClash, 8, 2,
            vrf + "interface ten1/1.2\n encapsulation dot1q 2\n vrf definition one\n"
                + "interface ten1/1.3\n encapsulation dot1q 2\n vrf definition one"),
        Case(
            .vlanClash, 8, 2,
            vrf + "interface ten1/1.2\n encapsulation dot1q 2\n vrf definition one\n"
                + "interface ten1/1.3\n encapsulation dot1q 2 second-dot1q 7\n vrf definition one"),
        Case(
            .duplicateAddress, 9, 13,
            vrf + "interface ten1/1\n vrf definition one\n ip address 10.0.0.1/24\n"
                + "interface ten1/2\n vrf definition one\n ip address 10.0.0.1/24"),
        Case(.unusableAddress, 6, 13, vrf + "interface ten1/1\n vrf definition one\n ip address 10.0.0.0/24"),
        Case(.unusableAddress, 6, 15, vrf + "interface ten1/1\n vrf definition one\n ipv6 address fe80::1/64"),
        Case(
            .overlappingSubnets, 9, 13,
            vrf + "interface ten1/1\n vrf definition one\n ip address 10.0.0.1/24\n"
                + "interface ten1/2\n vrf definition one\n ip address 10.0.0.129/25"),
        Case(.overlappingSubnets, 6, 13, nni + "interface ten1/1\n encap mpls optE\n ip address 1.2.3.6/24"),
        Case(
            .familyNotCarried, 7, 15,
            vrf + " address-family ipv4\ninterface ten1/1\n vrf definition one\n ipv6 address 2001:db8::1/64"),
        Case(.mtuAbovePort, 6, 2, "port ten1/0\n pci 0000:03:00.0\n" + nni + " mtu 9000"),
        Case(
            .wrongAccessListFamily, 8, 18,
            vrf
                + "ipv6 access-list foo\n permit ipv6 any any\ninterface ten1/1\n vrf definition one\n ip access-group foo in"
        ),
    ]

    static let vrfAndRouteCases = [
        Case(.missingRouteDistinguisher, 1, 1, "ip vrf one"),
        Case(.duplicateRouteDistinguisher, 5, 2, vrf + "ip vrf two\n rd 42:1"),
        Case(.vrfWithoutTargets, 3, 2, "ip vrf one\n rd 42:1\n optE"),
        Case(.neighborNotOptionE, 4, 7, vrf + " optE 1.2.3.4\n" + bgp),
        Case(.neighborNotOptionE, 4, 8, vrf + " optAB 1.2.3.4 next-hop 10.0.0.9\n" + bgp),
        Case(.missingArgument, 4, 15, vrf + " optAB 1.2.3.4"),
        Case(.invalidValue, 4, 34, vrf + " optAB 1.2.3.4 next-hop 10.0.0.9 10.0.0.10"),
        Case(
            .conflictingStatement, 5, 2,
            vrf + " optAB 1.2.3.4 next-hop 10.0.0.9\n optAB 1.2.3.4 next-hop 10.0.0.10\n" + farEnd),
        Case(.conflictingStatement, 5, 2, vrf + " optE 1.2.3.4\n optAB 1.2.3.4 next-hop 10.0.0.9\n" + farEnd),
        Case(.conflictingStatement, 5, 7, vrf + " optAB 1.2.3.4 next-hop 10.0.0.9\n optE 1.2.3.4\n" + farEnd),
        Case(
            .conflictingStatement, 4, 2,
            vrf + " optAB 1.2.3.4 next-hop 10.0.0.9\n" + farEnd + "interface ten1/0.2\n vrf definition one"),
        Case(.gatewayOffCircuit, 4, 25, vrf + " optAB 1.2.3.4 next-hop 10.0.0.9\n" + farEnd + firstPort),
        Case(
            .gatewayOffCircuit, 4, 25,
            vrf + " optAB 1.2.3.4 next-hop fe80::9\n" + nni + bgp + " address-family vpnv6\n  neighbor 1.2.3.4 optE"
                + firstPort),
        Case(
            .familyWithoutFarEnd, 4, 2,
            vrf + " optAB 1.2.3.4 next-hop 10.0.0.9\n" + farEnd + " address-family vpnv6\n  neighbor 1.2.3.4 optE\n"
                + circuitOfOne),
        Case(.lineWithoutEffect, 4, 34, vrf + " optAB 1.2.3.4 next-hop 10.0.0.9 2001:db8::9\n" + farEnd + circuitOfOne),
        Case(
            .familyNotCarried, 4, 25,
            vrf + " optAB 1.2.3.4 next-hop 2001:db8::9\n address-family ipv4\n" + farEnd + firstPort),
        Case(.neighborNotOptionB, 4, 7, vrf + " optB 1.2.3.4\n" + bgp),
        Case(
            .duplicateRoute, 5, 1,
            vrf + "ip route vrf one 10.0.0.0/8 Null0\nip route vrf one 10.0.0.0 255.0.0.0 Null0 5"),
        Case(.invalidValue, 4, 11, vrf + " loopback red"),
        Case(.conflictingStatement, 5, 2, vrf + " loopback 192.0.2.1\n loopback 192.0.2.2"),
        Case(.unusableAddress, 4, 2, vrf + " loopback fe80::1"),
        Case(.familyNotCarried, 6, 2, vrf + " address-family ipv4\n exit-address-family\n loopback 2001:db8::1"),
        Case(
            .overlappingSubnets, 7, 13,
            vrf + " loopback 10.0.0.9\ninterface ten1/1\n vrf definition one\n ip address 10.0.0.1/24" + port),
        Case(.unreachableNextHop, 4, 29, vrf + "ip route vrf one 10.0.0.0/8 192.0.2.1"),
        Case(.unreachableNextHop, 4, 34, vrf + "ipv6 route vrf one 2001:db8::/32 fe80::1"),
        Case(.unreachableNextHop, 4, 34, vrf + "ipv6 route vrf one 2001:db8::/32 ten1/1 fe80::1"),
        Case(.invalidValue, 4, 41, vrf + "ipv6 route vrf one 2001:db8::/32 ten1/1 2001:db8::1"),
        Case(.dataplaneCores, 2, 2, "dataplane\n workers 3\n cores 1,2"),
        Case(
            .reservedMemoryTooLarge, 5, 2, "dataplane\n memory tables 8\nip vrf one\n rd 42:1\n memory reserve 9"),
    ]

    /// What a neighbor in a VRF wants around it.
    private static let inVRF =
        "\n  neighbor 10.0.0.2 prefix-list a in\n  neighbor 10.0.0.2 prefix-list a out\n"
        + "ip prefix-list a permit 0.0.0.0/0\ninterface ten1/1\n vrf definition one\n ip address 10.0.0.1/24" + port

    static let protocolCases = [
        Case(.missingRemoteAS, 2, 2, "router bgp 42\n neighbor 1.2.3.4 passive"),
        Case(
            .internalOptionE, 5, 2,
            nni + "router bgp 42\n neighbor 1.2.3.4 remote-as 42\n address-family vpnv4\n  neighbor 1.2.3.4 optE"),
        Case(
            .internalOptionB, 5, 2,
            relayNNI + "router bgp 42\n neighbor 1.2.3.4 remote-as 42\n address-family vpnv4\n  neighbor 1.2.3.4 optB"),
        Case(
            .internalOptionC, 5, 2,
            wayNNI + "router bgp 42\n neighbor 1.2.3.4 remote-as 42\n" + ways + "  neighbor 1.2.3.4 optC"),
        Case(.labelledWithoutList, 7, 3, wayNNI + bgp + ways + "  neighbor 1.2.3.4 optC" + firstPort),
        Case(
            .labelledWithoutList, 8, 3,
            "ip prefix-list r permit 10.0.0.9/32\n" + wayNNI + bgp + ways + "  neighbor 1.2.3.4 optC\n"
                + "  neighbor 1.2.3.4 prefix-list r in depth 1" + firstPort),
        Case(
            .manyReflectors, 266, 32,
            (0..<257).map { "ip prefix-list r permit 10.\($0 / 256).\($0 % 256).1/32\n" }.joined()
                + "ip prefix-list i permit 10.97.0.0/16 ge 32\n" + wayNNI + bgp + ways
                + "  neighbor 1.2.3.4 optC\n  neighbor 1.2.3.4 prefix-list r out depth 1\n  neighbor 1.2.3.4 prefix-list i in"
                + firstPort),
        Case(
            .notSupported, 9, 32,
            "ip prefix-list r deny 10.0.0.9/32\n" + wayNNI + bgp + ways + "  neighbor 1.2.3.4 optC\n"
                + "  neighbor 1.2.3.4 prefix-list r in depth 1"),
        Case(
            .relayWithoutEffect, 12, 3, core + ways + "  neighbor 10.0.0.9 transit\n  neighbor 10.0.0.9 activate"),
        Case(.optionMismatch, 7, 3, wayNNI + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE"),
        Case(.optionMismatch, 7, 3, relayNNI + bgp + ways + "  neighbor 1.2.3.4 optC"),
        Case(
            .activatedWithoutPolicy, 12, 3,
            "ip prefix-list r permit 10.0.0.9/32\n" + wayNNI + bgp + ways + "  neighbor 1.2.3.4 optC\n"
                + "  neighbor 1.2.3.4 prefix-list r in\n  neighbor 1.2.3.4 prefix-list r out\n"
                + " address-family vpnv4\n  neighbor 1.2.3.4 activate" + firstPort),
        Case(
            .conflictingStatement, 9, 3,
            wayNNI + bgp + ways + "  neighbor 1.2.3.4 optC\n address-family vpnv4\n  neighbor 1.2.3.4 optB"),
        Case(
            .conflictingStatement, 3, 2,
            "interface ten1/0\n encap mpls optE\n encap mpls optC\n ip address 1.2.3.5/31"),
        Case(
            .notSupported, 7, 3,
            "interface ten1/0\n encap mpls optC\n ipv6 address 2001:db8::1/64\nrouter bgp 42\n"
                + " neighbor 2001:db8::2 remote-as 65001\n" + ways + "  neighbor 2001:db8::2 optC"),
        Case(.optionMismatch, 7, 3, relayNNI + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE"),
        Case(.optionMismatch, 7, 3, nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optB"),
        Case(
            .conflictingStatement, 8, 3,
            nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE\n  neighbor 1.2.3.4 optB"),
        Case(.relayWithoutTargets, 7, 3, relayNNI + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optB" + firstPort),
        Case(
            .relayWithoutEffect, 8, 3,
            nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE\n  neighbor 1.2.3.4 route-target import 1:1"
                + firstPort),
        Case(
            .conflictingStatement, 9, 3,
            relayNNI + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optB\n"
                + "  neighbor 1.2.3.4 route-target import 1:1 as 1:2\n  neighbor 1.2.3.4 route-target import 1:1"),
        Case(
            .invalidValue, 8, 23,
            relayNNI + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optB\n  neighbor 1.2.3.4 rd 42"),
        Case(.neighborOffNNI, 4, 3, bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optB"),
        Case(.neighborOffNNI, 4, 3, bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE"),
        Case(
            .neighborIsSelf, 7, 3,
            nni + "router bgp 42\n neighbor 1.2.3.5 remote-as 1\n address-family vpnv4\n  neighbor 1.2.3.5 optE"),
        Case(
            .notSupported, 7, 3,
            "interface ten1/0\n encap mpls optE\n ipv6 address 2001:db8::1/64\nrouter bgp 42\n"
                + " neighbor 2001:db8::2 remote-as 65001\n address-family vpnv4\n  neighbor 2001:db8::2 optE"),
        Case(.activatedWithoutPolicy, 4, 3, bgp + " address-family vpnv4\n  neighbor 1.2.3.4 activate"),
        Case(.nothingToExchange, 2, 2, bgp + " neighbor 1.2.3.4 description nothing is said of families"),
        Case(
            .nothingToExchange, 2, 2,
            "router bgp 42\n neighbor 1.2.3.4 remote-as 42\n address-family vpnv4\n  neighbor 1.2.3.4 activate"),
        Case(.hiddenPassword, 3, 2, bgp + " neighbor 1.2.3.4 password <hidden>"),
        Case(
            .internalNeighbor, 6, 3,
            vrf + "router bgp 42\n address-family ipv4 vrf one\n  neighbor 10.0.0.2 remote-as 42"
                + inVRF),
        Case(
            .neighborOffCircuit, 6, 3,
            vrf + "router bgp 42\n address-family ipv4 vrf one\n  neighbor 10.0.1.2 remote-as 65001"
                + inVRF.replacing("10.0.0.2", with: "10.0.1.2")),
        Case(
            .neighborWithoutPolicy, 6, 3,
            vrf + "router bgp 42\n address-family ipv4 vrf one\n  neighbor 10.0.0.2 remote-as 65001"
                + inVRF.replacing("  neighbor 10.0.0.2 prefix-list a out\n", with: "")),
        Case(
            .tooFewLabels, 1, 1,
            "mpls label range 16 17\n" + vrf + " optE\nip vrf two\n rd 42:2\n route-target both 42:2\n optE\n"
                + "ip vrf three\n rd 42:3\n route-target both 42:3\n optE\n" + nni + bgp
                + " address-family vpnv4\n  neighbor 1.2.3.4 optE\nport ten1/0\n device net_null0"),
        Case(.undefinedLabelSpace, 5, 27, labelBlock + vrf + " label common 50001 space tenants"),
        Case(.commonLabelOutsideBlock, 4, 2, vrf + " label common 1001"),
        Case(.commonLabelOutsideBlock, 5, 2, labelBlock + vrf + " label common 2000"),
        Case(.commonLabelOutsideBlock, 3, 2, labelBlock + labelSpace + " dcb-label 999"),
        Case(.labelSpaceWithoutLabel, 2, 1, labelBlock + labelSpace + " block 101 200"),
        Case(.commonLabelClash, 8, 2, labelBlock + vrf + " label common 1001\n" + second + " label common 1001"),
        Case(
            .commonLabelClash, 10, 2,
            labelBlock + labelSpace + " dcb-label 1999\n" + vrf + " label common 7000 space tenants\n" + second
                + " label common 7000 space tenants"),
        Case(
            .commonLabelClash, 7, 2, labelBlock + labelSpace + " dcb-label 1999\n" + vrf + " label common 1999"),
        Case(
            .commonLabelClash, 8, 2,
            labelBlock + labelSpace + " dcb-label 1999\n block 101 200\n" + vrf + " label common 150 space tenants"),
        Case(.lineWithoutEffect, 4, 2, vrf + " label common fallback"),
        Case(.invalidValue, 1, 22, "mpls label-block dcb 15 1999"),
        Case(.conflictingStatement, 6, 2, labelBlock + vrf + " label common 1001\n label common 1002"),
        Case(.fpmWithoutPort, 1, 1, "fpm hold-time 60"),
        Case(
            .metricsOnInterface, 1, 16,
            "metrics listen 10.1.0.1\n" + vrf + "interface ten1/1\n vrf definition one\n ip address 10.1.0.1/24"),
        Case(
            .tooManyLogCollectors, 9, 14,
            (1...9).map { "logging host 192.0.2.\($0)" }.joined(separator: "\n")),
        Case(.unusableAddress, 1, 14, "logging host 224.0.0.1"),
        Case(.unknownKeyword, 1, 43, "logging host 192.0.2.1 port 514 transport tls"),
        Case(.unusableAddress, 1, 16, "metrics listen 0.0.0.0"),
        Case(.unusableAddress, 1, 16, "metrics listen ::"),
        Case(.unusableAddress, 1, 16, "metrics listen ::ffff:0.0.0.0"),
        Case(.unusableAddress, 1, 16, "metrics listen ::ffff:10.1.0.1"),
        Case(.unusableAddress, 1, 16, "metrics listen ff02::1"),
        Case(.unusableAddress, 1, 16, "metrics listen 255.255.255.255"),
        Case(.unusableAddress, 1, 16, "metrics listen fe80::1"),
        Case(.invalidValue, 1, 30, "metrics listen 10.0.0.1 port 0"),
        Case(.conflictingStatement, 2, 1, "metrics listen 10.0.0.1\nmetrics off"),
        Case(
            .duplicateHostDevice, 8, 14,
            "interface ten1/1\n encap mpls core\n ip address 10.1.0.1/24\n host-device core0\n"
                + "interface ten1/2\n encap mpls core\n ip address 10.2.0.1/24\n host-device core0"),
        Case(.loopbackWithoutAddress, 1, 1, "interface loopback0\n description nothing"),
        Case(
            .transportWithoutLoopback, 5, 1,
            "interface ten1/0\n encap mpls core\n ip address 10.98.0.2/24\n!\ntransport udp 10.0.0.0/24\n"
                + "port ten1/0\n device net_null0"),
        Case(
            .staticLabelInRange, 2, 30,
            "mpls label range 1000 2000\n" + multipoint.replacing("1700", with: "2000") + coreLink),
        Case(.staticLabelInRange, 3, 30, reduced + "mpls label-block dcb 1000 1999\n" + multipoint + coreLink),
        Case(
            .conflictingMultipointLabel, 3, 30,
            reduced + multipoint + multipoint.replacing("from 10.0.0.7", with: "from 10.0.0.8") + coreLink),
        Case(.duplicateBranch, 3, 52, reduced + multipoint + multipoint.replacing("17\n", with: "18\n") + coreLink),
        Case(.branchToSource, 2, 52, reduced + multipoint.replacing("to 10.0.0.9", with: "to 10.0.0.7") + coreLink),
        Case(
            .tooManyBranches, 66, 52,
            reduced
                + (0...64).map { multipoint.replacing("to 10.0.0.9", with: "to 10.0.2.\($0)") }.joined() + coreLink),
        Case(.multipointWithoutCore, 2, 1, reduced + multipoint),
        Case(.transportWithoutCore, 3, 1, "interface loopback0\n ip address 10.0.0.1/32\ntransport udp 10.0.0.0/24"),
        Case(
            .internalWithoutLoopback, 3, 2,
            "router bgp 42\n neighbor 10.0.0.9 remote-as 42\n neighbor 10.0.0.9 update-source loopback0"),
        Case(
            .externalReflectorClient, 8, 3,
            nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE\n  neighbor 1.2.3.4 route-reflector-client"),
        Case(
            .externalLabeledUnicast, 4, 3,
            "router bgp 42\n neighbor 10.0.0.9 remote-as 43\n address-family ipv4 labeled-unicast\n"
                + "  neighbor 10.0.0.9 activate"),
        Case(
            .externalRouteTargets, 9, 3,
            nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE\n address-family rtfilter unicast\n"
                + "  neighbor 1.2.3.4 activate"),
        Case(
            .externalSignalling, 9, 3,
            nni + bgp + " address-family vpnv4\n  neighbor 1.2.3.4 optE\n address-family l2vpn evpn\n"
                + "  neighbor 1.2.3.4 activate"),
        Case(
            .routeTargetsWithoutVPN, 4, 3,
            "router bgp 42\n neighbor 10.0.0.9 remote-as 42\n address-family rtfilter unicast\n"
                + "  neighbor 10.0.0.9 activate"),
        Case(
            .updateSourceWithoutEffect, 6, 2,
            nni + bgp + " neighbor 1.2.3.4 update-source loopback0\n address-family vpnv4\n  neighbor 1.2.3.4 optE\n"
                + "port ten1/0\n device net_null0"),
        Case(
            .lineWithoutEffect, 13, 3,
            core + " address-family vpnv4\n  neighbor 10.0.0.9 activate\n  neighbor 10.0.0.9 route-reflector-client"),
        Case(
            .lineWithoutEffect, 14, 3,
            core + " address-family vpnv4\n  neighbor 10.0.0.9 activate\n address-family vpnv6\n"
                + "  neighbor 10.0.0.9 route-reflector-client"),
        Case(
            .lineWithoutEffect, 13, 3,
            core + " address-family ipv6 labeled-unicast\n  neighbor 10.0.0.9 activate\n"
                + "  neighbor 10.0.0.9 explicit-null"),
        Case(
            .lineWithoutEffect, 14, 3,
            core + " address-family vpnv4\n  neighbor 10.0.0.9 activate\n address-family ipv4 labeled-unicast\n"
                + "  neighbor 10.0.0.9 explicit-null"),
        Case(
            .lineWithoutEffect, 11, 2,
            core + " bgp cluster-id 1.1.1.1\n address-family vpnv4\n  neighbor 10.0.0.9 activate"),
        Case(.impossibleTimers, 3, 2, bgp + " neighbor 1.2.3.4 timers 4 9"),
        Case(.impossibleTimers, 3, 2, bgp + " neighbor 1.2.3.4 timers 0 2"),
    ]

    static let serviceCases = [
        Case(
            .misplacedService, 6, 2,
            vrf + "interface ten1/1\n vrf definition one\n mpls diffserv-mode uniform"),
        Case(.misplacedService, 6, 2, vrf + "interface ten1/1\n vrf definition one\n optE source-mac"),
        Case(
            .serviceWithoutEffect, 6, 23,
            vrf + "interface ten1/1\n vrf definition one\n service-policy input p\n" + lookingAtLabel + port),
        Case(
            .burstBelowFrame, 3, 3,
            "policy-map p\n class class-default\n  police cir 80000 bc 1500 account 24\n" + vrf
                + "interface ten1/1\n vrf definition one\n service-policy input p" + port),
        Case(.undefinedObjectGroup, 2, 2, "ip access-list extended a\n 10 permit ip object-group g any"),
        Case(
            .wrongObjectGroup, 4, 2,
            "object-group port g\n port eq 7\nip access-list extended a\n 10 permit ip object-group g any"),
        Case(.emptyObjectGroup, 1, 1, "object-group network g"),
        Case(.accessListTooLarge, 132, 2, largeGroup + "ip access-list extended a\n permit ip \(group) \(group)"),
        Case(
            .undefinedTableMap, 3, 36,
            "policy-map p\n class class-default\n  set dscp mpls experimental table t"),
        Case(
            .invalidValue, 5, 47,
            "table-map t\n map from 3 to 8\npolicy-map p\n class class-default\n"
                + "  set mpls experimental imposition dscp table t"),
        Case(
            .undefinedClassMap, 3, 3,
            "policy-map p\n class class-default\n  police cir 8000 conform-color c conform-action transmit"),
        Case(.duplicateSequence, 3, 2, "ip access-list extended a\n 10 permit ip any any\n 10 deny ip any any"),
        Case(.undefinedPrefixList, 4, 26, vrf + " import prefix-list ipv4 a"),
        Case(.duplicateSequence, 2, 1, "ip prefix-list a permit 1.0.0.0/8\nip prefix-list a seq 5 permit 2.0.0.0/8"),
        Case(.emptyAccessList, 1, 1, "ip access-list standard a\n remark nothing"),
        Case(.emptyClassMap, 1, 1, "class-map match-all c"),
        Case(.impossibleRate, 3, 31, "policy-map p\n class class-default\n  police cir 100000000000 pir 100000"),
        Case(
            .impossibleRate, 3, 41,
            "policy-map p\n class class-default\n  police cir 100000 conform-action drop violate-action drop"),
        Case(.invalidValue, 3, 26, "policy-map p\n class class-default\n  police cir 10000000 bc 100"),
        Case(
            .unreachableClass, 2, 8,
            "policy-map p\n class class-default\n class c\nclass-map match-any c\n match any"),
    ]

    private static let exporter = "flow exporter e\n destination 192.0.2.1\n"
    static let flowCases = [
        Case(.undefinedFlowMonitor, 4, 15, vrf + " flow monitor m"),
        Case(.undefinedFlowExporter, 2, 11, "flow monitor m\n exporter e"),
        Case(.incompleteFlowMonitor, 1, 1, "flow monitor m\n cache entries 16"),
        Case(.incompleteFlowExporter, 1, 1, "flow exporter e\n transport udp 2055"),
        Case(.sourceOfOtherFamily, 3, 2, exporter + " source 2001:db8::1"),
        Case(.conflictingStatement, 4, 2, exporter + " transport tcp\n template-interval 60"),
        Case(.conflictingStatement, 4, 2, exporter + " transport tcp\n transport udp"),
        Case(.invalidValue, 2, 16, "flow monitor m\n cache entries 15"),
        Case(.invalidValue, 2, 23, "flow monitor m\n cache timeout active 0"),
        Case(.invalidValue, 2, 20, "flow monitor m\n sampling 1 out-of 65536"),
        Case(.notSupported, 3, 2, exporter + " export-protocol netflow-v9"),
    ]

    private static let circuit = vrf + "interface ten1/1\n vrf definition one\n ip address 10.0.0.1/24\n"
    private static let second = "ip vrf two\n rd 42:2\n"
    static let routeMapCases = [
        Case(.undefinedRouteMap, 7, 22, circuit + " ip policy route-map m"),
        Case(.undefinedAccessList, 2, 19, "route-map m permit 10\n match ip address a"),
        Case(
            .wrongAccessListFamily, 4, 21,
            "ip access-list standard a\n permit any\nroute-map m permit 10\n match ipv6 address a"),
        Case(.undefinedVRF, 2, 10, "route-map m permit 10\n set vrf one"),
        Case(.undefinedVRF, 4, 20, vrf + " policy-route from two"),
        Case(.duplicateSequence, 3, 1, "route-map m permit 10\n match length 0 9\nroute-map m deny 10"),
        Case(.ineffectiveSet, 2, 2, "route-map m deny 10\n set interface null0"),
        Case(.ineffectiveSet, 2, 18, "route-map m deny 10\n set ip next-hop 10.0.0.2"),
        Case(.conflictingStatement, 6, 10, vrf + "route-map m permit 10\n set ip next-hop 10.0.0.2\n set vrf one"),
        Case(.conflictingStatement, 6, 10, vrf + "route-map m permit 10\n set interface null0\n set vrf one"),
        Case(
            .policyRouteNotAllowed, 9, 22,
            second + circuit + " ip policy route-map m\nroute-map m permit 10\n set vrf two"),
        Case(
            .familyNotCarried, 11, 22,
            second + " policy-route from one\n address-family ipv6\n" + circuit
                + " ip policy route-map m\nroute-map m permit 10\n set vrf two"),
        Case(
            .unreachableNextHop, 7, 22,
            circuit + " ip policy route-map m\nroute-map m permit 10\n set ip next-hop 10.0.0.2 192.0.2.1" + port),
        Case(
            .unreachableNextHop, 7, 22,
            circuit + " ip policy route-map m\nroute-map m permit 10\n set ip next-hop 10.0.0.1" + port),
        Case(
            .misplacedService, 2, 22,
            "interface ten1/1\n ip policy route-map m\ninterface ten1/1.3\n encapsulation dot1q 3\n vrf definition one\n"
                + vrf + "route-map m permit 10"),
        Case(.notSupported, 2, 2, "route-map m permit 10\n set ip next-hop verify-availability 10.0.0.2 1 track 1"),
        Case(
            .conflictingStatement, 3, 2,
            "route-map m permit 10\n set ip next-hop recursive 10.0.0.2\n set ip next-hop recursive 10.0.0.3"),
        Case(
            .conflictingStatement, 3, 2,
            "route-map m permit 10\n set ip next-hop 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6\n"
                + " set ip next-hop recursive 192.0.2.1"),
        Case(
            .conflictingStatement, 3, 10,
            "route-map m permit 10\n set ip next-hop recursive 10.0.0.2\n set vrf one\n" + vrf),
        Case(.ineffectiveSet, 2, 2, "route-map m deny 10\n set ipv6 next-hop recursive 2001:db8::2"),
        Case(.notSupported, 2, 2, "route-map m permit 10\n set ip default next-hop 10.0.0.2"),
        Case(.undefinedPrefixList, 2, 31, "route-map m permit 10\n match ip address prefix-list a"),
        Case(.undefinedCommunityList, 2, 18, "route-map m permit 10\n match community a"),
        Case(.undefinedCommunityList, 2, 24, "route-map m permit 10\n match large-community a"),
        Case(.undefinedCommunityList, 2, 16, "route-map m permit 10\n set comm-list a delete"),
        Case(.undefinedCommunityList, 2, 21, "route-map m permit 10\n match extcommunity a"),
        Case(.undefinedRouteMap, 3, 19, "ip vrf v\n rd 42:7\n import route-map m"),
        Case(
            .familyNotCarried, 4, 24,
            "ip vrf v\n rd 42:7\n address-family ipv4\n export route-map ipv6 m\nroute-map m permit 10"),
        Case(
            .wrongRouteMapUse, 3, 19,
            "ip vrf v\n rd 42:7\n import route-map m\nroute-map m permit 10\n set extcommunity rt 42:1"),
        Case(
            .wrongRouteMapUse, 3, 24,
            "ip vrf v\n rd 42:7\n export route-map ipv4 m\nroute-map m permit 10\n set ip dscp ef"),
        Case(
            .conflictingStatement, 4, 2,
            "ip vrf v\n rd 42:7\n import route-map m\n import route-map ipv6 n\nroute-map m permit 10\n"
                + "route-map n permit 10"),
        Case(.notSupported, 1, 1, "ip extcommunity-list expanded a permit .*"),
        Case(.undefinedASPathList, 2, 16, "route-map m permit 10\n match as-path a"),
        Case(.notSupported, 1, 1, "ip community-list expanded a permit 1:.*"),
        Case(.ineffectiveSet, 2, 2, "route-map m deny 10\n set local-preference 200"),
        Case(
            .wrongRouteMapUse, 7, 22,
            circuit + " ip policy route-map m\nroute-map m permit 10\n set metric 5" + port),
        Case(
            .duplicateSequence, 2, 1,
            "ip as-path access-list a permit ^1$\nip as-path access-list a seq 5 permit ^2$"),
        Case(.notSupported, 2, 2, "route-map m permit 10\n continue"),
    ]

    @Test func `what contradicts is said with both lines`() throws {
        func message(_ text: String) throws -> String { try #require(diagnostics(of: text).first).message }
        #expect(
            try message(Self.labelBlock + Self.vrf + " label common 1001\n" + Self.second + " label common 1001")
                == "label 1001 is that of VRF 'one' (line 5)")
        #expect(
            try message(Self.labelBlock + Self.vrf + " label common 2000")
                == "the label of VRF 'one' is not in the block 1000 to 1999 (line 1)")
        #expect(
            try message(Self.labelBlock + Self.labelSpace + Self.vrf + " label common 70 space tenants")
                == "no label of the block names the label space 'tenants', and VRF 'one' has a label of it (line 6)")
    }

    static let cases =
        textCases + nameCases + interfaceCases + vrfAndRouteCases + protocolCases + serviceCases + flowCases
        + routeMapCases

    @Test(arguments: cases)
    func isTheOnlyOneAndInItsPlace(_ wanted: Case) throws {
        let found = diagnostics(of: wanted.text)
        #expect(found.map(\.code) == [wanted.code], "\(found.map(\.description).joined())")
        let diagnostic = try #require(found.first)
        #expect(diagnostic.location == SourceLocation(file: "test.conf", line: wanted.line, column: wanted.column))
    }

    @Test func everyCodeHasACase() {
        // What only a line that is typed can be told is in `ConfigurationEditorTests`.
        #expect(Set(Self.cases.map(\.code)) == Set(DiagnosticCode.allCases).subtracting([.undefinedLine]))
    }

    @Test func eachPortThatIsMissingIsSaidOnce() {
        let circuits = (1...3).map {
            "interface ten1/\($0 % 2).\($0)\n encapsulation dot1q \($0)\n vrf definition one\n"
        }.joined()
        let found = diagnostics(of: Self.vrf + circuits + "port ten1/9\n device net_null9")
        #expect(found.map(\.code) == [.interfaceWithoutPort, .interfaceWithoutPort])
        #expect(found.map(\.location.line) == [4, 7])
        // Whoever has written no port at all knows.
        #expect(diagnostics(of: Self.vrf + circuits).map(\.location.line) == [4])
        #expect(diagnostics(of: Self.vrf + circuits.replacing("one\n", with: "one\n shutdown\n")).isEmpty)
    }

    @Test func aFullFrameConforms() {
        func found(_ policer: String, _ interface: String = "") -> [DiagnosticCode] {
            diagnostics(
                of: "policy-map p\n class class-default\n  police cir \(policer)\n" + Self.vrf
                    + "interface ten1/1\n vrf definition one\n service-policy output p\n" + interface + Self.port
                    + "\n mtu 9000"
            ).map(\.code)
        }
        #expect(found("80000 bc 9000").isEmpty)
        #expect(found("80000 bc 8999") == [.burstBelowFrame])
        #expect(found("80000 bc 8999 account -1").isEmpty)
        #expect(found("80000 bc 9000 account 1") == [.burstBelowFrame])
        #expect(found("80000 bc 1500", " mtu 1500\n").isEmpty)
    }

    @Test func warningsDoNotRefuse() throws {
        let loaded = try load(Self.vrf + "ip route vrf one 10.0.0.0/8 192.0.2.1")
        #expect(loaded.warnings.map(\.code) == [.unreachableNextHop])
        #expect(loaded.configuration.staticRoutes.count == 1)
    }

    @Test func aValueThatDoesNotFitIsSaidWhereItIsUsed() throws {
        let found = try #require(
            diagnostics(
                of: "table-map t\n map from 3 to 8\npolicy-map p\n class class-default\n"
                    + "  set mpls experimental imposition dscp table t"
            ).first)
        #expect(found.message == "table map 't' gives 8, which is no traffic class")
        #expect(found.hint == "the value is on line 2")
    }

    @Test func allErrorsAreListedInTheOrderOfTheLines() {
        let found = diagnostics(of: "hostname\nip vrf one\n rd x\n optF\ninterface ten1/0.1\nbogus\n")
        #expect(found.map(\.location.line) == [1, 3, 4, 5, 6])
    }

    @Test func caretStandsUnderItsCharacterBehindTabsAndAccents() throws {
        let found = try #require(diagnostics(of: "ip vrf one\n\trd 1:1\n\tdescription é\n\trd é x\n").first)
        #expect(found.location.column == 5)
        #expect(
            found.description.hasSuffix(
                "  \trd é x\n  \t   ^\n  expected: a route distinguisher: ASN:number or A.B.C.D:number\n"))
    }
}
