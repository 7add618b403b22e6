import PacketFormats

/// Packets to the box's own addresses that come in fragments (RFC 791 §3.2, RFC 8200 §4.5), put together in bounded memory
/// and time. Packets that only pass through are never touched.
struct Reassembly {
    /// What is held of one packet.
    fileprivate struct Partial {
        let interface: UInt16
        /// What stands in front of the payload; `nil` before the first fragment has come.
        var head: [UInt8]?
        /// Pieces of the payload by their offsets, ascending and without overlaps.
        var pieces: [(start: Int, octets: ArraySlice<UInt8>)] = []
        /// The payload's length; `nil` before the last fragment has come.
        var length: Int?
        let deadline: Duration
    }

    private struct Key: Hashable {
        let interface: UInt16
        /// Addresses, identification and (IPv4) protocol.
        let octets: [UInt8]
    }

    /// One fragment.
    fileprivate struct Fragment {
        let key: [UInt8]
        let head: [UInt8]
        let payload: ArraySlice<UInt8>
        let start: Int
        let isLast: Bool
    }

    /// RFC 8200 §4.5; RFC 1122 §3.3.2 wants between 60 and 120 seconds.
    private static let timeout = Duration.seconds(60)
    /// The longest payload: the answer must fit into one place of the inject ring.
    fileprivate static let longestPayload = 9_000
    fileprivate static let mostPieces = 64
    private static let mostOfInterface = 4
    private static let most = 256

    private var partials: [Key: Partial] = [:]

    /// Takes a packet that came in by an interface.
    /// - Returns: the packet itself, when it is whole; the one that it has completed; otherwise `nil`.
    mutating func add(_ packet: [UInt8], of interface: UInt16, now: Duration) -> [UInt8]? {
        guard let fragment = Self.fragment(packet) else { return packet }
        let key = Key(interface: interface, octets: fragment.key)
        if partials[key] == nil {
            makeRoom(on: interface)
            guard partials.count < Self.most else { return nil }
            partials[key] = Partial(interface: interface, deadline: now + Self.timeout)
        }
        guard var partial = partials.removeValue(forKey: key), partial.take(fragment) else { return nil }
        guard let whole = partial.whole else {
            partials[key] = partial
            return nil
        }
        return whole
    }

    /// Gives up what has waited for too long.
    mutating func expire(now: Duration) {
        guard !partials.isEmpty else { return }
        partials = partials.filter { $0.value.deadline > now }
    }

    /// An interface's newest packets take the places of its oldest.
    private mutating func makeRoom(on interface: UInt16) {
        let own = partials.filter { $0.value.interface == interface }
        guard own.count >= Self.mostOfInterface, let oldest = own.min(by: { $0.value.deadline < $1.value.deadline })
        else { return }
        partials[oldest.key] = nil
    }

    /// The packet as a fragment; `nil`: it is whole, or too damaged to say.
    private static func fragment(_ packet: [UInt8]) -> Fragment? {
        packet.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, buffer.count >= IPv4Header.minimumByteCount else { return nil }
            return buffer[0] >> 4 == 4 ? ipv4Fragment(packet, IPv4Header(base)) : ipv6Fragment(packet, base)
        }
    }

    private static func ipv4Fragment(_ packet: [UInt8], _ header: IPv4Header) -> Fragment? {
        let field = header.flagsAndFragmentOffset
        let hasMore = field & IPv4Header.moreFragments != 0
        guard hasMore || header.isNonInitialFragment, header.headerBytes >= IPv4Header.minimumByteCount,
            header.totalLength <= packet.count, header.headerBytes <= header.totalLength
        else { return nil }
        return Fragment(
            key: Array(packet[12..<20] + packet[4..<6] + packet[9..<10]), head: Array(packet[..<header.headerBytes]),
            payload: packet[header.headerBytes..<header.totalLength],
            start: Int(field & IPv4Header.fragmentOffsetMask) * 8, isLast: !hasMore)
    }

    private static func ipv6Fragment(_ packet: [UInt8], _ base: UnsafeRawPointer) -> Fragment? {
        guard packet[0] >> 4 == 6, packet.count >= IPv6Header.byteCount else { return nil }
        let end = IPv6Header.byteCount + IPv6Header(base).payloadLength
        guard end <= packet.count else { return nil }
        // The headers in front of the fragment header are in every fragment.
        var place = 6
        var next = IPv6Header.byteCount
        while packet[place] != IPProtocol.fragmentHeader {
            let isExtension = [IPProtocol.hopByHopOptions, IPProtocol.routingHeader, IPProtocol.destinationOptions]
                .contains(packet[place])
            guard isExtension, next + 8 <= end else { return nil }
            place = next
            next += (Int(packet[next + 1]) + 1) * 8
        }
        guard next + 8 <= end else { return nil }
        var head = Array(packet[..<next])
        head[place] = packet[next]
        let field = UInt16(packet[next + 2]) << 8 | UInt16(packet[next + 3])
        return Fragment(
            key: Array(packet[8..<40] + packet[(next + 4)..<(next + 8)]), head: head, payload: packet[(next + 8)..<end],
            start: Int(field >> 3) * 8, isLast: field & 1 == 0)
    }
}

