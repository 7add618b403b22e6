import Addressing
import CTableLayout
import PacketFormats

/// What identifies a link: where it leads, and what stands above the next hop's own label, if anything does. Next hops with one
/// label more share it, as they share the labels of a transport.
struct LinkKey: Hashable {
    enum End: Hashable {
        /// A neighbor, and the kind of frame that it is sent.
        case neighbor(NeighborKey, Content)
        /// A PE, which a transport leads to.
        case provider(IPAddress)
    }

    let end: End
    /// The outer one of two labels that the neighbor or PE gave: that of a label space (RFC 5331).
    let outer: MPLSLabel?

    init(_ end: End, under outer: MPLSLabel? = nil) {
        self.end = end
        self.outer = outer
    }

    /// What is in a frame.
    enum Content: Hashable, CaseIterable {
        case labelled
        case ipv4
        case ipv6

        /// Packets of a family, whatever family the neighbor's address is of (RFC 8950 §3).
        init(_ family: AddressFamily) { self = family == .ipv4 ? .ipv4 : .ipv6 }

        var etherType: UInt16 {
            switch self {
            case .labelled: EtherType.mpls
            case .ipv4: EtherType.ipv4
            case .ipv6: EtherType.ipv6
            }
        }
    }

    /// The neighbor that it is to, whatever the plan.
    var neighbor: NeighborKey? {
        if case .neighbor(let neighbor, _) = end { neighbor } else { nil }
    }

    /// Whether it is to a neighbor that is sent IP packets: NNIs have few neighbors and the core few PEs, which are all VRFs'.
    var isOfCircuit: Bool {
        if case .neighbor(_, let content) = end { content != .labelled } else { false }
    }

    /// Of the neighbor or the PE.
    var address: IPAddress {
        switch end {
        case .neighbor(let neighbor, _): neighbor.address
        case .provider(let provider): provider
        }
    }
}

/// How a neighbor is reached now.
enum LinkResolution: Equatable {
    case incomplete
    case failed
    /// By this port with these octets in front of the packet: Ethernet addresses, tags, type and the label's place. To a PE, or
    /// where there is another label above, what stands between.
    case resolved(port: UInt16, rewrite: [UInt8], ResolvedTransport? = nil)

    /// - Parameters:
    ///   - content: of the frames.
    ///   - entry: what is known of the neighbor.
    ///   - interface: that it is on; `nil`: it is gone.
    init(
        _ content: LinkKey.Content, _ entry: NeighborEntry?, on interface: InterfacePlan?,
        _ transport: ResolvedTransport? = nil
    ) {
        guard let interface, entry?.state != .failed else {
            self = .failed
            return
        }
        guard let entry, entry.state.isUsable, let destination = entry.hardwareAddress,
            let source = interface.hardwareAddress
        else {
            self = .incomplete
            return
        }
        var rewrite = destination.octets + source.octets
        for tag in interface.tags { rewrite += tag.protocolIdentifier.networkOctets + tag.identifier.networkOctets }
        let outside = transport?.tunnel.map { LinkKey.Content($0.destination.family) } ?? content
        rewrite += outside.etherType.networkOctets
        if content == .labelled { rewrite += [UInt8](repeating: 0, count: LabelStackEntry.byteCount) }
        self = .resolved(port: interface.port, rewrite: rewrite, transport)
    }
}
