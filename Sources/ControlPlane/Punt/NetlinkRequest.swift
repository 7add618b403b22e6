import Addressing
import Glibc

/// A request to the kernel's routing tables (rtnetlink, RFC 3549) as octets. Numbers are in the host's byte order,
/// addresses in network byte order.
///
///     +------------+------+-------+----------+-----+---------------------+--------------------
///     | length (4) | type | flags | sequence | pid | family's own header | attributes
///     +------------+------+-------+----------+-----+---------------------+--------------------
struct NetlinkRequest: Hashable {
    /// Of `linux/rtnetlink.h` and `linux/netlink.h`.
    private enum Number {
        static let newLink: UInt16 = 16
        static let newAddress: UInt16 = 20
        static let deleteAddress: UInt16 = 21
        static let newRoute: UInt16 = 24
        static let deleteRoute: UInt16 = 25
        static let requestAndAcknowledge: UInt16 = 0x1 | 0x4
        static let createOrReplace: UInt16 = 0x400 | 0x100
        static let interfaceIsUp: UInt32 = 0x1
        static let mainTable: UInt8 = 254
        static let staticProtocol: UInt8 = 4
        static let linkScope: UInt8 = 253
        static let unicastRoute: UInt8 = 1
        static let noDuplicateAddressDetection: UInt8 = 0x02
    }

    /// That of routes made here: behind whatever the host itself has to the same prefix, since sockets that are bound to the
    /// device need no better.
    static let routePriority: UInt32 = 4_000_000_000

    private var type: UInt16
    private var flags: UInt16
    private var body: [UInt8]

    /// Sets an interface's MTU in octets and, if one is given, its Ethernet address, and brings it up.
    static func bringUp(interfaceIndex: UInt32, mtu: UInt32, hardwareAddress: MACAddress? = nil) -> Self {
        var body: [UInt8] = [0, 0, 0, 0]
        body += hostOctets(interfaceIndex) + hostOctets(Number.interfaceIsUp) + hostOctets(Number.interfaceIsUp)
        body += attribute(4, hostOctets(mtu))
        if let hardwareAddress { body += attribute(1, hardwareAddress.octets) }
        return Self(type: Number.newLink, flags: Number.requestAndAcknowledge, body: body)
    }

    /// Gives an interface an address; the kernel makes the route to its subnet.
    static func add(_ address: InterfaceAddress, interfaceIndex: UInt32) -> Self {
        Self(
            type: Number.newAddress, flags: Number.requestAndAcknowledge | Number.createOrReplace,
            body: addressBody(address, interfaceIndex: interfaceIndex))
    }

    /// Takes an address from an interface, and with it the route to its subnet.
    static func remove(_ address: InterfaceAddress, interfaceIndex: UInt32) -> Self {
        Self(
            type: Number.deleteAddress, flags: Number.requestAndAcknowledge,
            body: addressBody(address, interfaceIndex: interfaceIndex))
    }

    /// Lets what goes to a prefix leave by an interface, without a router.
    static func add(routeTo prefix: IPPrefix, interfaceIndex: UInt32) -> Self {
        Self(
            type: Number.newRoute, flags: Number.requestAndAcknowledge | Number.createOrReplace,
            body: routeBody(prefix, interfaceIndex: interfaceIndex))
    }

    static func remove(routeTo prefix: IPPrefix, interfaceIndex: UInt32) -> Self {
        Self(
            type: Number.deleteRoute, flags: Number.requestAndAcknowledge,
            body: routeBody(prefix, interfaceIndex: interfaceIndex))
    }

    /// `struct rtmsg`: family, length of destination and source, class, table, protocol, scope, type, flags.
    private static func routeBody(_ prefix: IPPrefix, interfaceIndex: UInt32) -> [UInt8] {
        let family = UInt8(prefix.family == .ipv4 ? AF_INET : AF_INET6)
        let scope = prefix.family == .ipv4 ? Number.linkScope : 0
        return [family, prefix.length, 0, 0, Number.mainTable, Number.staticProtocol, scope, Number.unicastRoute]
            + hostOctets(UInt32(0)) + attribute(1, prefix.address.octets) + attribute(4, hostOctets(interfaceIndex))
            + attribute(6, hostOctets(routePriority))
    }

    private static func addressBody(_ address: InterfaceAddress, interfaceIndex: UInt32) -> [UInt8] {
        let family = UInt8(address.address.family == .ipv4 ? AF_INET : AF_INET6)
        let flags = address.address.family == .ipv6 ? Number.noDuplicateAddressDetection : 0
        let octets = address.address.octets
        return [family, address.prefixLength, flags, 0] + hostOctets(interfaceIndex) + attribute(2, octets)
            + attribute(1, octets)
    }

    private static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
        return hostOctets(UInt16(truncatingIfNeeded: 4 + value.count)) + hostOctets(type) + value + padding
    }

    private static func hostOctets(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }

    /// The whole message.
    func octets(sequence: UInt32) -> [UInt8] {
        Self.hostOctets(UInt32(truncatingIfNeeded: 16 + body.count)) + Self.hostOctets(type) + Self.hostOctets(flags)
            + Self.hostOctets(sequence) + Self.hostOctets(UInt32(0)) + body
    }
}
