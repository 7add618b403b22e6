import Addressing

extension EngineMessage {
    /// Numbers of `linux/netlink.h`, `linux/rtnetlink.h`, `linux/nexthop.h`, `linux/lwtunnel.h` and `linux/mpls_iptunnel.h`.
    private enum Number {
        static let newRoute: UInt16 = 24
        static let deleteRoute: UInt16 = 25
        static let newNextHop: UInt16 = 104
        static let deleteNextHop: UInt16 = 105
        static let ipv4: UInt16 = 2
        static let ipv6: UInt16 = 10
        static let mpls: UInt8 = 28
        static let mainTable: UInt32 = 254
        static let unicastRoute: UInt8 = 1
        static let mplsEncapsulation: UInt16 = 1
        /// `MPLS_IPTUNNEL_DST`: what an MPLS encapsulation pushes.
        static let pushedLabels: UInt16 = 1
        /// Octets of `struct nlmsghdr`, `rtmsg`, `nhmsg`, `nexthop_grp` and `rtnexthop`.
        static let messageHeader = 16
        static let routeHeader = 12
        static let nextHopHeader = 8
        static let groupMember = 8
        static let legHeader = 8
    }

    private enum RouteAttribute {
        static let destination: UInt16 = 1
        static let interface: UInt16 = 4
        static let gateway: UInt16 = 5
        static let multipath: UInt16 = 9
        static let table: UInt16 = 15
        static let via: UInt16 = 18
        static let newDestination: UInt16 = 19
        static let encapsulationType: UInt16 = 21
        static let encapsulation: UInt16 = 22
        static let nextHop: UInt16 = 30
    }

    private enum NextHopAttribute {
        static let identifier: UInt16 = 1
        static let group: UInt16 = 2
        static let blackhole: UInt16 = 4
        static let interface: UInt16 = 5
        static let gateway: UInt16 = 6
        static let encapsulationType: UInt16 = 7
        static let encapsulation: UInt16 = 8
    }

    /// The netlink messages behind one header, in order: length (4), type (2), flags (2), sequence (4), port (4), body.
    static func messages(in octets: ArraySlice<UInt8>) throws(FPMMalformation) -> [EngineMessage] {
        var messages: [EngineMessage] = []
        var rest = NetlinkOctets(octets)
        while rest.count > 0 {
            guard let length = rest.uint32(at: 0), let type = rest.uint16(at: 4) else { throw .length(rest.count) }
            guard length >= UInt32(Number.messageHeader), length <= UInt32(rest.count),
                let body = rest.part(at: Number.messageHeader, length: Int(length) - Number.messageHeader)
            else { throw .length(Int(length)) }
            messages.append(try message(type, body))
            rest = rest.rest(from: (Int(length) + 3) & ~3)
        }
        return messages
    }

    private static func message(_ type: UInt16, _ body: NetlinkOctets) throws(FPMMalformation) -> EngineMessage {
        switch type {
        case Number.newRoute: try route(body, isNew: true)
        case Number.deleteRoute: try route(body, isNew: false)
        case Number.newNextHop: try nextHop(body, isNew: true)
        case Number.deleteNextHop: try nextHop(body, isNew: false)
        default: .other
        }
    }

    // MARK: Next hops

    /// `struct nhmsg`: family, scope, protocol, reserved, flags (4).
    private static func nextHop(_ body: NetlinkOctets, isNew: Bool) throws(FPMMalformation) -> EngineMessage {
        guard body.count >= Number.nextHopHeader, let family = body[0] else { throw .size(body.count, .header) }
        let attributes = try NetlinkAttributes(body.rest(from: Number.nextHopHeader))
        guard let identifier = try attributes.uint32(NextHopAttribute.identifier, .identifier) else {
            throw .missing(.identifier)
        }
        guard isNew else { return .nextHop(identifier, nil) }
        if let group = attributes[NextHopAttribute.group] {
            return .nextHop(identifier, .group(try members(group)))
        }
        if attributes[NextHopAttribute.blackhole] != nil { return .nextHop(identifier, .nowhere) }
        var gateway: IPAddress?
        if let octets = attributes[NextHopAttribute.gateway] {
            gateway = try octets.address(addressFamily(UInt16(family)), .gateway)
        }
        let interface = try attributes.uint32(NextHopAttribute.interface, .interface)
        guard
            let labels = try pushedLabels(
                attributes[NextHopAttribute.encapsulationType], attributes[NextHopAttribute.encapsulation])
        else { return .nextHop(identifier, .nowhere) }
        return .nextHop(
            identifier, .leg(EngineLeg(gateway: gateway, interfaceIndex: interface, labels: labels)))
    }

    /// `struct nexthop_grp`, each: number (4), weight, three reserved octets.
    private static func members(_ octets: NetlinkOctets) throws(FPMMalformation) -> [UInt32] {
        guard octets.count % Number.groupMember == 0 else { throw .size(octets.count, .group) }
        return stride(from: 0, to: octets.count, by: Number.groupMember).compactMap { octets.uint32(at: $0) }
    }

    // MARK: Routes and bindings

