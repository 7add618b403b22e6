/// What becomes of explicit congestion notification (RFC 3168) at the end of a tunnel: RFC 6040 §4.2, whose scope RFC 9601 §3
/// extends to headers with a shim between, such as a label stack over UDP.
public enum TunnelCongestion {
    /// The field: the lower two bits of the traffic class octet.
    public static var mask: UInt8 { @inlinable get { 3 } }
    public static var notCapable: UInt8 { @inlinable get { 0 } }
    public static var capable1: UInt8 { @inlinable get { 1 } }
    public static var capable0: UInt8 { @inlinable get { 2 } }
    public static var experienced: UInt8 { @inlinable get { 3 } }

    /// What the packet in the tunnel has behind it, or `nil` if the packet is to be dropped: congestion was experienced on its
    /// way, and its sender would not be told.
    @inlinable
    public static func merged(outer: UInt8, inner: UInt8) -> UInt8? {
        if outer == experienced { return inner == notCapable ? nil : experienced }
        return outer == capable1 && inner == capable0 ? capable1 : inner
    }
}

extension IPv4Header {
    /// Sets the congestion field (0 to 3) of the header at `header` and corrects its checksum (RFC 1624 §3, equation 3).
    @inlinable
    public static func setCongestion(_ field: UInt8, of header: UnsafeMutableRawPointer) {
        let old = UnsafeRawPointer(header).networkUInt16(at: 0)
        let new = old & ~UInt16(TunnelCongestion.mask) | UInt16(field)
        header.storeNetwork(new, at: 0)
        let checksum = IPv4Header(header).headerChecksum
        header.storeNetwork(InternetChecksum.updated(checksum, from: old, to: new), at: 10)
    }
}

extension IPv6Header {
    /// Sets the congestion field (0 to 3) of the header at `header`.
    @inlinable
    public static func setCongestion(_ field: UInt8, of header: UnsafeMutableRawPointer) {
        // Version (4 bits), code point (6), congestion (2), flow label (20).
        let word = UnsafeRawPointer(header).networkUInt16(at: 0)
        header.storeNetwork(word & ~UInt16(TunnelCongestion.mask << 4) | UInt16(field) << 4, at: 0)
    }
}
