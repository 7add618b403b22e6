import Addressing
import CTableLayout
import PacketFormats

/// What stands above a next hop's own label, as the tables have it: a transport, and the outer one of two labels.
struct ResolvedTransport: Equatable {
    let mtu: UInt16
    let counter: UInt16
    /// Label stack entries without class, bottom and TTL, the outermost first.
    let entries: [UInt32]
    let tunnel: UDPTunnel?

    /// The outer header's TTL: that of the box's own packets (RFC 1700, RFC 1122 §3.2.1.7).
    private static let tunnelTimeToLive: UInt8 = 64

    /// With all labels and headers a packet fits the interface.
    init(_ transport: Transport, by interface: InterfacePlan) {
        entries = transport.labels.prefix(Int(STILE_TRANSPORT_LABELS)).map { $0.rawValue << 12 }
        tunnel = transport.tunnel
        let labels = LabelStackEntry.byteCount * (1 + entries.count)
        let taken = UInt16(labels + (tunnel.map { Self.headers(of: $0).count } ?? 0))
        mtu = interface.mtu - min(interface.mtu, taken)
        counter = interface.number.rawValue
    }

    /// Towards a neighbor on an NNI there is no transport; the outer label of two stands where its labels would.
    init(_ outer: MPLSLabel, by nni: InterfacePlan) {
        entries = [outer.rawValue << 12]
        tunnel = nil
        mtu = nni.stackedMTU
        counter = nni.number.rawValue
    }

    var record: stile_transport {
        var record = stile_transport()
        record.mtu = mtu
        record.counter = counter
        record.label_count = UInt8(entries.count)
        withUnsafeMutableBytes(of: &record.entries) { octets in
            for (place, entry) in entries.enumerated() {
                octets.storeBytes(of: entry, toByteOffset: place * 4, as: UInt32.self)
            }
        }
        return record
    }

    /// The headers of MPLS over UDP, where the labels are in it.
    var encapsulation: stile_encapsulation? {
        guard let tunnel else { return nil }
        let headers = Self.headers(of: tunnel)
        var record = stile_encapsulation()
        record.header_bytes = UInt8(headers.count)
        record.has_checksum = tunnel.hasChecksum ? 1 : 0
        withUnsafeMutableBytes(of: &record.header) {
            UnsafeMutableRawBufferPointer(rebasing: $0[($0.count - headers.count)...]).copyBytes(from: headers)
        }
        return record
    }

    /// A whole packet of a tunnel, of the first of its source ports.
    static func datagram(_ stack: [UInt8], in tunnel: UDPTunnel) -> [UInt8] {
        var packet = headers(of: tunnel)
        let isIPv4 = tunnel.destination.family == .ipv4
        let (ipBytes, addressBytes) = isIPv4 ? (IPv4Header.minimumByteCount, 8) : (IPv6Header.byteCount, 32)
        packet += stack
        let udpBytes = packet.count - ipBytes
        packet.withUnsafeMutableBytes { octets in
            guard let start = octets.baseAddress else { return }
            start.storeNetwork(UInt16(clamping: isIPv4 ? ipBytes + udpBytes : udpBytes), at: isIPv4 ? 2 : 4)
            if isIPv4 { IPv4Header.storeChecksum(of: start) }
            let header = start + ipBytes
            header.storeNetwork(UDPHeader.firstEntropyPort, at: 0)
            header.storeNetwork(UInt16(clamping: udpBytes), at: 4)
            guard tunnel.hasChecksum else { return }
            let sum = UDPHeader(header).sum(
                bytes: udpBytes, addresses: header - addressBytes, addressBytes: addressBytes)
            let checksum = InternetChecksum.complement(sum)
            header.storeNetwork(checksum == 0 ? 0xFFFF : checksum, at: 6)
        }
        return packet
    }

    /// RFC 7510 §3, with what a packet has to say left 0. IPv4 with "don't fragment": what does not fit is refused or
    /// fragmented before, and a datagram that is never fragmented needs no identification (RFC 6864 §4.1).
    private static func headers(of tunnel: UDPTunnel) -> [UInt8] {
        let addresses = tunnel.source.octets + tunnel.destination.octets
        let udp = [0, 0] + UDPHeader.mplsPort.networkOctets + [0, 0, 0, 0]
        guard tunnel.destination.family == .ipv4 else {
            return [0x60, 0, 0, 0, 0, 0, IPProtocol.udp, tunnelTimeToLive] + addresses + udp
        }
        var header: [UInt8] = [0x45, 0, 0, 0, 0, 0] + IPv4Header.dontFragment.networkOctets
        header += [tunnelTimeToLive, IPProtocol.udp, 0, 0] + addresses
        let checksum = header.withUnsafeBytes { octets in
            octets.baseAddress.map { InternetChecksum.complement(InternetChecksum.sum($0, count: octets.count)) } ?? 0
        }
        header.replaceSubrange(10..<12, with: checksum.networkOctets)
        return header + udp
    }
}
