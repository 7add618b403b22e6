import Configuration
import Testing

/// Where an example of a statement may stand.
enum StatementContext {
    /// What examples name.
    private static let common = """
        port ten1/0
         device net_null0
        port ten1/1
         device net_null1
        flow exporter office
         destination 192.0.2.1
        flow monitor customers
         exporter office
        ip prefix-list office seq 10 permit 10.0.0.0/8
        ipv6 prefix-list office seq 10 permit 2001:db8::/32
        ip community-list standard customers seq 10 permit 65001:7
        ip large-community-list standard customers seq 10 permit 65001:7:7
        ip extcommunity-list standard customers seq 10 permit rt 42:7
        ip as-path access-list customers seq 10 permit ^$
        route-map customers permit 10
        ip vrf one
         rd 42:1
        ip vrf two
         rd 42:2
         policy-route from one
        ip access-list extended web
         10 permit tcp any any eq 80
        ipv6 access-list web6
         10 permit tcp any any eq 80
        class-map match-all voice
         match dscp ef
        table-map classes
         default copy
        policy-map limit
         class voice
          police cir 1000000
        route-map office permit 10
         set ip dscp ef
        interface ten1/0
         encap mpls optE
         ip address 192.0.2.1/24
        interface ten1/1
         vrf definition one
         ip address 10.1.0.1/24
         ipv6 address 2001:db8:1::1/64
        router bgp 42
         neighbor 192.0.2.2 remote-as 65001
         neighbor 198.51.100.2 remote-as 42
         neighbor far-ends peer-group
         address-family vpnv4
          neighbor 192.0.2.2 optE
         address-family ipv4 vrf one
          neighbor 10.1.0.2 remote-as 65001

        """

    /// The lines around those of a block's example; `•` stands for the example.
    private static let blocks = [
        "the top level": "•",
        "'port'": "port ten1/5\n device net_null5\n•",
        "'dataplane'": "dataplane\n•",
        "'ip vrf'": "ip vrf one\n•",
        "'mpls label-space'": "mpls label-space tenants\n•",
        "'interface'": "interface ten1/1\n•",
        "'interface loopback0'": "interface loopback0\n•",
        "'object-group'": "object-group network three\n•",
        "'ip access-list extended'": "ip access-list extended three\n 1 permit ip any any\n•",
        "'class-map'": "class-map match-any three\n match dscp af41\n•",
        "'policy-map'": "policy-map three\n•\n  police cir 1000000",
        "'class' of 'policy-map'": "policy-map three\n class voice\n•",
        "'table-map'": "table-map three\n map from 1 to 2\n•",
        "'route-map'": "route-map three permit 10\n•",
        "'flow exporter'": "flow exporter three\n destination 192.0.2.1\n•",
        "'flow monitor'": "flow monitor three\n exporter office\n•",
        "'router bgp'": "router bgp 42\n•",
        "'address-family vpnv4' and 'vpnv6' of 'router bgp'": "router bgp 42\n address-family vpnv4\n•",
        "'address-family … labeled-unicast' of 'router bgp'":
            "router bgp 42\n address-family ipv4 labeled-unicast\n•",
        "'address-family rtfilter' of 'router bgp'":
            "router bgp 42\n address-family vpnv4\n  neighbor 198.51.100.2 activate\n"
            + " address-family rtfilter unicast\n•",
        "'address-family … mvpn' and 'l2vpn evpn' of 'router bgp'": "router bgp 42\n address-family ipv4 mvpn\n•",
        "'address-family … vrf' of 'router bgp'": "router bgp 42\n address-family ipv4 vrf one\n•",
    ]

