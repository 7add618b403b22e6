/// Protocol and next-header numbers that Stile knows (Assigned Internet Protocol Numbers registry, IANA).
public enum IPProtocol {
    public static var hopByHopOptions: UInt8 { @inlinable get { 0 } }
    public static var icmp: UInt8 { @inlinable get { 1 } }
    public static var tcp: UInt8 { @inlinable get { 6 } }
    public static var udp: UInt8 { @inlinable get { 17 } }
    public static var dccp: UInt8 { @inlinable get { 33 } }
    public static var routingHeader: UInt8 { @inlinable get { 43 } }
    public static var fragmentHeader: UInt8 { @inlinable get { 44 } }
    public static var authenticationHeader: UInt8 { @inlinable get { 51 } }
    public static var icmpv6: UInt8 { @inlinable get { 58 } }
    public static var noNextHeader: UInt8 { @inlinable get { 59 } }
    public static var destinationOptions: UInt8 { @inlinable get { 60 } }
    public static var sctp: UInt8 { @inlinable get { 132 } }
    public static var udpLite: UInt8 { @inlinable get { 136 } }
}
