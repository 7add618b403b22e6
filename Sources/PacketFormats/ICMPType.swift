/// ICMP message types and codes (RFC 792).
public enum ICMPType {
    public static var echoReply: UInt8 { @inlinable get { 0 } }
    public static var destinationUnreachable: UInt8 { @inlinable get { 3 } }
    public static var sourceQuench: UInt8 { @inlinable get { 4 } }
    public static var redirect: UInt8 { @inlinable get { 5 } }
    public static var echoRequest: UInt8 { @inlinable get { 8 } }
    public static var timeExceeded: UInt8 { @inlinable get { 11 } }
    public static var parameterProblem: UInt8 { @inlinable get { 12 } }

    public static var networkUnreachableCode: UInt8 { @inlinable get { 0 } }
    public static var hostUnreachableCode: UInt8 { @inlinable get { 1 } }
    public static var protocolUnreachableCode: UInt8 { @inlinable get { 2 } }
    public static var portUnreachableCode: UInt8 { @inlinable get { 3 } }
    public static var fragmentationNeededCode: UInt8 { @inlinable get { 4 } }

    /// What is in front of the packet that an error is about, of IPv6 as well (RFC 792, RFC 4443 §3).
    public static var errorHeaderBytes: Int { @inlinable get { 8 } }

    /// An error that says why a packet was not delivered.
    @inlinable @inline(__always)
    public static func isAboutDelivery(_ type: UInt8) -> Bool {
        type == destinationUnreachable || type == timeExceeded || type == parameterProblem
    }

    /// RFC 1812 §4.3.2.7: no error is sent about one of these.
    @inlinable @inline(__always)
    public static func isError(_ type: UInt8) -> Bool {
        type == destinationUnreachable || type == sourceQuench || type == redirect || type == timeExceeded
            || type == parameterProblem
    }
}

/// ICMPv6 message types and codes (RFC 4443; RFC 4861 for neighbor discovery).
public enum ICMPv6Type {
    public static var destinationUnreachable: UInt8 { @inlinable get { 1 } }
    public static var packetTooBig: UInt8 { @inlinable get { 2 } }
    public static var timeExceeded: UInt8 { @inlinable get { 3 } }
    public static var parameterProblem: UInt8 { @inlinable get { 4 } }
    public static var echoRequest: UInt8 { @inlinable get { 128 } }
    public static var echoReply: UInt8 { @inlinable get { 129 } }
    public static var routerSolicitation: UInt8 { @inlinable get { 133 } }
    public static var routerAdvertisement: UInt8 { @inlinable get { 134 } }
    public static var neighborSolicitation: UInt8 { @inlinable get { 135 } }
    public static var neighborAdvertisement: UInt8 { @inlinable get { 136 } }
    public static var redirect: UInt8 { @inlinable get { 137 } }

    public static var noRouteCode: UInt8 { @inlinable get { 0 } }
    public static var addressUnreachableCode: UInt8 { @inlinable get { 3 } }
    public static var portUnreachableCode: UInt8 { @inlinable get { 4 } }
    /// Of a parameter problem (RFC 4443 §3.4).
    public static var unknownNextHeaderCode: UInt8 { @inlinable get { 1 } }

    /// An error that says why a packet was not delivered (RFC 4443 §3).
    @inlinable @inline(__always)
    public static func isAboutDelivery(_ type: UInt8) -> Bool {
        type >= destinationUnreachable && type <= parameterProblem
    }

    /// RFC 4443 §2.1: errors have the high bit clear. §2.4(e): no error is sent about an error or a redirect.
    @inlinable @inline(__always)
    public static func isErrorOrRedirect(_ type: UInt8) -> Bool { type < 128 || type == redirect }
}