extension Reassembly.Partial {
    /// Takes a piece; `false`: the packet can come to nothing any more. Pieces that overlap are an attack (RFC 5722 §4).
    fileprivate mutating func take(_ fragment: Reassembly.Fragment) -> Bool {
        let end = fragment.start + fragment.payload.count
        guard end <= Reassembly.longestPayload, fragment.isLast || fragment.payload.count % 8 == 0,
            !fragment.payload.isEmpty, pieces.count < Reassembly.mostPieces
        else { return false }
        if fragment.isLast {
            guard length == nil || length == end, pieces.allSatisfy({ $0.start + $0.octets.count <= end }) else {
                return false
            }
            length = end
        } else if let length, end >= length {
            return false
        }
        if fragment.start == 0, head == nil { head = fragment.head }
        let place = pieces.firstIndex { $0.start >= fragment.start } ?? pieces.count
        if place < pieces.count, pieces[place].start == fragment.start {
            // The same again, as a link may deliver it.
            return pieces[place].octets.elementsEqual(fragment.payload)
        }
        guard place == 0 || pieces[place - 1].start + pieces[place - 1].octets.count <= fragment.start,
            place == pieces.count || end <= pieces[place].start
        else { return false }
        pieces.insert((fragment.start, fragment.payload), at: place)
        return true
    }

    /// The packet, when nothing is missing.
    fileprivate var whole: [UInt8]? {
        guard var packet = head, let length, pieces.reduce(0, { $0 + $1.octets.count }) == length else { return nil }
        let headBytes = packet.count
        for piece in pieces { packet += piece.octets }
        if packet[0] >> 4 == 6 {
            let bytes = packet.count - IPv6Header.byteCount
            (packet[4], packet[5]) = (UInt8(bytes >> 8), UInt8(bytes & 0xFF))
            return packet
        }
        (packet[2], packet[3]) = (UInt8(packet.count >> 8), UInt8(packet.count & 0xFF))
        (packet[6], packet[7], packet[10], packet[11]) = (0, 0, 0, 0)
        let checksum = InternetChecksum.complement(InternetChecksum.sum(Array(packet[..<headBytes])))
        (packet[10], packet[11]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
        return packet
    }
}

/// What the box itself sends over IPv6 leaves in pieces that every link carries: routers do not cut it (RFC 8200 §4.5, §5).
enum IPv6Fragments {
    private static let smallestMTU = 1280
    private static let payloadBytes = smallestMTU - IPv6Header.byteCount - 8

    /// The packet, or its fragments. IPv4 is cut where it leaves.
    static func of(_ packet: [UInt8], identification: UInt32) -> [[UInt8]] {
        guard packet.count > smallestMTU, packet[0] >> 4 == 6 else { return [packet] }
        let payload = packet[IPv6Header.byteCount...]
        return stride(from: 0, to: payload.count, by: payloadBytes).map { start in
            let end = min(start + payloadBytes, payload.count)
            let piece = payload[(payload.startIndex + start)..<(payload.startIndex + end)]
            var head = Array(packet[..<IPv6Header.byteCount])
            (head[4], head[5]) = (UInt8((piece.count + 8) >> 8), UInt8((piece.count + 8) & 0xFF))
            head[6] = IPProtocol.fragmentHeader
            let field = UInt16(start) | (end < payload.count ? 1 : 0)
            return head + [packet[6], 0] + field.networkOctets + identification.networkOctets + piece
        }
    }
}
