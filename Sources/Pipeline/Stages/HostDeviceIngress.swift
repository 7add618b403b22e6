import CTableLayout
import PacketFormats

/// What a routing engine on the host hears on a core interface that has a device there, besides ARP, neighbor discovery and
/// what is sent to the box's own addresses (``LocalServices``): routing protocols that speak to everybody on the link.
///
/// Nothing that was sent beyond the link is among it: the kernel behind the device might forward that.
enum HostDeviceIngress {
    /// Whether a frame without IP is IS-IS: an LLC header with the service access point of ISO network layer protocols and
    /// control field 3 (ISO/IEC 10589 §8.4.8; IEEE 802.2), behind a length instead of a type or, where that would be too long for
    /// a length, behind the type that says so (draft-ietf-isis-ext-eth-01 §4; FRR's hellos are padded to the MTU).
    @_noLocks
    static func isOfEngine(
        _ frame: UnsafeRawPointer, etherType: UInt16, payloadOffset: Int, _ available: Int,
        _ interface: UnsafePointer<stile_interface>
    ) -> Bool {
        let isLength = etherType >= llcBytes && etherType <= longestLLC && Int(etherType) <= available
        guard hasHostDevice(interface), isLength || (etherType == longLLC && available >= Int(llcBytes)) else {
            return false
        }
        return frame.networkUInt16(at: payloadOffset) == 0xFEFE && frame.octet(at: payloadOffset &+ 2) == 0x03
    }

    /// Whether an IP packet in a group frame is to a group of the link: 224.0.0.0/24 (RFC 5771 §4), as OSPF's and LDP's are, or
    /// ff02::/16 (RFC 4291 §2.7).
    @_noLocks
    static func isOfEngine(
        group packet: UnsafeRawPointer, isIPv6: Bool, _ interface: UnsafePointer<stile_interface>
    ) -> Bool {
        guard hasHostDevice(interface) else { return false }
        return isIPv6
            ? packet.networkUInt16(at: 24) == 0xFF02
            : packet.networkUInt32(at: 16) >> 8 == 0xE00000
    }

    /// The longest LLC frame that a length, and no type, stands before (IEEE 802.3 §3.2.6).
    private static var longestLLC: UInt16 { @_noLocks @inline(__always) get { 1500 } }
    private static var longLLC: UInt16 { @_noLocks @inline(__always) get { 0x8870 } }
    private static var llcBytes: UInt16 { @_noLocks @inline(__always) get { 3 } }

    @_noLocks @inline(__always)
    private static func hasHostDevice(_ interface: UnsafePointer<stile_interface>) -> Bool {
        interface.pointee.flags & UInt8(STILE_FLAG_HOST_DEVICE.rawValue) != 0
    }
}