    /// Lines that certain examples want around them instead.
    private static let examples = [
        "port ten1/9": "•\n device net_null9",
        "vrf definition three": "•\n rd 42:3",
        "ip vrf three": "•\n rd 42:3",
        "object-group network three": "•\n host 192.0.2.7",
        "object-group v6-network three": "•\n host 2001:db8::7",
        "object-group port three": "•\n port eq 80",
        "ip access-list standard three": "•\n permit 10.0.0.0/8",
        "ip access-list extended three": "•\n permit ip any any",
        "ipv6 access-list three": "•\n permit ipv6 any any",
        "class-map match-all three": "•\n match dscp ef",
        "policy-map three": "•\n class voice\n  set dscp ef",
        "flow exporter three": "•\n destination 192.0.2.1",
        "flow monitor three": "•\n exporter office",
        "dataplane": "•\n workers 2",
        "interface ten1/9": "•\n description unused",
        "port range 1000 2000": "object-group port three\n•",
        "pci 0000:03:00.0": "port ten1/5\n•",
        "device net_af_packet0,iface=veth0": "port ten1/5\n•",
        "mpls label-space three": "•\n dcb-label 1999\nmpls label-block dcb 1000 1999",
        "dcb-label 1999": "mpls label-block dcb 1000 1999\nmpls label-space three\n•",
        "block 101 200": "mpls label-block dcb 1000 1999\nmpls label-space three\n dcb-label 1999\n•",
        "label common 1001": "mpls label-block dcb 1000 1999\nip vrf two\n•",
        "label common fallback": "mpls label-block dcb 1000 1999\nip vrf two\n label common 1001\n•",
        "rd 42:1": "ip vrf one\n•",
        "encap mpls optE": "interface ten1/2\n ip address 198.51.100.1/24\n•",
        "encap mpls optB": "interface ten1/2\n ip address 198.51.100.1/24\n•",
        "encap mpls optC": "interface ten1/2\n ip address 198.51.100.1/24\n•",
        "encap mpls core": "interface ten1/2\n ip address 198.51.100.1/24\n•",
        "encap mpls csc": "interface ten1/2\n vrf definition two\n ip address 198.51.100.1/24\n•",
        "neighbor 10.1.0.2 send-label":
            "interface ten1/1\n encap mpls csc\nrouter bgp 42\n address-family ipv4 vrf one\n•",
        "transport udp 10.0.1.0/24 by-community":
            "•\ninterface loopback0\n ip address 10.0.0.1/32\n"
            + "interface ten1/2\n encap mpls core\n ip address 198.51.100.1/24",
        "mpls static multipoint label 1700 from 10.0.0.7 inner-labels 1 to 10.0.0.9 label 17":
            "•\nmpls label range 100000 1048575\ninterface ten1/2\n encap mpls core\n ip address 198.51.100.1/24",
        "host-device core0": "interface ten1/2\n encap mpls core\n ip address 198.51.100.1/24\n•",
        "fpm hold-time 300": "•\nfpm port 2620",
        "fpm refresh-time 60": "•\nfpm port 2620",
        "fpm implicit-null ipv4 10.0.0.3/32": "•\nfpm port 2620",
        "fpm implicit-null ipv6 2001:db8:ff::3/128": "•\nfpm port 2620",
        "description this box": "interface loopback0\n ip address 10.0.0.1/32\n•",
        "optE source-mac": "interface ten1/0\n•",
        "optE bind ten1/2":
            "interface ten1/2\n encap mpls optE\n ip address 198.51.100.1/24\n"
            + "interface ten1/2.7\n encapsulation dot1q 7\n encap mpls optE\n ip address 198.51.101.1/24\n"
            + "interface ten1/2.1\n vrf definition one\n•",
        "encapsulation dot1q 7": "interface ten1/1.7\n vrf definition two\n•",
        "mpls diffserv-mode uniform": "interface ten1/0\n•",
        "default copy": "table-map three\n•",
        "map from 5 to 46": "table-map three\n•",
        "optE 192.0.2.2": "ip vrf two\n•",
        "optAB 192.0.2.2 next-hop 10.1.0.9": "ip vrf one\n route-target both 42:1\n•",
        "address-family ipv4": "ip vrf two\n•",
        "address-family ipv6": "ip vrf two\n•",
        "neighbor 192.0.2.2 peer-group far-ends": "router bgp 42\n•",
        "address-family vpnv4": "router bgp 42\n•\n  neighbor 192.0.2.2 activate",
        "address-family vpnv6": "router bgp 42\n•\n  neighbor 192.0.2.2 activate",
        "address-family ipv4 labeled-unicast": "router bgp 42\n•\n  neighbor 198.51.100.2 activate",
        "address-family ipv6 labeled-unicast": "router bgp 42\n•\n  neighbor 198.51.100.2 activate",
        "address-family ipv4 mvpn": "router bgp 42\n•\n  neighbor 198.51.100.2 activate",
        "address-family ipv6 mvpn": "router bgp 42\n•\n  neighbor 198.51.100.2 activate",
        "address-family l2vpn evpn": "router bgp 42\n•\n  neighbor 198.51.100.2 activate",
        "address-family rtfilter unicast":
            "router bgp 42\n address-family vpnv4\n  neighbor 198.51.100.2 activate\n•\n  neighbor 198.51.100.2 activate",
        "send-community extended": "router bgp 42\n address-family vpnv4\n•",
    ]

