/// The ICMP error that is due for a dropped packet.
enum ICMPErrorKind: UInt8 {
    case timeExceeded = 0
    case networkUnreachable = 1
    case hostUnreachable = 2
    /// Fragmentation needed (IPv4) or packet too big (IPv6), with the MTU of the packet's way out.
    case tooBig = 3

    var isTooBig: Bool { @_noLocks @inline(__always) get { if case .tooBig = self { true } else { false } } }
}
