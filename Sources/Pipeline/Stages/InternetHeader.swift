import CTableLayout
import PacketFormats

/// The check that a packet begins with a well-formed IP header that agrees with its frame (RFC 1812 §5.2.2, RFC 8200
/// §3). Circuits run it behind the Ethernet header, the label check behind the label.
enum InternetHeader {
    case ipv4(length: UInt16)
    case ipv6(length: UInt16)
    case malformed(DropReason)

    /// Checks the packet at `packet`, of which the frame holds `available` octets. `families` are the bits
    /// STILE_FLAG_IPV4 and STILE_FLAG_IPV6 of what may pass. The length found leaves out what pads the frame.
    @_noLocks @inline(never)
    init(at packet: UnsafeRawPointer, available: Int, families: UInt8) {
        // 1. A whole header without options, of a known version.
        guard available >= IPv4Header.minimumByteCount else {
            self = .malformed(.ipHeaderTruncated)
            return
        }
        let ipv4 = IPv4Header(packet)
        if ipv4.version == 6 {
            self.init(ipv6At: packet, available: available, families: families)
            return
        }
        guard ipv4.version == 4 else {
            self = .malformed(.ipVersionInvalid)
            return
        }
        // 2. The family is one that the VRF carries.
        guard families & UInt8(STILE_FLAG_IPV4.rawValue) != 0 else {
            self = .malformed(.familyNotCarried)
            return
        }
        // 3. Lengths (RFC 1812 §5.2.2 rules 1, 4 and 5).
        let headerBytes = ipv4.headerBytes
        guard headerBytes >= IPv4Header.minimumByteCount else {
            self = .malformed(.ipHeaderLengthInvalid)
            return
        }
        let length = ipv4.totalLength
        guard length >= headerBytes, length <= available else {
            self = .malformed(.ipLengthInvalid)
            return
        }
        // 4. The header's checksum (rule 2).
        guard InternetChecksum.isCorrect(ipv4Header: packet, headerBytes: headerBytes) else {
            self = .malformed(.ipChecksumInvalid)
            return
        }
        // 5. Options are forwarded as they are, but for source routes (RFC 7126 §4.3, §4.4).
        guard headerBytes == IPv4Header.minimumByteCount || !ipv4.hasSourceRouteOrMalformedOptions else {
            self = .malformed(.ipv4OptionsRefused)
            return
        }
        self = .ipv4(length: UInt16(truncatingIfNeeded: length))
    }

    @_noLocks
    private init(ipv6At packet: UnsafeRawPointer, available: Int, families: UInt8) {
        guard available >= IPv6Header.byteCount else {
            self = .malformed(.ipHeaderTruncated)
            return
        }
        guard families & UInt8(STILE_FLAG_IPV6.rawValue) != 0 else {
            self = .malformed(.familyNotCarried)
            return
        }
        let length = IPv6Header.byteCount &+ IPv6Header(packet).payloadLength
        guard length <= available else {
            self = .malformed(.ipLengthInvalid)
            return
        }
        self = .ipv6(length: UInt16(truncatingIfNeeded: length))
    }
}
