/// The values of the EtherType field that Stile knows (IEEE 802 Numbers registry, IANA).
public enum EtherType {
    public static var ipv4: UInt16 { @inlinable get { 0x0800 } }
    public static var arp: UInt16 { @inlinable get { 0x0806 } }
    /// IEEE 802.1Q customer tag.
    public static var customerVLAN: UInt16 { @inlinable get { 0x8100 } }
    /// IEEE 802.1Q service tag (formerly 802.1ad).
    public static var serviceVLAN: UInt16 { @inlinable get { 0x88A8 } }
    public static var ipv6: UInt16 { @inlinable get { 0x86DD } }
    /// RFC 5332: a label assigned by the receiver.
    public static var mpls: UInt16 { @inlinable get { 0x8847 } }
    /// RFC 5332: a label assigned by the sender.
    public static var mplsUpstream: UInt16 { @inlinable get { 0x8848 } }
}
