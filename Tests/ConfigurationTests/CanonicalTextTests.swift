import Configuration
import Testing

/// The canonical text and the parser are each other's inverse.
@Suite struct CanonicalTextTests {
    @Test(arguments: UInt64(1)...400)
    func readingWhatWasPrintedGivesTheSame(_ seed: UInt64) throws {
        let configuration = RandomConfiguration.make(seed: seed)
        let text = configuration.canonicalText
        let again = try load(text).configuration
        #expect(again == configuration, "seed \(seed):\n\(ConfigurationDiff(from: configuration, to: again))\n\(text)")
        #expect(again.canonicalText == text, "seed \(seed)")
    }

    @Test func exampleInCanonicalForm() throws {
        let text = try load(fixture("config-example.conf")).configuration.canonicalText
        #expect(text == (try fixture("config-example.canonical.conf")))
        #expect(try load(text).configuration.canonicalText == text)
    }

    @Test func emptyTextIsAConfiguration() throws {
        #expect(try load("").configuration == Configuration())
        #expect(Configuration().canonicalText == "")
    }

    @Test func aliasesPrintInTheNotesSpellings() throws {
        let text = """
            vrf definition one
             desc "a ! b"
             rd 65536:2
             route-target import 1:1
             route-target export 1:1 1:2
             address-family ipv4 unicast
             exit-address-family
            int TenGigabitEthernet1/0.7
             encap dot1q 7
             ip vrf forwarding one
             ip address 10.0.1.1 255.255.255.0 secondary
             ip address 10.0.0.1 255.255.255.0
            router bgp 1.10
             neigh 2001:DB8::1 remote-as 65001
             neigh 2001:db8::1 passive
            ip route vrf one 0.0.0.0 0.0.0.0 null0
            """
        #expect(
            try load(text).configuration.canonicalText == """
                ip vrf one
                 description "a ! b"
                 rd 65536:2
                 route-target both 1:1
                 route-target export 1:2
                 address-family ipv4
                !
                interface ten1/0.7
                 encapsulation dot1q 7
                 vrf definition one
                 ip address 10.0.0.1/24
                 ip address 10.0.1.1/24 secondary
                !
                router bgp 65546
                 neighbor 2001:db8::1 remote-as 65001
                 neighbor 2001:db8::1 transport connection-mode passive
                !
                ip route vrf one 0.0.0.0/0 Null0

                """)
    }

    @Test func linesOfABlockHaveAnOrderOfTheirOwn() throws {
        let text = """
            router bgp 42
             neighbor far-ends peer-group
             neighbor far-ends shutdown
             neighbor far-ends extended-messages
             address-family vpnv4
              neighbor far-ends prefix-list office out
              neighbor far-ends maximum-prefix 10
              neighbor far-ends prefix-list office in
              neighbor far-ends activate
            ip prefix-list office permit 10.0.0.0/8
            """
        #expect(
            try load(text).configuration.canonicalText == """
                ip prefix-list office seq 5 permit 10.0.0.0/8
                !
                router bgp 42
                 neighbor far-ends peer-group
                 neighbor far-ends extended-messages
                 neighbor far-ends shutdown
                 address-family vpnv4
                  neighbor far-ends activate
                  neighbor far-ends maximum-prefix 10
                  neighbor far-ends prefix-list office in
                  neighbor far-ends prefix-list office out

                """)
    }

    @Test func aLinkLocalNextHopStandsBehindItsInterface() throws {
        let text = """
            ip vrf one
             rd 1:1
            interface ten1/1
             vrf definition one
             ipv6 address 2001:db8:1::1/64
            ipv6 route vrf one ::/0 TenGigabitEthernet1/1 FE80::1 7
            """
        let canonical = try load(text).configuration.canonicalText
        #expect(canonical.hasSuffix("\nipv6 route vrf one ::/0 ten1/1 fe80::1 7\n"), "\(canonical)")
    }
}
