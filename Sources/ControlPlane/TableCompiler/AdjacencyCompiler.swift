import Addressing
import CTableLayout
import PacketFormats

/// From a next hop to the adjacency that it has now: a pure function of the plan, the records that are installed and
/// what is known of the neighbors.
struct AdjacencyCompiler {
    let plan: ForwardingPlan
    /// The record that is installed for an interface.
    let record: (_ interface: String) -> InstalledRecord?
    /// What is known of a neighbor.
    let neighbor: (NeighborKey) -> NeighborEntry?

    /// The neighbor on which a next hop depends; `nil` if it depends on none.
    func neighborKey(of nextHop: NextHopKey) -> NeighborKey? {
        switch nextHop {
        case .receive, .discard, .subnet: nil
        case .gateway(_, let circuit, let address):
            plan.interfaces[circuit].map { NeighborKey(interface: $0.number, address: address) }
        case .labelled(_, let neighbor, _):
            plan.nniOfNeighbor[neighbor].flatMap { plan.interfaces[$0] }.map {
                NeighborKey(interface: $0.number, address: neighbor)
            }
        }
    }

    /// The adjacency. Whatever has no way out now refuses packets: `UNREACHABLE`, which answers with ICMP.
    func adjacency(of nextHop: NextHopKey, index: UInt32) -> stile_adjacency {
        var adjacency = stile_adjacency()
        adjacency.next_hop = index
        guard let vrf = plan.vrfs[nextHop.vrf] else {
            adjacency.kind = UInt8(STILE_ADJACENCY_DISCARD.rawValue)
            return adjacency
        }
        adjacency.vrf = vrf.number
        adjacency.flags = vrf.propagatesTTL ? UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue) : 0
        switch nextHop {
        case .receive: adjacency.kind = UInt8(STILE_ADJACENCY_RECEIVE.rawValue)
        case .discard: adjacency.kind = UInt8(STILE_ADJACENCY_DISCARD.rawValue)
        case .subnet(let name, let circuit, _):
            setEgress(plan.interfaces[circuit], vrf: name, nni: nil, in: &adjacency)
            if adjacency.interface != 0 { adjacency.kind = UInt8(STILE_ADJACENCY_GLEAN.rawValue) }
        case .gateway(let name, let circuit, _):
            setEgress(plan.interfaces[circuit], vrf: name, nni: nil, in: &adjacency)
            setNeighbor(of: nextHop, kind: STILE_ADJACENCY_CIRCUIT, label: nil, in: &adjacency)
        case .labelled(let name, let neighbor, let label):
            let nni = plan.nniOfNeighbor[neighbor].flatMap { plan.interfaces[$0] }
            setEgress(nni.flatMap { plan.unit(nni: $0.name, vrf: name) }, vrf: name, nni: nni, in: &adjacency)
            setNeighbor(of: nextHop, kind: STILE_ADJACENCY_LABELLED, label: label, in: &adjacency)
        }
        if adjacency.rewrite_bytes == 0 {
            // A packet that waits for its neighbor meets the services when it leaves, and only once.
            adjacency.services = 0
            adjacency.features = 0
        }
        return adjacency
    }

    /// Where the packets leave; without an installed interface of the same VRF there is no way out.
    private func setEgress(
        _ egress: InterfacePlan?, vrf: String, nni: InterfacePlan?, in adjacency: inout stile_adjacency
    ) {
        adjacency.kind = UInt8(STILE_ADJACENCY_UNREACHABLE.rawValue)
        guard let egress, egress.vrf == vrf, let record = record(egress.name) else { return }
        adjacency.interface = UInt16(truncatingIfNeeded: record.index)
        adjacency.port = egress.port
        adjacency.counter = egress.number
        adjacency.nni_counter = nni?.number ?? egress.number
        adjacency.mtu = egress.mtu
        adjacency.services = record.services
        adjacency.features = record.egressFeatures
    }

    private func setNeighbor(
        of nextHop: NextHopKey, kind: stile_adjacency_kind, label: MPLSLabel?, in adjacency: inout stile_adjacency
    ) {
        guard adjacency.interface != 0, let key = neighborKey(of: nextHop),
            let link = plan.interface(numbered: key.interface)
        else { return }
        let entry = neighbor(key)
        if let entry, entry.state.isUsable, let destination = entry.hardwareAddress, let source = link.hardwareAddress {
            adjacency.kind = UInt8(kind.rawValue)
            setRewrite(
                destination: destination, source: source, tags: link.tags, family: key.address.family, label: label,
                in: &adjacency)
        } else if entry?.state != .failed {
            adjacency.kind = UInt8(STILE_ADJACENCY_GLEAN.rawValue)
        }
    }

    /// The octets before the IP header: Ethernet addresses, tags, type and, with a label, its entry with the bottom of
    /// stack bit (RFC 3032 §2.1).
    private func setRewrite(
        destination: MACAddress, source: MACAddress, tags: [EthernetFrame.Tag], family: AddressFamily,
        label: MPLSLabel?,
        in adjacency: inout stile_adjacency
    ) {
        let etherType = label != nil ? EtherType.mpls : family == .ipv4 ? EtherType.ipv4 : EtherType.ipv6
        var rewrite = destination.octets + source.octets
        for tag in tags { rewrite += tag.protocolIdentifier.networkOctets + tag.identifier.networkOctets }
        rewrite += etherType.networkOctets
        if let label {
            rewrite += (label.rawValue << 12 | 1 << 8).networkOctets
            adjacency.label = label.rawValue
        }
        adjacency.rewrite_bytes = UInt8(truncatingIfNeeded: rewrite.count)
        let padding = [UInt8](repeating: 0, count: max(0, Int(STILE_REWRITE_BYTES) - rewrite.count))
        setOctets(padding + rewrite, in: &adjacency.rewrite)
    }
}
