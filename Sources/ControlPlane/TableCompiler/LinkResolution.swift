import Addressing
import PacketFormats

/// What identifies a link: a neighbor, and the kind of frame that it is sent.
struct LinkKey: Hashable {
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

    let neighbor: NeighborKey
    let content: Content
}

/// How a neighbor is reached now.
enum LinkResolution: Equatable {
    case incomplete
    case failed
    /// By this port with these octets in front of the packet: Ethernet addresses, tags, type and the label's place.
    case resolved(port: UInt16, rewrite: [UInt8])

    /// - Parameters:
    ///   - entry: what is known of the neighbor.
    ///   - interface: that it is on; `nil`: it is gone.
    init(of key: LinkKey, _ entry: NeighborEntry?, on interface: InterfacePlan?) {
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
        rewrite += key.content.etherType.networkOctets
        if key.content == .labelled { rewrite += [UInt8](repeating: 0, count: LabelStackEntry.byteCount) }
        self = .resolved(port: interface.port, rewrite: rewrite)
    }
}
