import Addressing

/// Why an ``Update`` cannot be put into messages.
public enum UpdateEncodingError: Error, Hashable, Sendable {
    /// Routes are announced without a next hop.
    case nextHopMissing
    /// The next hop is an IPv6 address where the prefixes are IPv4 ones, and RFC 8950 was not negotiated for the family.
    case nextHopOfOtherFamily
    /// The attributes leave no room for a route.
    case attributesTooLong
    /// A route has so many labels that its length does not fit into one octet.
    case labelStackTooDeep(AnnouncedRoute)
}

/// Puts routes into UPDATE messages, as many into each as fit.
public struct UpdateEncoder: Hashable, Sendable {
    public let context: UpdateContext
    /// The limit of the session: 4096, or 65535 (RFC 8654).
    public let longestMessageOctets: Int

    public init(context: UpdateContext, longestMessageOctets: Int = MessageHeader.longestMessageOctets) {
        self.context = context
        self.longestMessageOctets = longestMessageOctets
    }

    /// The messages that say `update`, withdrawals first, each with its header. Routes of families that the session
    /// does not carry are left out.
    public func messages(for update: Update) throws(UpdateEncodingError) -> [[UInt8]] {
        var messages: [[UInt8]] = []
        let carried = context.families.sorted().compactMap(NLRICodec.init)
        for codec in carried {
            messages += withdrawals(of: update.withdrawn.filter { $0.family == codec.family }, codec)
        }
        for codec in carried {
            let routes = update.announced.filter { $0.family == codec.family }
            guard !routes.isEmpty else { continue }
            messages += try announcements(of: routes, attributes: update.attributes.contents, codec)
        }
        return messages
    }

    /// The End-of-RIB marker (RFC 4724 §2): an MP_UNREACH_NLRI without routes, of unicast IPv4 an UPDATE without anything.
    public static func endOfRIB(_ family: AddressFamilyIdentifier) -> [UInt8] {
        guard family != .ipv4Unicast else { return message() }
        var writer = ByteWriter()
        writer.write(family)
        return message(attributes: AttributeEncoding(.unreachable, value: writer.bytes).octets)
    }

    private func withdrawals(of routes: [NLRI], _ codec: NLRICodec) -> [[UInt8]] {
        guard codec.family != .ipv4Unicast else {
            return packed(routes, write: { $0.write(withdrawn: $1) }, message: { Self.message(withdrawn: $0) }) ?? []
        }
        var front = ByteWriter()
        front.write(codec.family)
        return packed(routes, behind: front.bytes, of: .unreachable, otherAttributes: []) { $0.write(withdrawn: $1) }
            ?? []
    }

    private func announcements(
        of routes: [AnnouncedRoute], attributes: PathAttributes.Contents, _ codec: NLRICodec
    ) throws(UpdateEncodingError) -> [[UInt8]] {
        guard let nextHop = attributes.nextHop else { throw .nextHopMissing }
        if codec.addressFamily == .ipv4 {
            switch nextHop.resolvedAddress {
            case .ipv4(let address) where codec.family == .ipv4Unicast:
                return try ownAnnouncements(of: routes, attributes: attributes, nextHop: address)
            case .ipv4: break
            case .ipv6:
                guard codec.takesAnyNextHop || context.extendedNextHops.contains(codec.family) else {
                    throw .nextHopOfOtherFamily
                }
            }
        }
        if let route = routes.first(where: { $0.bits > 255 }) { throw .labelStackTooDeep(route) }
        var front = ByteWriter()
        front.write(codec.family)
        let address = codec.value(of: nextHop)
        front.write(UInt8(clamping: address.count))
        front.write(address)
        front.write(UInt8(0))
        let others = encodings(of: attributes).flatMap(\.octets)
        let messages = packed(routes, behind: front.bytes, of: .reachable, otherAttributes: others) {
            $0.write($1, evpn: attributes.evpn)
        }
        guard let messages else { throw .attributesTooLong }
        return messages
    }

    /// Unicast IPv4 routes by a next hop of IPv4, in the field of their own (RFC 4271 §4.3): every speaker reads them there.
    private func ownAnnouncements(
        of routes: [AnnouncedRoute], attributes: PathAttributes.Contents, nextHop: IPv4Address
    ) throws(UpdateEncodingError) -> [[UInt8]] {
        let attributes = encodings(of: attributes, nextHop: nextHop).flatMap(\.octets)
        let messages = packed(
            routes, beside: attributes.count, write: { $0.write($1) },
            message: { Self.message(attributes: attributes, announced: $0) })
        guard let messages else { throw .attributesTooLong }
        return messages
    }

    /// Routes in an attribute, which comes first in its message (RFC 7606 §5.1).
    private func packed<Route>(
        _ routes: [Route], behind front: [UInt8], of type: AttributeType, otherAttributes: [UInt8],
        write: (inout ByteWriter, Route) -> Void
    ) -> [[UInt8]]? {
        // The attribute's own header may have four octets.
        packed(
            routes, behind: front, beside: 4 + otherAttributes.count, write: write,
            message: { Self.message(attributes: AttributeEncoding(type, value: $0).octets + otherAttributes) })
    }

    /// Fills messages with routes in their order; `nil` when a route does not fit even alone.
    ///
    /// - Parameters:
    ///   - front: what stands in front of the routes in each message.
    ///   - others: how many octets the rest of each message's attributes takes.
    private func packed<Route>(
        _ routes: [Route], behind front: [UInt8] = [], beside others: Int = 0,
        write: (inout ByteWriter, Route) -> Void, message: ([UInt8]) -> [UInt8]
    ) -> [[UInt8]]? {
        // The header and the two length fields of the UPDATE.
        let room = longestMessageOctets - MessageHeader.octets - 4 - others
        var messages: [[UInt8]] = []
        var value = ByteWriter(front)
        for route in routes {
            let end = value.count
            write(&value, route)
            guard value.count > room else { continue }
            // One too many: it begins the next message.
            let octets = value.bytes[end...]
            guard end > front.count, front.count + octets.count <= room else { return nil }
            messages.append(message(Array(value.bytes[..<end])))
            value = ByteWriter(front + octets)
        }
        if value.count > front.count { messages.append(message(value.bytes)) }
        return messages
    }

    private static func message(
        withdrawn: [UInt8] = [], attributes: [UInt8] = [], announced: [UInt8] = []
    ) -> [UInt8] {
        var body = ByteWriter()
        body.write(UInt16(clamping: withdrawn.count))
        body.write(withdrawn)
        body.write(UInt16(clamping: attributes.count))
        body.write(attributes)
        body.write(announced)
        return MessageHeader.message(.update, body: body.bytes)
    }
}

extension ByteWriter {
    init(_ bytes: [UInt8]) {
        self.init()
        write(bytes)
    }

    mutating func write(_ family: AddressFamilyIdentifier) {
        write(family.addressFamily)
        write(family.subsequentAddressFamily)
    }
}
