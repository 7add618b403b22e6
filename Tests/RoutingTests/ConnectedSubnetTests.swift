import Addressing
import BGP
import Routing
import Testing

/// What a far end says about addresses of the customer's own subnets.
@Suite struct ConnectedSubnetTests {
    private func announce(_ text: String, to owner: Owner) throws {
        let key = try vpn("65001:1", text)
        owner.handle(.update(neighbor: FarEnd.first, try announcement(key, label: 500, attributes(targets: ["42:1"]))))
    }

    @Test(arguments: ["10.1.0.2/32", "10.1.0.128/25", "10.1.0.0/32"])
    func `a route inside a connected subnet is not used while its circuit is up`(text: String) throws {
        var inputs = try noteInputs()
        let owner = connected(inputs)
        try announce(text, to: owner)
        let route = try prefix(text)
        #expect(owner.fib["one"]?[route] == nil)
        #expect(owner.table.routes(inVRF: "one", family: .ipv4, prefix: route, limit: 1).isEmpty)
        let family = owner.table.neighborSummary(FarEnd.first)?.families[.vpnv4]
        #expect(family?.rejectedCount[.connectedSubnet] == 1)
        #expect(owner.log.count == 1)

        // With the circuit down it is the way to the customer's other site.
        let circuits = inputs.vrfs["one"]?.circuitAddresses ?? []
        inputs.vrfs["one"]?.circuitAddresses = []
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[route] == .labelled(neighbor: FarEnd.first, label: try label(500)))
        inputs.vrfs["one"]?.circuitAddresses = circuits
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[route] == nil)

        inputs.vrfs["one"]?.acceptsConnectedSubnets = true
        owner.handle(.configure(inputs))
        #expect(owner.fib["one"]?[route] == .labelled(neighbor: FarEnd.first, label: try label(500)))
        #expect(owner.violations.isEmpty)
    }

    @Test func `the subnet itself goes to the far end and back without a gap`() throws {
        var inputs = try noteInputs()
        let owner = connected(inputs)
        try announce("10.1.0.0/24", to: owner)
        let subnet = try prefix("10.1.0.0/24")
        let circuits = inputs.vrfs["one"]?.circuitAddresses ?? []
        #expect(owner.fib["one"]?[subnet] == .connected(circuit: "ten1/1"))
        inputs.vrfs["one"]?.circuitAddresses = []
        let down = owner.handle(.configure(inputs))
        #expect(!down.contains(.removeRoute(vrf: "one", prefix: subnet)))
        #expect(owner.fib["one"]?[subnet] == .labelled(neighbor: FarEnd.first, label: try label(500)))
        inputs.vrfs["one"]?.circuitAddresses = circuits
        let up = owner.handle(.configure(inputs))
        #expect(!up.contains(.removeRoute(vrf: "one", prefix: subnet)))
        #expect(owner.fib["one"]?[subnet] == .connected(circuit: "ten1/1"))
    }

    @Test(arguments: ["10.1.0.0/16", "10.1.1.0/24", "0.0.0.0/0"])
    func `a route around or beside a connected subnet is used`(text: String) throws {
        let owner = connected(try noteInputs())
        try announce(text, to: owner)
        #expect(owner.fib["one"]?[try prefix(text)] != nil)
    }

    @Test func `many subnets are told apart by their lengths`() throws {
        var inputs = try noteInputs()
        for number in 0..<20 {
            inputs.vrfs["one"]?.circuitAddresses.insert(
                CircuitAddress(
                    circuit: "ten1/1.\(number)",
                    address: try #require(InterfaceAddress("10.2.\(number).1/\(number % 2 == 0 ? 24 : 30)"))))
        }
        let owner = connected(inputs)
        for text in ["10.2.4.9/32", "10.2.5.2/32", "10.2.5.9/32", "10.2.20.0/24"] { try announce(text, to: owner) }
        #expect(owner.fib["one"]?[try prefix("10.2.4.9/32")] == nil)
        #expect(owner.fib["one"]?[try prefix("10.2.5.2/32")] == nil)
        #expect(owner.fib["one"]?[try prefix("10.2.5.9/32")] != nil)
        #expect(owner.fib["one"]?[try prefix("10.2.20.0/24")] != nil)
    }
}
