import Addressing
import PacketFormats

/// What identifies a link: a neighbor, and the kind of frame that it is sent.
struct LinkKey: Hashable {
    let neighbor: NeighborKey
    /// Whether the frames are labelled packets; otherwise they are IP packets of the neighbor's address family.
    let isLabelled: Bool
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
        let etherType =
            key.isLabelled ? EtherType.mpls : key.neighbor.address.family == .ipv4 ? EtherType.ipv4 : EtherType.ipv6
        var rewrite = destination.octets + source.octets
        for tag in interface.tags { rewrite += tag.protocolIdentifier.networkOctets + tag.identifier.networkOctets }
        rewrite += etherType.networkOctets
        if key.isLabelled { rewrite += [UInt8](repeating: 0, count: LabelStackEntry.byteCount) }
        self = .resolved(port: interface.port, rewrite: rewrite)
    }
}
