import Addressing
import BGP
import Routing
import Testing

/// Routers inside VRFs: one of a single address in each of VRFs one and two, and another one of VRF one.
enum Customer {
    static let address = IPAddress.ipv4(IPv4Address(10, 1, 0, 2))
    static var inOne: PeerAddress { PeerAddress(address, vrf: "one") }
    static var inTwo: PeerAddress { PeerAddress(address, vrf: "two") }
    static var other: PeerAddress { PeerAddress(.ipv4(IPv4Address(10, 4, 0, 2)), vrf: "one") }
    static let system: UInt32 = 65100
    static let otherSystem: UInt32 = 65101
}

let everything = RoutePolicy([RoutePolicy.Entry(permits: true)])

/// The note's configuration with the customers, from whom and to whom everything goes.
func customerInputs() throws -> RoutingInputs {
    var inputs = try noteInputs()
    try addCustomer(Customer.inOne, Customer.system, "one", "ten1/1", ["10.1.0.1/24", "2001:db8:1::1/64"], &inputs)
    try addCustomer(Customer.inTwo, Customer.system, "two", "ten1/2", ["10.1.0.1/24", "2001:db8:1::1/64"], &inputs)
    try addCustomer(Customer.other, Customer.otherSystem, "one", "ten1/4", ["10.4.0.1/24"], &inputs)
    return inputs
}

private func addCustomer(
    _ peer: PeerAddress, _ system: UInt32, _ vrf: String, _ circuit: String, _ texts: [String],
    _ inputs: inout RoutingInputs
) throws {
    let addresses = try texts.map { try #require(InterfaceAddress($0)) }
    for address in addresses {
        inputs.vrfs[vrf]?.circuitAddresses.insert(CircuitAddress(circuit: circuit, address: address))
    }
    var neighbor = NeighborInputs(
        peer: peer, remoteAutonomousSystem: system, nni: nil, localAddress: addresses[0].address)
    neighbor.circuit = NeighborInputs.Circuit(number: InterfaceNumber(stringLiteral: circuit), addresses: addresses)
    var family = NeighborInputs.Family(.customer)
    family.importPolicy = everything
    family.exportPolicy = everything
    neighbor.families = [.ipv4: family, .ipv6: family]
    inputs.neighbors[peer] = neighbor
}

/// An owner with these inputs, and sessions with all customers and the first far end.
func withCustomers(_ inputs: RoutingInputs) -> Owner {
    let owner = connected(inputs)
    for (number, peer) in [Customer.inOne, Customer.inTwo, Customer.other].enumerated() {
        owner.handle(.established(neighbor: peer, customerSession(UInt8(20 + number))))
    }
    owner.drain()
    return owner
}

func customerSession(_ identifier: UInt8 = 20, restart: GracefulRestartCapability? = nil) -> SessionParameters {
    session(identifier: identifier, families: [.ipv4, .ipv6], restart: restart)
}

extension Owner {
    /// A customer announces a route, by default as one of its own.
    func announce(
        _ text: String, from peer: PeerAddress = Customer.inOne, path: [UInt32] = [Customer.system],
        nextHop: BGPNextHop? = nil, change: (inout PathAttributes.Contents) throws -> Void = { _ in }
    ) throws {
        var contents = PathAttributes.Contents(
            asPath: ASPath(sequence: path), nextHop: nextHop ?? BGPNextHop(peer.address))
        try change(&contents)
        handle(
            .update(
                neighbor: peer,
                Update(
                    announcing: [AnnouncedRoute(unicast: try prefix(text))], attributes: PathAttributes(contents))))
    }

    func withdraw(_ text: String, from peer: PeerAddress = Customer.inOne) throws {
        handle(.update(neighbor: peer, Update(withdrawing: [.unicast(try prefix(text))])))
    }

    /// The first far end announces a route for VRF one.
    func announceFromFarEnd(_ text: String, path: [UInt32] = [FarEnd.firstAS], targets: [String] = ["42:1"]) throws {
        handle(
            .update(
                neighbor: FarEnd.first,
                try announcement(vpn("65001:1", text), label: 500, attributes(targets: targets, path: path))))
    }

    /// What a VRF does with packets to a prefix.
    func action(_ text: String, in vrf: String = "one") throws -> ForwardingAction? { fib[vrf]?[try prefix(text)] }

    /// What the route of a VRF in use, or the best that is not used, has.
    func best(_ text: String, in vrf: String = "one") throws -> PathAttributes? {
        let prefix = try prefix(text)
        return table.routes(inVRF: vrf, family: prefix.family, prefix: prefix, limit: 1).first?.candidates.first?
            .attributes
    }

    /// What a customer has been given for a prefix.
    func given(_ text: String, to peer: PeerAddress = Customer.inOne) throws -> PathAttributes? {
        sentUnicast[peer]?[try prefix(text)]
    }

    /// How many routes of a customer were refused for a reason.
    func refusals(_ reason: RouteRejection, of peer: PeerAddress = Customer.inOne) -> UInt64? {
        table.neighborSummary(peer)?.families[.ipv4]?.rejectedCount[reason]
    }
}

/// By the neighbor itself.
func byNeighbor(_ peer: PeerAddress = Customer.inOne, _ circuit: String = "ten1/1") -> ForwardingAction {
    .gateway(circuit: InterfaceNumber(stringLiteral: circuit), address: peer.address)
}
