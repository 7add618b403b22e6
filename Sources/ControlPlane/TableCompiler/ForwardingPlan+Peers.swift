import Addressing
import Configuration

/// BGP neighbors by what each side calls them, and where they are.
extension ForwardingPlan {
    /// A configured BGP neighbor as the speaker and routing call it; `nil` if its VRF is not in the tables.
    func peer(_ name: NeighborName) -> PeerAddress? {
        guard let vrf = name.vrf else { return PeerAddress(name.address) }
        return vrfs[vrf].map { PeerAddress(name.address, vrf: $0.number) }
    }

    /// A BGP neighbor in an operator's words.
    func name(of peer: PeerAddress) -> NeighborName {
        NeighborName(vrf: peer.vrf.flatMap { vrfNames[$0.rawValue] }, address: peer.address)
    }

    /// A BGP neighbor as a neighbor on its link; `nil` for one that is on none.
    func nextHopKey(of peer: PeerAddress) -> NeighborKey? {
        interfaceOfPeer[peer].flatMap { interfaces[$0] }.map {
            NeighborKey(interface: $0.number, address: peer.address)
        }
    }

    /// Whether who is on a link is a BGP neighbor there, the far end of one on a circuit, or a router of the core that something
    /// leads to: who is asked for whether a route needs it or not.
    func isPeer(_ key: NeighborKey) -> Bool {
        if core.routers.contains(key) || circuitGateways.contains(key) { return true }
        guard let interface = interface(numbered: key.interface) else { return false }
        let vrf = interface.vrf.flatMap { vrfs[$0]?.number }
        return interfaceOfPeer[PeerAddress(key.address, vrf: vrf)] == interface.name
    }

    /// The box's own address towards a neighbor in a VRF that has a link-local one: that of the circuit, of the same kind. `nil` while
    /// the circuit's Ethernet address is not known.
    func linkLocal(towards peer: PeerAddress) -> IPAddress? {
        interfaceOfPeer[peer].flatMap { interfaces[$0]?.neighborInterface?.linkLocal }.map(IPAddress.ipv6)
    }

    /// The circuits on which neighbors of a VRF with link-local addresses are, by those addresses.
    func circuitsOfLinkLocalPeers(in vrf: VRFNumber?) -> [IPAddress: InterfacePlan] {
        var circuits: [IPAddress: InterfacePlan] = [:]
        for (peer, circuit) in interfaceOfPeer where peer.vrf == vrf && peer.address.isLinkLocal {
            circuits[peer.address] = interfaces[circuit]
        }
        return circuits
    }

    /// The circuits with BGP neighbors by the VRFs that they are in.
    var circuitsOfPeers: [VRFNumber: [InterfacePlan]] {
        var circuits: [VRFNumber: Set<String>] = [:]
        for (peer, circuit) in interfaceOfPeer {
            if let vrf = peer.vrf { circuits[vrf, default: []].insert(circuit) }
        }
        return circuits.mapValues { $0.sorted().compactMap { interfaces[$0] } }
    }
}
