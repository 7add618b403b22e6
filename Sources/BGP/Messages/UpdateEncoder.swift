import Addressing

/// Why an ``Update`` cannot be put into messages.
public enum UpdateEncodingError: Error, Hashable, Sendable {
    /// Routes are announced without a next hop.
    case nextHopMissing
    /// The next hop is an IPv6 address where the prefixes are IPv4 ones, which needs RFC 8950 of the peer.
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

    /// The End-of-RIB marker (RFC 4724 §2): an MP_UNREACH_NLRI without routes.
    public static func endOfRIB(_ family: AddressFamilyIdentifier) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(family)
        return message(attributes: AttributeEncoding(.unreachable, value: writer.bytes).octets)
    }

    private func withdrawals(of routes: [NLRI], _ codec: NLRICodec) -> [[UInt8]] {
        var front = ByteWriter()
        front.write(codec.family)
        return packed(routes, behind: front.bytes, of: .unreachable, otherAttributes: []) { $0.write(withdrawn: $1) }
            ?? []
    }

    private func announcements(
        of routes: [AnnouncedRoute], attributes: PathAttributes.Contents, _ codec: NLRICodec
    ) throws(UpdateEncodingError) -> [[UInt8]] {
        guard let nextHop = attributes.nextHop else { throw .nextHopMissing }
        guard codec.addressFamily == .ipv6 || nextHop.resolvedAddress.family == .ipv4 else {
            throw .nextHopOfOtherFamily
        }
        if let route = routes.first(where: { $0.bits > 255 }) { throw .labelStackTooDeep(route) }
        var front = ByteWriter()
        front.write(codec.family)
        let address = codec.value(of: nextHop)
        front.write(UInt8(clamping: address.count))
        front.write(address)
        front.write(UInt8(0))
        let others = encodings(of: attributes).flatMap(\.octets)
        let messages = packed(routes, behind: front.bytes, of: .reachable, otherAttributes: others) { $0.write($1) }
        guard let messages else { throw .attributesTooLong }
        return messages
    }

    /// Fills messages with routes in their order; `nil` when a route does not fit even alone. The attribute with the
    /// routes comes first (RFC 7606 §5.1).
    private func packed<Route>(
        _ routes: [Route], behind front: [UInt8], of type: AttributeType, otherAttributes: [UInt8],
        write: (inout ByteWriter, Route) -> Void
    ) -> [[UInt8]]? {
        // The header, the two length fields of the UPDATE, the four octets of an attribute with extended length.
        let room = longestMessageOctets - MessageHeader.octets - 4 - 4 - otherAttributes.count
        var messages: [[UInt8]] = []
        var value = ByteWriter(front)
        func finish(_ value: some Collection<UInt8>) {
            messages.append(
                Self.message(attributes: AttributeEncoding(type, value: Array(value)).octets + otherAttributes))
        }
        for route in routes {
            let end = value.count
            write(&value, route)
            guard value.count > room else { continue }
            // One too many: it begins the next message.
            let octets = value.bytes[end...]
            guard end > front.count, front.count + octets.count <= room else { return nil }
            finish(value.bytes[..<end])
            value = ByteWriter(front + octets)
        }
        if value.count > front.count { finish(value.bytes) }
        return messages
    }

    private static func message(attributes: [UInt8]) -> [UInt8] {
        var body = ByteWriter()
        body.write(UInt16(0))
        body.write(UInt16(clamping: attributes.count))
        body.write(attributes)
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
