import Addressing

/// The next hop of routes as MP_REACH_NLRI carries it: an address, in the VPN families behind a route distinguisher of
/// zero (RFC 4760 §3, RFC 2545 §3, RFC 4364 §4.3.2, RFC 4659 §3.2.1, RFC 4798 §2, RFC 8950 §4).
public struct BGPNextHop: Hashable, Sendable {
    /// The address as it stands on the wire, so possibly an IPv4-mapped IPv6 one (RFC 4659 §3.2.1.2, RFC 4798 §2).
    public let address: IPAddress
    /// The second address of the longest form: the next hop's link-local address on a shared link.
    public let linkLocal: IPv6Address?

    /// A next hop for routes of any family.
    public init(_ address: IPAddress, linkLocal: IPv6Address? = nil) {
        self.address = address
        self.linkLocal = linkLocal
    }

    /// The address with the IPv4-mapped form undone: what a neighbor's own address is compared with.
    public var resolvedAddress: IPAddress {
        if case .ipv6(let address) = address, let mapped = address.mappedIPv4 { return .ipv4(mapped) }
        return address
    }
}

extension BGPNextHop: CustomStringConvertible {
    public var description: String { linkLocal.map { "\(address) (\($0))" } ?? address.description }
}
