import Addressing
import Configuration
import Testing

/// Lines of route maps, their canonical form, and what they say.
@Suite struct RouteMapTests {
    private static let lists = """
        ip access-list standard a
         permit any
        ip access-list standard b
         permit any
        ipv6 access-list a
         permit ipv6 any any
        ip vrf one
         rd 42:1

        """

    @Test(arguments: [
        ("match ip address b a", "match ip address b a"),
        ("match ip address b\n match ip address a b", "match ip address b a"),
        ("match ipv6 address a", "match ipv6 address a"),
        ("match length 64 1500", "match length 64 1500"),
        ("set ip next-hop 10.0.0.2 10.0.0.3", "set ip next-hop 10.0.0.2 10.0.0.3"),
        ("set ip next-hop 10.0.0.3\n set ip next-hop 10.0.0.2 10.0.0.3", "set ip next-hop 10.0.0.3 10.0.0.2"),
        ("set ipv6 next-hop 2001:DB8::2", "set ipv6 next-hop 2001:db8::2"),
        (
            "set ip next-hop recursive 192.0.2.1\n set ip next-hop 10.0.0.2",
            "set ip next-hop 10.0.0.2\n set ip next-hop recursive 192.0.2.1"
        ),
        ("set ipv6 next-hop recursive 2001:DB8::2", "set ipv6 next-hop recursive 2001:db8::2"),
        ("set vrf one", "set vrf one"),
        ("set interface Null0", "set interface null0"),
        ("set dscp 46", "set ip dscp ef"),
        ("set ip dscp 1", "set ip dscp 1"),
        ("description \"a ! b\"", "description \"a ! b\""),
    ])
    func line(_ line: String, _ canonical: String) throws {
        let text = try load(Self.lists + "route-map m permit 10\n \(line)").configuration.canonicalText
        #expect(text.contains("\nroute-map m permit 10\n \(canonical)\n"), "\(text)")
    }

    @Test(arguments: [
        ("match ip address", 18), ("match length 10", 17), ("match length 10 9", 18), ("match length 0 65536", 17),
        ("set ip next-hop", 17), ("set ip next-hop 224.0.0.1", 18), ("set ip next-hop 2001:db8::1", 18),
        ("set ipv6 next-hop fe80::1", 20), ("set interface ten1/1", 16),
        ("set ip next-hop recursive", 27), ("set ip next-hop recursive 224.0.0.1", 28),
        ("set ipv6 next-hop recursive fe80::1", 30), ("set ip next-hop recursive 10.0.0.1 10.0.0.2", 37),
        ("set interface", 15), ("set ip dscp 64", 14),
        ("set ip next-hop 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 10.0.0.8 10.0.0.9", 90),
        ("set ip nexthop 10.0.0.1", 9),
    ])
    func wrongLineIsRefusedInItsPlace(_ line: String, _ column: Int) {
        let found = diagnostics(of: Self.lists + "route-map m permit 10\n \(line)")
        #expect(found.count == 1, "\(found.map(\.description).joined())")
        #expect(found.first?.location.column == column, "\(found.map(\.description).joined())")
    }

    @Test(arguments: [("route-map m", 12), ("route-map m allow 10", 13), ("route-map m permit 0", 20)])
    func wrongHeadIsRefusedInItsPlace(_ head: String, _ column: Int) {
        let found = diagnostics(of: head)
        #expect(found.map(\.location.column) == [column], "\(found.map(\.description).joined())")
    }

    @Test func entriesAreInTheOrderOfTheirNumbers() throws {
        let loaded = try load(
            "route-map m permit 20\n set interface null0\nroute-map other permit 1\nroute-map m deny 5\n match length 0 9\n"
        )
        let map = try #require(loaded.configuration.routeMaps["m"])
        #expect(map.entries.map(\.sequence) == [5, 20])
        #expect(map.entries.map(\.permits) == [false, true])
        #expect(map.entries.map(\.otherwise) == [.lookup, .discard])
        #expect(loaded.sources[.routeMapEntry(routeMap: "m", sequence: 5)]?.line == 4)
    }

    @Test func whatIsAttachedIsKept() throws {
        let text = """
            ip vrf one
             rd 42:1
             policy-route from two three
            ip vrf two
             rd 42:2
            ip vrf three
             rd 42:3
            interface ten1/1
             vrf definition two
             ip address 10.0.0.1/24
             ip policy route-map m
             ipv6 policy route-map n
             ip policy route-map n out
             ipv6 policy route-map n out
            route-map m permit 10
             set vrf one
            route-map n permit 10
             set interface null0
            """
        let configuration = try load(text).configuration
        #expect(configuration.vrfs["one"]?.policyRouteSources == ["two", "three"])
        let interface = configuration.interfacesInOrder.first
        #expect(
            interface?.routeMaps == [
                AttachmentPlace(.ipv4, .input): "m", AttachmentPlace(.ipv6, .input): "n",
                AttachmentPlace(.ipv4, .output): "n", AttachmentPlace(.ipv6, .output): "n",
            ])
        #expect(configuration.canonicalText.contains(" ip policy route-map m\n ip policy route-map n out\n"))
        #expect(configuration.canonicalText.contains(" policy-route from three two\n"))
        #expect(configuration.allowsPolicyRoute(to: "one", from: "two"))
        #expect(configuration.allowsPolicyRoute(to: "two", from: "two"))
        #expect(!configuration.allowsPolicyRoute(to: "two", from: "one"))
    }

    /// What leaves has been routed in its VRF.
    @Test func aMapForWhatLeavesSetsNoVRF() throws {
        let text = """
            ip vrf one
             rd 42:1
            interface ten1/1
             vrf definition one
             ip address 10.0.0.1/24
             ip policy route-map m out
            route-map m permit 10
             set vrf one
            """

        let found = diagnostics(of: text)
        #expect(found.map(\.code) == [.policyRouteNotAllowed])
        #expect(found.first?.location.line == 6)
        let within = text.replacing("set vrf one", with: "set interface null0")
        for accepted in [within, text.replacing(" out", with: "")] {
            #expect(diagnostics(of: accepted).map(\.code) == [.interfaceWithoutPort])
        }
    }

    /// The services of an NNI are for the VRFs that are eligible there and have no unit: all of those have to be allowed.
    @Test func everyVRFOfAnNNIHasToBeAllowed() throws {
        let text = """
            ip vrf one
             rd 42:1
             route-target both 42:1
             optE 1.2.3.4
            ip vrf two
             rd 42:2
             route-target both 42:2
             optE 1.2.3.4
            ip vrf unit
             rd 42:3
             route-target both 42:3
            ip vrf target
             rd 42:4
             policy-route from one
            interface ten1/0
             encap mpls optE
             ip address 1.2.3.5/31
             ip policy route-map m
            interface ten1/0.2
             vrf definition unit
            route-map m permit 10
             set vrf target
            router bgp 42
             neighbor 1.2.3.4 remote-as 65001
             address-family vpnv4
              neighbor 1.2.3.4 optE
            """
        let found = diagnostics(of: text)
        #expect(found.map(\.code) == [.policyRouteNotAllowed])
        #expect(found.first?.location.line == 18)
        #expect(found.first?.message.contains("packets of VRF 'two' to VRF 'target'") == true)
        let allowed = text.replacing("policy-route from one", with: "policy-route from one two")
        let configuration = try load(allowed).configuration
        let nni = try #require(configuration.interfacesInOrder.first)
        #expect(configuration.index.vrfs(servedOn: nni) == ["one", "two"])
    }
}
