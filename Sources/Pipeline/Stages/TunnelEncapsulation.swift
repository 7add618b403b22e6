import CTableLayout
import PacketFormats

/// The headers of MPLS over UDP (RFC 7510 §3) in front of a label stack. Most of them stand in the tables; a packet's own are
/// the class, the lengths, the source port, which is the flow's, and what follows from these.
enum TunnelEncapsulation {
    /// The outer header's differentiated services octet: the packet's own code point (RFC 2983 §4.1, the uniform model: an IP
    /// core has nothing else to tell classes by), or the class selector of what a policy has marked. ECN is 0: whether the
    /// tunnel's other end would hand on what congestion does to it is not known (RFC 6040 §4.3, compatibility mode).
    @_noLocks @inline(__always)
    static func services(
        of packet: UnsafeRawPointer, _ flags: PacketFlags, markedAs trafficClass: UInt8
    ) -> UInt8 {
        if flags.contains(.hasTrafficClass) { return trafficClass &<< 5 }
        let octet =
            flags.contains(.isIPv6) ? IPv6Header(packet).trafficClassOctet : IPv4Header(packet).trafficClassOctet
        return octet & ~TunnelCongestion.mask
    }

    /// Writes them in front of the label stack at `stack`, under which `packet` lies.
    @_noLocks
    static func impose(
        _ encapsulation: UnsafePointer<stile_encapsulation>, above stack: UnsafeMutableRawPointer,
        packet: UnsafeRawPointer, isIPv6: Bool, services: UInt8
    ) {
        // 1. What the tables have.
        let record = UnsafeRawPointer(encapsulation)
        let isOverIPv6 = encapsulation.isOverIPv6
        let start = stack - encapsulation.byteCount
        let ipBytes = encapsulation.byteCount &- UDPHeader.byteCount
        if isOverIPv6 {
            copy(record, at: 0, to: start, at: 0)
            copy(record, at: 16, to: start, at: 16)
            copy(record, at: 32, to: start, at: 32)
        } else {
            // 28 octets, with four of them twice.
            copy(record, at: 20, to: start, at: 0)
            copy(record, at: 32, to: start, at: 12)
        }
        // 2. Lengths. The packet's own is that of its header: it may be a fragment.
        let packetBytes =
            isIPv6 ? IPv6Header.byteCount &+ IPv6Header(packet).payloadLength : IPv4Header(packet).totalLength
        let udpBytes = (packet - UnsafeRawPointer(stack)) &+ packetBytes &+ UDPHeader.byteCount
        let hash = FlowHash(of: packet, isIPv6: isIPv6, bytes: packetBytes)
        // 3. The outer IP header.
        if isOverIPv6 {
            // The flow label tells flows apart, too (RFC 6438 §3).
            start.storeNetwork(UInt32(6) << 28 | UInt32(services) << 20 | hash.rawValue >> 12, at: 0)
            start.storeNetwork(UInt16(truncatingIfNeeded: udpBytes), at: 4)
        } else {
            let length = UInt16(truncatingIfNeeded: ipBytes &+ udpBytes)
            start.storeOctet(services, at: 1)
            start.storeNetwork(length, at: 2)
            // RFC 1624 §3, equation 3: both fields were 0.
            let sum = UInt64(~UnsafeRawPointer(start).networkUInt16(at: 10)) &+ UInt64(services) &+ UInt64(length)
            start.storeNetwork(InternetChecksum.complement(sum), at: 10)
        }
        // 4. UDP.
        let header = start + ipBytes
        header.storeNetwork(UDPHeader.entropyPort(hash), at: 0)
        header.storeNetwork(UInt16(truncatingIfNeeded: udpBytes), at: 4)
        if encapsulation.pointee.has_checksum != 0 {
            let addressBytes = isOverIPv6 ? 32 : 8
            let sum = UDPHeader(header).sum(
                bytes: udpBytes, addresses: header - addressBytes, addressBytes: addressBytes)
            // 0 would say that there is none (RFC 768).
            let checksum = InternetChecksum.complement(sum)
            header.storeNetwork(checksum == 0 ? 0xFFFF : checksum, at: 6)
        }
    }

    @_noLocks @inline(__always)
    private static func copy(
        _ record: UnsafeRawPointer, at offset: Int, to start: UnsafeMutableRawPointer, at place: Int
    ) {
        start.storeBytes(
            of: record.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self), toByteOffset: place,
            as: SIMD16<UInt8>.self)
    }
}

extension UnsafePointer<stile_encapsulation> {
    fileprivate var isOverIPv6: Bool {
        @_noLocks @inline(__always) get { Int(pointee.header_bytes) == Int(STILE_ENCAPSULATION_BYTES) }
    }

    /// Octets of the headers.
    var byteCount: Int {
        @_noLocks @inline(__always) get {
            isOverIPv6
                ? IPv6Header.byteCount &+ UDPHeader.byteCount : IPv4Header.minimumByteCount &+ UDPHeader.byteCount
        }
    }
}
