import Addressing
import BGP
import Routing
import Testing

/// A customer of VRF one that is a carrier, with two routers on circuits of the box, another one of VRF two with the same address, and
/// the own network.
enum Carrier {
    static let near = PeerAddress(.ipv4(IPv4Address(10, 1, 0, 2)), vrf: "one")
    static let other = PeerAddress(.ipv4(IPv4Address(10, 4, 0, 2)), vrf: "one")
    static let ofTwo = PeerAddress(.ipv4(IPv4Address(10, 1, 0, 2)), vrf: "two")
    static let reflector = PeerAddress(.ipv4(IPv4Address(10, 0, 0, 9)))
    static let provider = IPAddress.ipv4(IPv4Address(10, 0, 0, 7))
    static let system: UInt32 = 65100
}

/// The note's box without Option E: an Option B neighbor, a reflector and the customer carriers' routers.
func carrierInputs() throws -> RoutingInputs {
    var inputs = try noteInputs()
    inputs.neighbors[FarEnd.second] = nil
    var border = NeighborInputs.Family(.optionB)
    border.relay.imported = ListedTargets([try target("42:1"): try target("42:1")])
    inputs.neighbors[FarEnd.first]?.families = [.vpnv4: border]
    var reflector = NeighborInputs(
        peer: Carrier.reflector, remoteAutonomousSystem: 42, nni: NeighborIdentity.core,
        localAddress: .ipv4(IPv4Address(10, 0, 0, 1)))
    reflector.families = [.vpnv4: .init(.internal)]
    reflector.announcedRestartSeconds = 90
    inputs.neighbors[Carrier.reflector] = reflector
    for name in ["one", "two"] {
        inputs.vrfs[name]?.eligibleNeighbors = [Carrier.reflector]
        inputs.vrfs[name]?.labelMode = .perPrefix
        inputs.vrfs[name]?.servesCarrier = true
    }
    inputs.vrfs["one"]?.eligibleNeighbors.insert(FarEnd.first)
    inputs.vrfs["three"] = nil
    try add(Carrier.near, "one", "ten1/1", "10.1.0.1/24", to: &inputs)
    try add(Carrier.other, "one", "ten1/4", "10.4.0.1/24", to: &inputs)
    try add(Carrier.ofTwo, "two", "ten1/2", "10.1.0.1/24", to: &inputs)
    return inputs
}

private func add(
    _ peer: PeerAddress, _ vrf: String, _ circuit: String, _ text: String, to inputs: inout RoutingInputs
) throws {
    let address = try #require(InterfaceAddress(text))
    inputs.vrfs[vrf]?.circuitAddresses.insert(CircuitAddress(circuit: circuit, address: address))
    var neighbor = NeighborInputs(
        peer: peer, remoteAutonomousSystem: Carrier.system, nni: circuit, localAddress: address.address)
    neighbor.circuit = NeighborInputs.Circuit(number: InterfaceNumber(stringLiteral: circuit), addresses: [address])
    neighbor.announcedRestartSeconds = 90
    var family = NeighborInputs.Family(.customerCarrier)
    family.importPolicy = everything
    family.exportPolicy = everything
    family.overridesSystem = true
    neighbor.families = [.ipv4LabeledUnicast: family]
    inputs.neighbors[peer] = neighbor
}

/// An owner with sessions to everybody.
func carrierOwner(_ inputs: RoutingInputs? = nil, table: RoutingTable? = nil) throws -> Owner {
    let owner = table.map { Owner($0) } ?? Owner()
    owner.handle(.configure(try inputs ?? carrierInputs()))
    owner.handle(.established(neighbor: FarEnd.first, session(families: [.vpnv4])))
    owner.handle(.established(neighbor: Carrier.reflector, session(identifier: 9, restart: gracefulRestart())))
    for (number, peer) in [Carrier.near, Carrier.other, Carrier.ofTwo].enumerated() {
        owner.handle(.established(neighbor: peer, carrierSession(UInt8(20 + number))))
    }
    owner.drain()
    return owner
}

func carrierSession(_ identifier: UInt8 = 20) -> SessionParameters {
    session(
        identifier: identifier, families: [.ipv4LabeledUnicast],
        restart: gracefulRestart(families: [.ipv4LabeledUnicast]))
}

extension Owner {
    /// A customer carrier's router tells of a way to one of its own.
    func tell(
        _ text: String, label number: UInt32, from peer: PeerAddress = Carrier.near, nextHop: IPAddress? = nil,
        labels: [UInt32]? = nil
    ) throws {
        let stack = try #require(LabelStack(try (labels ?? [number]).map(label)))
        let attributes = PathAttributes(
            PathAttributes.Contents(
                asPath: ASPath(sequence: [Carrier.system]), nextHop: BGPNextHop(nextHop ?? peer.address)))
        handle(
            .update(
                neighbor: peer,
                Update(
                    announcing: [AnnouncedRoute(labeledUnicast: try prefix(text), labels: stack)],
                    attributes: attributes)))
    }

    func takeBack(_ text: String, from peer: PeerAddress = Carrier.near) throws {
        handle(.update(neighbor: peer, Update(withdrawing: [.labeledUnicast(try prefix(text))])))
    }

    /// A PE tells of a route of VRF one or two by the reflector.
    func tellFromCore(_ text: String, label number: UInt32, vrf: Int = 1) throws {
        var contents = PathAttributes.Contents(
            asPath: ASPath(sequence: [Carrier.system]), nextHop: BGPNextHop(Carrier.provider))
        contents.localPreference = 100
        contents.extendedCommunities = [ExtendedCommunity(try target("42:\(vrf)"))]
        handle(
            .update(
                neighbor: Carrier.reflector,
                try announcement(vpn("42:10\(vrf)", text), label: number, PathAttributes(contents))))
        // It is asked for when a route names it.
        handle(.transportsChanged([Carrier.provider: .resolved]))
    }

    func withdrawFromCore(_ text: String, vrf: Int = 1) throws {
        handle(.update(neighbor: Carrier.reflector, Update(withdrawing: [.vpn(try vpn("42:10\(vrf)", text))])))
    }

    /// The label that a customer carrier's router has been told.
    func told(_ text: String, to peer: PeerAddress = Carrier.near) throws -> MPLSLabel? {
        sentLabeled[peer]?[try prefix(text)]?.label
    }

    /// That of a VRF's route that a neighbor with VPN routes has been told.
    func toldAsVPN(_ text: String, to peer: PeerAddress = Carrier.reflector, rd: String = "42:1") throws -> MPLSLabel? {
        sent[peer]?[try vpn(rd, text)]?.label
    }

    /// Where a neighbor's label leads; `nil`: it is not valid.
    func swap(_ label: MPLSLabel?, of peer: PeerAddress) -> SwapTarget? {
        installed.first { $0.neighbor == peer && $0.label == label }.flatMap { swaps[$0] }
    }
}

/// By the label that a customer carrier's router gave.
func byCarrier(_ peer: PeerAddress, _ circuit: String, _ labels: UInt32...) throws -> SwapTarget {
    SwapTarget(
        way: .neighbor(
            NeighborIdentity(address: peer.address, autonomousSystem: Carrier.system, nni: circuit, vrf: peer.vrf)),
        labels: try labels.map(label), under: .labels)
}

/// By the label that a PE gave.
func byProvider(_ number: UInt32) throws -> SwapTarget {
    SwapTarget(way: .provider(Carrier.provider), labels: [try label(number)], under: .labels)
}