    /// `struct rtmsg`: family, length of destination and source, class, table, protocol, scope, type, flags (4).
    private static func route(_ body: NetlinkOctets, isNew: Bool) throws(FPMMalformation) -> EngineMessage {
        guard body.count >= Number.routeHeader, let family = body[0], let length = body[1], let table = body[4],
            let protocolNumber = body[5], let type = body[7]
        else { throw .size(body.count, .header) }
        let attributes = try NetlinkAttributes(body.rest(from: Number.routeHeader))
        let inTable = try attributes.uint32(RouteAttribute.table, .table) ?? UInt32(table)
        guard inTable == Number.mainTable else { return .other }
        if family == Number.mpls { return try binding(attributes, length: length, isNew: isNew) }
        // Multicast routes and whatever else the kernel has a table for.
        guard let addressFamily = try? addressFamily(UInt16(family)) else { return .other }
        guard Int(length) <= addressFamily.bits else { throw .prefixLength(length) }
        let prefix = try prefix(addressFamily, length, attributes[RouteAttribute.destination])
        guard isNew else { return .route(prefix, nil) }
        if let number = try attributes.uint32(RouteAttribute.nextHop, .identifier) {
            return .route(prefix, EngineRoute(target: .nextHop(number), protocolNumber: protocolNumber))
        }
        let found = type == Number.unicastRoute ? try legs(attributes, addressFamily) : []
        return .route(prefix, EngineRoute(target: .legs(found), protocolNumber: protocolNumber))
    }

    /// The default route has no destination.
    private static func prefix(
        _ family: AddressFamily, _ length: UInt8, _ destination: NetlinkOctets?
    ) throws(FPMMalformation) -> IPPrefix {
        guard let destination else {
            guard length == 0 else { throw .missing(.destination) }
            return .everything(family)
        }
        guard let prefix = IPPrefix(covering: try destination.address(family, .destination), length: Int(length)) else {
            throw .prefixLength(length)
        }
        return prefix
    }

    /// A label is a destination of 20 bits, written as a label stack entry.
    private static func binding(
        _ attributes: NetlinkAttributes, length: UInt8, isNew: Bool
    ) throws(FPMMalformation) -> EngineMessage {
        guard length == 20 else { throw .prefixLength(length) }
        guard let destination = attributes[RouteAttribute.destination] else { throw .missing(.destination) }
        let labels = try destination.labels()
        guard labels.count == 1, destination.count == 4, let label = labels.first else {
            throw .size(destination.count, .destination)
        }
        return .binding(label, isNew ? try legs(attributes, nil) : nil)
    }

    /// The ways out of a route that names no next hop by number: one, or several.
    /// - Parameter family: of the gateway where it stands without one; `nil` for a label's.
    private static func legs(
        _ attributes: NetlinkAttributes, _ family: AddressFamily?
    ) throws(FPMMalformation) -> [EngineLeg] {
        guard var rest = attributes[RouteAttribute.multipath] else {
            let interface = try attributes.uint32(RouteAttribute.interface, .interface)
            return [try leg(attributes, family, interface)].compactMap(\.self)
        }
        var legs: [EngineLeg] = []
        // `struct rtnexthop`, each: length (2), flags, hops, interface (4), attributes.
        while rest.count > 0 {
            guard let length = rest.uint16(at: 0), let interface = rest.uint32(at: 4) else {
                throw .attributeLength(rest.count)
            }
            guard Int(length) >= Number.legHeader,
                let own = rest.part(at: Number.legHeader, length: Int(length) - Number.legHeader)
            else { throw .attributeLength(Int(length)) }
            if let leg = try leg(NetlinkAttributes(own), family, interface) { legs.append(leg) }
            rest = rest.rest(from: (Int(length) + 3) & ~3)
        }
        return legs
    }

    /// `nil`: a way that we cannot go.
    private static func leg(
        _ attributes: NetlinkAttributes, _ family: AddressFamily?, _ interface: UInt32?
    ) throws(FPMMalformation) -> EngineLeg? {
        var gateway: IPAddress?
        if let via = attributes[RouteAttribute.via] {
            // `struct rtvia`: family (2), address.
            guard let number = via.uint16(at: 0) else { throw .size(via.count, .gateway) }
            gateway = try via.rest(from: 2).address(addressFamily(number), .gateway)
        } else if let octets = attributes[RouteAttribute.gateway] {
            guard let family else { throw .missing(.gateway) }
            gateway = try octets.address(family, .gateway)
        }
        guard
            var labels = try pushedLabels(
                attributes[RouteAttribute.encapsulationType], attributes[RouteAttribute.encapsulation])
        else { return nil }
        if let swapped = attributes[RouteAttribute.newDestination] { labels = try swapped.labels() }
        return EngineLeg(gateway: gateway, interfaceIndex: interface, labels: labels)
    }

    /// `nil`: another encapsulation than MPLS, such as a tunnel's or a segment routing header.
    private static func pushedLabels(
        _ type: NetlinkOctets?, _ encapsulation: NetlinkOctets?
    ) throws(FPMMalformation) -> [MPLSLabel]? {
        guard let type, let encapsulation else { return [] }
        guard let number = type.uint16(at: 0) else { throw .size(type.count, .encapsulation) }
        guard number == Number.mplsEncapsulation else { return nil }
        guard let labels = try NetlinkAttributes(encapsulation)[Number.pushedLabels] else { throw .missing(.label) }
        return try labels.labels()
    }

    private static func addressFamily(_ number: UInt16) throws(FPMMalformation) -> AddressFamily {
        switch number {
        case Number.ipv4: .ipv4
        case Number.ipv6: .ipv6
        default: throw .addressFamily(number)
        }
    }
}
