import Addressing

/// Labelled VPN routes on the wire (RFC 8277 §2.2 to §2.4, RFC 4364 §4.3.4, RFC 4659 §3.2).
///
///     +---------------------------+
///     | length in bits (1 octet)  |  of all that follows
///     +---------------------------+
///     | label, TC, S (3 octets)   |  one; see `readRoute` for a peer that sends more
///     +---------------------------+
///     | route distinguisher (8)   |
///     +---------------------------+
///     | prefix (0 to 4 or 16)     |  as many octets as its length needs
///     +---------------------------+
extension LabeledVPNPrefix {
    /// Takes one announced route off the front; `nil` when its lengths are impossible (RFC 7606 §5.3).
    init?(announcedIn reader: inout ByteReader, family: AddressFamily) {
        guard let (labels, vpnPrefix) = readRoute(from: &reader, family: family, withdrawn: false),
            let labels = LabelStack(labels)
        else { return nil }
        self.init(vpnPrefix, labels: labels)
    }

    /// The octets of an announced route.
    func write(to writer: inout ByteWriter) {
        let labels = self.labels.labels
        vpnPrefix.writeLength(labelCount: labels.count, to: &writer)
        for (index, label) in labels.enumerated() {
            let bottomOfStack: UInt64 = index == labels.count - 1 ? 1 : 0
            writer.writeNumber(UInt64(label.rawValue) << 4 | bottomOfStack, octets: 3)
        }
        vpnPrefix.writePrefix(to: &writer)
    }

    var encodedOctets: Int { vpnPrefix.encodedOctets(labelCount: labels.labels.count) }
}

extension VPNPrefix {
    /// What stands for the label of a withdrawn route (RFC 8277 §2.4).
    private static let withdrawLabel: UInt64 = 0x800000

    /// Takes one withdrawn route off the front; `nil` when its lengths are impossible.
    init?(withdrawnIn reader: inout ByteReader, family: AddressFamily) {
        guard let (_, vpnPrefix) = readRoute(from: &reader, family: family, withdrawn: true) else { return nil }
        self = vpnPrefix
    }

    /// The octets of a withdrawn route.
    func write(to writer: inout ByteWriter) {
        writeLength(labelCount: 1, to: &writer)
        writer.writeNumber(Self.withdrawLabel, octets: 3)
        writePrefix(to: &writer)
    }

    var encodedOctets: Int { encodedOctets(labelCount: 1) }

    fileprivate func encodedOctets(labelCount: Int) -> Int { 1 + 3 * labelCount + 8 + (Int(prefix.length) + 7) / 8 }

    fileprivate func writeLength(labelCount: Int, to writer: inout ByteWriter) {
        writer.write(UInt8(clamping: 24 * labelCount + 64 + Int(prefix.length)))
    }

    fileprivate func writePrefix(to writer: inout ByteWriter) {
        writer.write(routeDistinguisher.rawValue)
        writer.write(prefix.address.octets.prefix((Int(prefix.length) + 7) / 8))
    }
}

/// Without the Multiple Labels capability, which is never sent here, there is one label field of three octets whatever
/// its S bit says (RFC 8277 §2.2); in a withdrawal it means nothing at all (§2.4).
private func readRoute(
    from reader: inout ByteReader, family: AddressFamily, withdrawn: Bool
) -> (labels: [MPLSLabel], vpnPrefix: VPNPrefix)? {
    guard var bits = reader.readUInt8().map(Int.init) else { return nil }
    var labels: [MPLSLabel] = []
    var hasMore = true
    while hasMore {
        guard bits >= 24, let entry = reader.readNumber(octets: 3),
            let label = MPLSLabel(rawValue: UInt32(truncatingIfNeeded: entry >> 4))
        else { return nil }
        bits -= 24
        labels.append(label)
        // Where the rest is longer than any prefix of the family, a label without S has another behind it that we did
        // not ask for: such a route is named and refused, where a broken length would cost the whole family.
        hasMore = !withdrawn && entry & 1 == 0 && bits > 64 + family.bits
    }
    guard bits >= 64, let routeDistinguisher = reader.readUInt64() else { return nil }
    bits -= 64
    guard bits <= family.bits, let octets = reader.readOctets((bits + 7) / 8) else { return nil }
    let number = octets.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } << UInt128(family.bits - 8 * octets.count)
    let address: IPAddress =
        switch family {
        case .ipv4: .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
        case .ipv6: .ipv6(IPv6Address(rawValue: number))
        }
    // Bits behind the length are of no significance (RFC 4271 §4.3); the prefix clears them.
    guard let prefix = IPPrefix(covering: address, length: bits) else { return nil }
    let vpnPrefix = VPNPrefix(
        routeDistinguisher: RouteDistinguisher(rawValue: routeDistinguisher), prefix: prefix)
    return (labels, vpnPrefix)
}
