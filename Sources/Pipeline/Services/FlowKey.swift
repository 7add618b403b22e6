import CTableLayout
import PacketFormats

/// What access lists look at, gathered from a packet.
enum FlowKey {
    /// Octets of a TCP header up to and with its flags (RFC 9293 §3.1), and to the end of its fixed part's checksum,
    /// which RFC 1858 §3.1 wants in the first fragment.
    private static var tcpFlagsEnd: Int { @_noLocks @inline(__always) get { 14 } }
    private static var tcpLeastFirstFragment: Int { @_noLocks @inline(__always) get { 16 } }

    /// Fills `key` from the well-formed IPv4 or IPv6 packet of `length` octets at `packet`.
    @_noLocks
    static func gather(
        _ packet: UnsafeRawPointer, length: Int, isIPv6: Bool, into key: UnsafeMutablePointer<stile_flow_key>
    ) {
        // stile_services.h asserts the offsets; the key's numbers are in the order of the wire, as they are copied.
        let octets = UnsafeMutableRawPointer(key)
        let upper: Int
        let number: UInt8
        // Offset (units of eight octets) and whether more follow; a packet that is whole has neither.
        let fragmentOffset: UInt16
        let isFragment: Bool
        var isReadable = true
        if isIPv6 {
            let layer = IPv6UpperLayer(of: packet, packetBytes: length)
            upper = layer.offset
            number = layer.protocolNumber
            fragmentOffset = layer.fragmentField >> 3
            isFragment = layer.fragmentField != 0
            isReadable = layer.isComplete
            octets.storeBytes(
                of: packet.loadUnaligned(fromByteOffset: 8, as: UInt128.self), toByteOffset: 16, as: UInt128.self)
            octets.storeBytes(
                of: packet.loadUnaligned(fromByteOffset: 24, as: UInt128.self), toByteOffset: 32, as: UInt128.self)
        } else {
            let header = IPv4Header(packet)
            upper = header.headerBytes
            number = header.protocolNumber
            let field = header.flagsAndFragmentOffset
            fragmentOffset = field & IPv4Header.fragmentOffsetMask
            isFragment = field & (IPv4Header.fragmentOffsetMask | IPv4Header.moreFragments) != 0
            let source = packet.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
            let destination = packet.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
            octets.storeBytes(of: UInt128(source), toByteOffset: 16, as: UInt128.self)
            octets.storeBytes(of: UInt128(destination), toByteOffset: 32, as: UInt128.self)
        }
        var ports: UInt32 = 0
        var flags: UInt8 = 0
        var fragment: UInt8 = isFragment ? UInt8(STILE_FRAGMENT_ANY.rawValue) : 0
        let isTCP = number == IPProtocol.tcp
        if fragmentOffset != 0 {
            fragment |= UInt8(STILE_FRAGMENT_NOT_FIRST.rawValue)
            if isTCP, fragmentOffset == 1 { fragment |= UInt8(STILE_FRAGMENT_REFUSED.rawValue) }
        } else {
            // What a first fragment has to hold, so that rules can look at it; none of it for other protocols.
            var needed = 0
            if !isReadable {
                // RFC 7112: the header chain goes on in another fragment.
                needed = length
            } else if isTCP || number == IPProtocol.udp || number == IPProtocol.sctp {
                needed = isTCP ? tcpLeastFirstFragment : 4
                if upper &+ 4 <= length { ports = packet.loadUnaligned(fromByteOffset: upper, as: UInt32.self) }
                if isTCP, upper &+ tcpFlagsEnd <= length { flags = packet.octet(at: upper &+ tcpFlagsEnd &- 1) }
            } else if number == (isIPv6 ? IPProtocol.icmpv6 : IPProtocol.icmp) {
                needed = 2
                // Type and code stand in the place of the destination port, the second one.
                if upper &+ 2 <= length {
                    ports = UInt32(packet.loadUnaligned(fromByteOffset: upper, as: UInt16.self).littleEndian) << 16
                }
            }
            if isFragment, length &- upper < needed { fragment |= UInt8(STILE_FRAGMENT_REFUSED.rawValue) }
        }
        let trafficClass = isIPv6 ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet
        octets.storeBytes(of: UInt32(number).littleEndian, toByteOffset: 0, as: UInt32.self)
        let second = UInt32(trafficClass) | UInt32(fragment) << 8 | UInt32(flags) << 16
        octets.storeBytes(of: second.littleEndian, toByteOffset: 4, as: UInt32.self)
        octets.storeBytes(of: UInt64(ports), toByteOffset: 8, as: UInt64.self)
    }

    /// Whether the packet is a fragment that hides from an access list what it looks at, or would overwrite TCP's flags
    /// when it is put together (RFC 1858 §3, §4; RFC 3128; RFC 7112).
    @_noLocks @inline(__always)
    static func isRefused(_ key: UnsafePointer<stile_flow_key>) -> Bool {
        key.pointee.fragment & UInt8(STILE_FRAGMENT_REFUSED.rawValue) != 0
    }
}
