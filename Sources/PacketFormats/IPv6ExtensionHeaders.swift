/// The walk over a packet's extension headers (RFC 8200 §4) to what they carry.
@frozen
public struct IPv6UpperLayer: Equatable, Sendable {
    /// What follows the extension headers. Where they cannot be read to their end, the number of the header that could
    /// not be read.
    public var protocolNumber: UInt8
    /// Octets from the start of the IPv6 header.
    public var offset: Int
    /// Offset and flags of the fragment header (RFC 8200 §4.5): the offset in units of eight octets in the upper 13 bits,
    /// the lowest bit for more fragments; 0 for a packet that is whole.
    public var fragmentField: UInt16
    /// Whether a fragment header says that the payload's start is in another packet.
    @inlinable
    public var isNonInitialFragment: Bool { fragmentField >> 3 != 0 }
    /// Whether the walk reached something other than an extension header inside the packet.
    public var isComplete: Bool

    /// Walks the packet at `packet`, which has `packetBytes` octets, the 40 of its header at least.
    ///
    /// Every header takes at least eight octets, so the walk ends after `packetBytes / 8` steps.
    @inlinable
    public init(of packet: UnsafeRawPointer, packetBytes: Int) {
        protocolNumber = IPv6Header(packet).nextHeader
        offset = IPv6Header.byteCount
        fragmentField = 0
        isComplete = false
        while true {
            switch protocolNumber {
            case IPProtocol.hopByHopOptions, IPProtocol.routingHeader, IPProtocol.destinationOptions:
                guard offset &+ 8 <= packetBytes else { return }
                let length = (Int(packet.octet(at: offset &+ 1)) &+ 1) &* 8
                guard advance(over: packet, by: length, within: packetBytes) else { return }
            case IPProtocol.authenticationHeader:
                // RFC 4302 §2.2: the length is in words of four octets, less two.
                guard offset &+ 8 <= packetBytes else { return }
                let length = (Int(packet.octet(at: offset &+ 1)) &+ 2) &* 4
                guard length >= 8, advance(over: packet, by: length, within: packetBytes) else { return }
            case IPProtocol.fragmentHeader:
                guard offset &+ 8 <= packetBytes else { return }
                fragmentField = packet.networkUInt16(at: offset &+ 2) & 0xFFF9
                guard advance(over: packet, by: 8, within: packetBytes) else { return }
                // What follows the header of a later fragment is payload, whatever its next-header field says.
                if isNonInitialFragment { return }
            default:
                isComplete = true
                return
            }
        }
    }

    @inlinable @inline(__always)
    mutating func advance(over packet: UnsafeRawPointer, by length: Int, within packetBytes: Int) -> Bool {
        guard offset &+ length <= packetBytes else { return false }
        protocolNumber = packet.octet(at: offset)
        offset &+= length
        return true
    }
}
