import Addressing
import BGP
import Routing
import Testing

@Suite struct LocalRouteTests {
    private func fib(_ change: (inout VRFInputs) throws -> Void) throws -> [IPPrefix: ForwardingAction] {
        var inputs = try noteInputs()
        var vrf = try #require(inputs.vrfs["one"])
        try change(&vrf)
        inputs.vrfs["one"] = vrf
        let owner = Owner()
        owner.handle(.configure(inputs))
        return owner.fib["one"] ?? [:]
    }

    private func staticRoute(_ text: String, _ nextHop: String?, distance: UInt8 = 1) throws -> StaticRouteInputs {
        StaticRouteInputs(
            prefix: try prefix(text), nextHop: try nextHop.map { .address(try address($0)) } ?? .discard,
            distance: distance)
    }

    @Test func `a circuit brings its subnet and its own address`() throws {
        #expect(
            try fib { _ in } == [
                try prefix("10.1.0.0/24"): .connected(circuit: "ten1/1"), try prefix("10.1.0.1/32"): .receive,
                try prefix("10.1.0.255/32"): .discard,
            ])
    }

    /// RFC 2644; RFC 3021 for /31.
    @Test(arguments: [
        ("10.1.0.5/30", "10.1.0.7/32"), ("10.1.0.5/0", "255.255.255.255/32"), ("10.1.0.4/31", nil),
        ("10.1.0.4/32", nil), ("2001:db8::1/64", nil),
    ])
    func `packets to all hosts of a subnet are discarded`(address: String, broadcast: String?) throws {
        let routes = try fib {
            $0.circuitAddresses = [
                CircuitAddress(circuit: "ten1/1", address: try #require(InterfaceAddress(address)))
            ]
        }
        let discarded = routes.filter { $0.value == .discard }.map(\.key)
        #expect(try discarded == [broadcast].compactMap { try $0.map(prefix) })
    }

    @Test func `a family that the VRF does not carry has no routes`() throws {
        #expect(
            try fib {
                $0.families = [.ipv6]
                $0.staticRoutes = [try staticRoute("10.9.0.0/16", nil)]
            } == [:])
    }

    @Test func `a link-local next hop is on the link of its circuit`() throws {
        let routes = try fib {
            $0.circuitAddresses = [
                CircuitAddress(circuit: "ten1/1", address: try #require(InterfaceAddress("2001:db8:1::1/64"))),
                CircuitAddress(circuit: "ten1/2", address: try #require(InterfaceAddress("2001:db8:2::1/64"))),
                CircuitAddress(circuit: "ten1/3", address: try #require(InterfaceAddress("10.3.0.1/24"))),
            ]
            func route(_ text: String, _ circuit: String) throws -> StaticRouteInputs {
                StaticRouteInputs(
                    prefix: try prefix(text), nextHop: .onLink(circuit: circuit, try #require(IPv6Address("fe80::1"))))
            }
            $0.staticRoutes = [
                try route("2001:db8:11::/48", "ten1/1"), try route("2001:db8:12::/48", "ten1/2"),
                try route("2001:db8:13::/48", "ten1/3"), try route("2001:db8:14::/48", "ten1/4"),
                try route("192.168.1.0/24", "ten1/1"), try staticRoute("2001:db8:15::/48", "fe80::1"),
            ]
        }
        let gateways = routes.filter { if case .gateway = $0.value { true } else { false } }
        #expect(
            try gateways == [
                prefix("2001:db8:11::/48"): .gateway(circuit: "ten1/1", address: try address("fe80::1")),
                prefix("2001:db8:12::/48"): .gateway(circuit: "ten1/2", address: try address("fe80::1")),
            ])
    }

    @Test func `a static route is active while its next hop is on a connected subnet`() throws {
        let routes = try fib {
            $0.staticRoutes = [
                try staticRoute("192.168.1.0/24", "10.1.0.2"), try staticRoute("192.168.2.0/24", "10.5.0.2"),
                try staticRoute("192.168.3.0/24", nil), try staticRoute("192.168.4.0/24", "10.1.0.1"),
                try staticRoute("192.168.5.0/24", "10.1.0.2", distance: 255),
                try staticRoute("192.168.6.0/24", "192.168.1.1"),
            ]
        }
        #expect(routes.count == 5, "three of the circuit and two static ones")
        #expect(
            routes[try prefix("192.168.1.0/24")] == .gateway(circuit: "ten1/1", address: try address("10.1.0.2")))
        #expect(routes[try prefix("192.168.3.0/24")] == .discard)
    }

    @Test func `of several static routes the lowest distance wins, then a next hop, and equal ones are used together`()
        throws
    {
        let routes = try fib {
            $0.staticRoutes = [
                try staticRoute("192.168.1.0/24", "10.1.0.9", distance: 2),
                try staticRoute("192.168.1.0/24", "10.5.0.1", distance: 1),
                try staticRoute("192.168.1.0/24", "10.1.0.7", distance: 2),
                try staticRoute("192.168.1.0/24", nil, distance: 2),
            ]
        }
        #expect(
            routes[try prefix("192.168.1.0/24")]
                == .multipath([
                    .gateway(circuit: "ten1/1", address: try address("10.1.0.7")),
                    .gateway(circuit: "ten1/1", address: try address("10.1.0.9")),
                ]))
    }

    @Test func `a next hop belongs to the longest of the subnets around it`() throws {
        let routes = try fib {
            $0.circuitAddresses.insert(
                CircuitAddress(circuit: "ten9/1", address: try #require(InterfaceAddress("10.1.0.129/25"))))
            $0.staticRoutes = [try staticRoute("192.168.1.0/24", "10.1.0.200")]
        }
        #expect(
            routes[try prefix("192.168.1.0/24")] == .gateway(circuit: "ten9/1", address: try address("10.1.0.200")))
    }

    @Test func `a link-local subnet is not routed`() throws {
        let routes = try fib {
            $0.circuitAddresses.insert(
                CircuitAddress(circuit: "ten1/1", address: try #require(InterfaceAddress("fe80::1/64"))))
        }
        #expect(routes[try prefix("fe80::/64")] == nil)
        #expect(routes[try prefix("fe80::1/128")] == .receive)
    }

    @Test(arguments: [(1, false), (20, false), (21, true), (200, true)] as [(UInt8, Bool)])
    func `a static route is preferred to BGP up to a distance of 20`(distance: UInt8, bgpWins: Bool) throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.staticRoutes = [try staticRoute("10.2.0.0/16", "10.1.0.2", distance: distance)]
        let owner = Owner()
        owner.handle(.configure(inputs))
        owner.handle(.established(neighbor: FarEnd.first, session()))
        owner.handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:1", "10.2.0.0/16"), label: 500, attributes(targets: ["42:1"]))))
        let action = owner.fib["one"]?[try prefix("10.2.0.0/16")]
        #expect((action == .labelled(neighbor: FarEnd.first, label: try label(500))) == bgpWins)
        owner.handle(.down(neighbor: FarEnd.first, gracefulRestart: nil))
        #expect(
            owner.fib["one"]?[try prefix("10.2.0.0/16")]
                == .gateway(circuit: "ten1/1", address: try address("10.1.0.2")))
    }

    @Test func `a circuit that goes down takes its routes along and leaves the others alone`() throws {
        var inputs = try noteInputs()
        inputs.vrfs["one"]?.staticRoutes = [try staticRoute("192.168.1.0/24", "10.1.0.2")]
        let owner = Owner()
        owner.handle(.configure(inputs))
        inputs.vrfs["one"]?.circuitAddresses = []
        #expect(
            Set(owner.handle(.configure(inputs))) == [
                .removeRoute(vrf: "one", prefix: try prefix("10.1.0.0/24")),
                .removeRoute(vrf: "one", prefix: try prefix("10.1.0.1/32")),
                .removeRoute(vrf: "one", prefix: try prefix("10.1.0.255/32")),
                .removeRoute(vrf: "one", prefix: try prefix("192.168.1.0/24")),
            ])
    }
}
