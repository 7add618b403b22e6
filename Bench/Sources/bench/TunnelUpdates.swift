/// The UPDATE by which a reflector says an Intra-AS I-PMSI A-D route (RFC 6514 §4.1) of a PE for a VPN: all its VPNs come by one tree.
struct TunnelUpdates {
    /// Where a VPN's label is from.
    enum Labels: String, Codable, CaseIterable {
        /// The PE's own space, in which it has drawn it (RFC 5331).
        case assigned = "upstream_assigned"
        /// The domain-wide common block, the same of all PEs (RFC 9573 §3.3, way 1).
        case common = "common_block"
        /// A label space that one label of the common block names (way 2).
        case space = "label_space"
    }

    /// The domain-wide common block, and its label that names the space.
    static let block: ClosedRange<UInt32> = 1000...2000
    private static let nameOfSpace: UInt32 = 2000
    private static let firstOfSpace: UInt32 = 50_000

    let provider: UInt32
    let vpn: UInt32
    let labels: Labels

    /// What follows the message's header.
    var body: [UInt8] {
        let address: [UInt8] = [10, 0] + octets(provider + 1, 2)
        let distinguisher: [UInt8] = [0, 0, 0, 42] + octets(vpn, 4)
        let route: [UInt8] = [1, 12] + distinguisher + address
        // MP_REACH_NLRI (RFC 4760 §3), ORIGIN, AS_PATH, LOCAL_PREF; ORIGINATOR_ID and CLUSTER_LIST of the reflector.
        var attributes: [UInt8] = [0x80, 14, UInt8(9 + route.count), 0, 1, 5, 4] + address + [0] + route
        attributes += [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 5, 4, 0, 0, 0, 100]
        attributes += [0x80, 9, 4] + address + [0x80, 10, 4, 10, 255, 0, 2]
        let communities = communities
        attributes += [0xc0, 16, UInt8(communities.count)] + communities
        let tunnel = tunnel(address)
        attributes += [0xc0, 22, UInt8(tunnel.count)] + tunnel
        return [0, 0] + octets(UInt32(attributes.count), 2) + attributes
    }

    /// The VPN's route target, and what RFC 9573 §4.1 adds.
    private var communities: [UInt8] {
        let target: [UInt8] = [0, 2, 0, 42] + octets(vpn, 4)
        switch labels {
        case .assigned: return target
        case .common: return target + [3, 7, 0, 0, 0, 0, 0, 1]
        case .space: return target + [3, 8, 0, 0] + octets(Self.nameOfSpace << 12, 4)
        }
    }

    /// PMSI_TUNNEL (RFC 6514 §5): the PE's mLDP tree.
    private func tunnel(_ address: [UInt8]) -> [UInt8] {
        let tree: [UInt8] = [6, 0, 1, 4] + address + [0, 7, 1, 0, 4, 0, 0, 0, 1]
        switch labels {
        case .assigned: return [0, 2] + label(drawn) + tree
        case .common: return [0x40, 2] + label(Self.block.lowerBound + vpn) + tree
        case .space: return [0, 2] + label(Self.firstOfSpace + vpn) + tree
        }
    }

    /// As labels that are drawn lie: anywhere, and no two of a PE's are the same.
    private var drawn: UInt32 {
        UInt32(truncatingIfNeeded: 16 + (UInt64(provider) * 7919 + UInt64(vpn)) * 1_000_003 % 1_048_560)
    }

    private func label(_ label: UInt32) -> [UInt8] { octets(label << 4, 3) }

    private func octets(_ number: UInt32, _ count: UInt32) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }
}
