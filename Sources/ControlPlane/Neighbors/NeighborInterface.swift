import Addressing
import PacketFormats

/// What neighbor resolution must know of an interface that has addresses.
public struct NeighborInterface: Equatable, Sendable {
    /// The interface's stable number: the index of its counters.
    public let number: InterfaceNumber
    /// The data plane's port.
    public var port: UInt16
    /// The box's own Ethernet address there.
    public var hardwareAddress: MACAddress
    /// What frames carry between the Ethernet addresses and the type.
    public var tags: [EthernetFrame.Tag]
    /// The box's own addresses, the primary one of each family first.
    public var addresses: [InterfaceAddress]

    public init(
        number: InterfaceNumber, port: UInt16, hardwareAddress: MACAddress, tags: [EthernetFrame.Tag],
        addresses: [InterfaceAddress]
    ) {
        self.number = number
        self.port = port
        self.hardwareAddress = hardwareAddress
        self.tags = tags
        self.addresses = addresses
    }

    /// The own link-local address (RFC 4291 Appendix A), on interfaces that carry IPv6.
    public var linkLocal: IPv6Address? {
        Self.linkLocal(of: hardwareAddress, with: addresses)
    }

    /// The link-local address of an interface with this Ethernet address and these addresses.
    static func linkLocal(of hardwareAddress: MACAddress, with addresses: [InterfaceAddress]) -> IPv6Address? {
        guard addresses.contains(where: { $0.address.family == .ipv6 }) else { return nil }
        let mac = UInt128(hardwareAddress.rawValue)
        let identifier = (mac >> 24 ^ 0x02_0000) << 40 | 0xFF_FE00_0000 | (mac & 0xFF_FFFF)
        return IPv6Address(rawValue: 0xFE80 << 112 | identifier)
    }

    /// Whether the address is the box's own on this interface.
    public func owns(_ address: IPAddress) -> Bool {
        if let linkLocal, address == .ipv6(linkLocal) { return true }
        return addresses.contains { $0.address == address }
    }

    /// The own address in whose subnet a neighbor may be; `nil` if the address is not on this link, is the box's own,
    /// or is one that no host can have there. Every link has all link-local addresses.
    public func ownAddress(towards neighbor: IPAddress) -> InterfaceAddress? {
        if case .ipv6(let address) = neighbor, address.isLinkLocal {
            guard let linkLocal, linkLocal != address else { return nil }
            return InterfaceAddress(.ipv6(linkLocal), prefixLength: 10)
        }
        guard !owns(neighbor), Self.isHost(neighbor) else { return nil }
        return addresses.first { own in
            own.subnet.contains(neighbor) && !Self.isNetworkOrBroadcast(neighbor, in: own.subnet)
        }
    }

    private static func isHost(_ address: IPAddress) -> Bool {
        switch address {
        case .ipv4(let address): address.isUnicast
        case .ipv6(let address): address.isGlobalUnicast
        }
    }

    /// RFC 1812 §4.2.2.11; subnets of two addresses have neither (RFC 3021).
    private static func isNetworkOrBroadcast(_ address: IPAddress, in subnet: IPPrefix) -> Bool {
        guard case .ipv4(let address) = address, subnet.length < 31 else { return false }
        let hostBits = UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(32 - subnet.length)) - 1)
        return address.rawValue & hostBits == 0 || address.rawValue & hostBits == hostBits
    }
}