    /// Lines around examples that do not go with what examples name otherwise.
    private static let examplesAlone = [
        "optB 198.51.100.2":
            "interface ten1/0\n encap mpls optB\n ip address 198.51.100.1/24\nrouter bgp 42\n"
            + " neighbor 198.51.100.2 remote-as 65001\n address-family vpnv4\n  neighbor 198.51.100.2 optB\n"
            + "ip vrf two\n rd 42:2\n•",
        "neighbor 192.0.2.2 optB":
            "interface ten1/0\n encap mpls optB\n ip address 192.0.2.1/24\nrouter bgp 42\n neighbor 192.0.2.2 remote-as 65001\n"
            + " address-family vpnv4\n•",
        "neighbor 198.51.100.2 optB":
            "interface ten1/0\n encap mpls optB\n ip address 198.51.100.1/24\nrouter bgp 42\n"
            + " neighbor 198.51.100.2 remote-as 65001\n address-family ipv4 mvpn\n•",
        "neighbor 198.51.100.2 optC":
            "interface ten1/0\n encap mpls optC\n ip address 198.51.100.1/24\nrouter bgp 42\n"
            + " neighbor 198.51.100.2 remote-as 65001\n address-family ipv4 labeled-unicast\n•",
        "neighbor 192.0.2.2 route-reflector-client":
            "interface ten1/0\n encap mpls core\n ip address 192.0.2.1/24\nrouter bgp 42\n neighbor 192.0.2.2 remote-as 42\n"
            + " address-family vpnv4\n  neighbor 192.0.2.2 activate\n•",
    ]

    /// Two texts that differ in the example.
    static func texts(around example: String, in block: String) throws -> (without: String, with: String) {
        let alone = examplesAlone[example]
        let lines = try #require(alone ?? examples[example] ?? blocks[block], "there is no context for '\(block)'")
        let common = alone == nil ? common : ""
        // An example stands as deep as the line before it is not.
        let depth = lines == "•" || lines.hasPrefix("•") ? 0 : block.contains(" of ") ? 2 : 1
        let placed = String(repeating: " ", count: depth) + example
        return (
            common + lines.replacing("•", with: String(repeating: " ", count: depth) + "! " + example) + "\n",
            common + lines.replacing("•", with: placed) + "\n"
        )
    }

    /// The lines of a canonical text with the blocks in which they stand; sequence numbers and the neighbors that lines
    /// are about are left out.
    static func lines(of canonical: String) -> [(block: String, line: String)] {
        var heads: [Substring] = []
        return canonical.split(separator: "\n").filter { $0 != "!" }.map { line in
            let depth = line.prefix { $0 == " " }.count
            heads = Array(heads.prefix(depth)) + [line.dropFirst(depth)]
            return (title(ofBlockWith: heads.dropLast()), withoutNames(heads[heads.count - 1], heads.dropLast()))
        }
    }

    private static func withoutNames(_ line: Substring, _ heads: ArraySlice<Substring>) -> String {
        if heads.first?.contains("access-list") == true { return String(line.drop { $0 != " " }.dropFirst()) }
        guard line.hasPrefix("neighbor ") else { return String(line) }
        return "neighbor " + line.dropFirst("neighbor ".count).drop { $0 != " " }.dropFirst()
    }

    private static func title(ofBlockWith heads: ArraySlice<Substring>) -> String {
        guard let outer = heads.first else { return "the top level" }
        if let inner = heads.dropFirst().first {
            if outer.hasPrefix("policy-map") { return "'class' of 'policy-map'" }
            if inner.hasSuffix(" labeled-unicast") { return "'address-family … labeled-unicast' of 'router bgp'" }
            if inner.hasPrefix("address-family rtfilter") { return "'address-family rtfilter' of 'router bgp'" }
            if inner.hasSuffix(" mvpn") || inner.hasSuffix(" evpn") {
                return "'address-family … mvpn' and 'l2vpn evpn' of 'router bgp'"
            }
            return inner.hasPrefix("address-family vpn")
                ? "'address-family vpnv4' and 'vpnv6' of 'router bgp'" : "'address-family … vrf' of 'router bgp'"
        }
        if outer.contains("access-list") { return "'ip access-list extended'" }
        return blocks.keys.filter { outer.hasPrefix($0.dropFirst().dropLast()) }.max { $0.count < $1.count } ?? ""
    }
}
