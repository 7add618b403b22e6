import Addressing
import BGP
import Routing
import Testing

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }
func target(_ text: String) throws -> RouteTarget { try #require(RouteTarget(text)) }
func label(_ number: UInt32) throws -> MPLSLabel { try #require(MPLSLabel(rawValue: number)) }
func vpn(_ distinguisher: String, _ text: String) throws -> VPNPrefix {
    VPNPrefix(routeDistinguisher: try #require(RouteDistinguisher(distinguisher)), prefix: try prefix(text))
}

func seconds(_ count: UInt64) -> Instant { Instant(millisecondsSince1970: 1_700_000_000_000 + count * 1000) }

/// The far end of the note, and a second one on another NNI.
enum FarEnd {
    static let first = PeerAddress(.ipv4(IPv4Address(1, 2, 3, 4)))
    static let second = PeerAddress(.ipv4(IPv4Address(5, 6, 7, 8)))
    static let firstAS: UInt32 = 65001
    static let secondAS: UInt32 = 65002
}

/// The note's configuration: VRFs one, two and three in AS 42, all eligible on the first far end.
func noteInputs() throws -> RoutingInputs {
    var inputs = RoutingInputs(autonomousSystem: 42)
    inputs.labelRange = 1000...1999
    for (number, name) in ["one", "two", "three"].enumerated() {
        let community = "42:\(number + 1)"
        var vrf = VRFInputs(name: name, routeDistinguisher: try #require(RouteDistinguisher(community)))
        vrf.importTargets = [try target(community)]
        vrf.exportTargets = [try target(community)]
        vrf.eligibleNeighbors = [FarEnd.first]
        vrf.circuitAddresses = [
            CircuitAddress(circuit: "ten1/\(number + 1)", address: try #require(InterfaceAddress("10.1.0.1/24")))
        ]
        vrf.redistributed = [.ipv4: [.connected], .ipv6: [.connected]]
        inputs.vrfs[name] = vrf
    }
    inputs.neighbors[FarEnd.first] = neighborInputs(FarEnd.first, FarEnd.firstAS, nni: "ten1/0", local: 5)
    inputs.neighbors[FarEnd.second] = neighborInputs(FarEnd.second, FarEnd.secondAS, nni: "ten2/0", local: 9)
    return inputs
}

private func neighborInputs(_ peer: PeerAddress, _ system: UInt32, nni: String, local: UInt8) -> NeighborInputs {
    var neighbor = NeighborInputs(
        peer: peer, remoteAutonomousSystem: system, nni: nni,
        localAddress: .ipv4(local == 5 ? IPv4Address(1, 2, 3, 5) : IPv4Address(5, 6, 7, 9)))
    neighbor.families = [.vpnv4: .init(.optionE), .vpnv6: .init(.optionE)]
    return neighbor
}

/// The label that a VRF of the inputs has for a neighbor.
func allocated(_ table: RoutingTable, _ vrf: String, for neighbor: PeerAddress = FarEnd.first) -> MPLSLabel? {
    table.labels(ofVRF: vrf)[neighbor]
}

/// Who has the label of a VRF of the note for its far end.
func noteOwner(_ vrf: String, inputs: RoutingInputs? = nil, neighbor: PeerAddress = FarEnd.first) throws -> LabelOwner {
    let inputs = try inputs ?? noteInputs()
    return LabelOwner(
        vrf: try #require(inputs.vrfs[vrf]).identity,
        neighbor: try #require(inputs.neighbors[neighbor]?.identity))
}

/// Attributes as a far end sends them: next hop and first AS are its own.
func attributes(
    from neighbor: PeerAddress = FarEnd.first, targets: [String], path: [UInt32] = [FarEnd.firstAS],
    origin: Origin = .igp, discriminator: UInt32? = nil
) throws -> PathAttributes {
    var contents = PathAttributes.Contents(
        origin: origin, asPath: ASPath(sequence: path), nextHop: BGPNextHop(neighbor.address))
    contents.extendedCommunities = try targets.map { ExtendedCommunity(try target($0)) }
    contents.multiExitDiscriminator = discriminator
    return PathAttributes(contents)
}

func announcement(_ prefix: VPNPrefix, label number: UInt32, _ attributes: PathAttributes) throws -> Update {
    Update(
        announcing: [AnnouncedRoute(prefix, labels: .single(try label(number)))], attributes: attributes)
}

func session(
    identifier: UInt8 = 4, families: Set<SessionFamily> = [.vpnv4, .vpnv6], multipleLabels: Set<SessionFamily> = [],
    restart: GracefulRestartCapability? = nil
) -> SessionParameters {
    SessionParameters(
        peerIdentifier: IPv4Address(9, 9, 9, identifier), families: families, multipleLabels: multipleLabels,
        gracefulRestart: restart)
}

/// An owner with these inputs, and a session with the first far end.
func connected(_ inputs: RoutingInputs) -> Owner {
    let owner = Owner()
    owner.handle(.configure(inputs))
    owner.handle(.established(neighbor: FarEnd.first, session()))
    owner.drain()
    return owner
}

func gracefulRestart(
    seconds: UInt16 = 120, restarted: Bool = false, families: [SessionFamily] = [.vpnv4, .vpnv6]
) -> GracefulRestartCapability {
    GracefulRestartCapability(
        restarted: restarted, restartTimeSeconds: seconds,
        forwardingPreserved: Dictionary(uniqueKeysWithValues: families.map { ($0.identifier, true) }))
}
