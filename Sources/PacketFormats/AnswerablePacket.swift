import Addressing

/// An IP packet whose sender may be told of it: whole, not a later fragment, and from one host (RFC 1122 §3.2.2,
/// RFC 4443 §2.4(e)).
enum AnswerablePacket {
    case ipv4(IPv4Header, UnsafeRawBufferPointer)
    case ipv6(IPv6Header, IPv6UpperLayer, UnsafeRawBufferPointer)

    /// The packet at the start of `buffer`, for as long as that is there; `nil` if it is malformed, or another that is
    /// not answered.
    init?(_ buffer: UnsafeRawBufferPointer) {
        guard let base = buffer.baseAddress, let first = buffer.first else { return nil }
        switch first >> 4 {
        case 4:
            let header = IPv4Header(base)
            guard buffer.count >= IPv4Header.minimumByteCount, header.headerBytes >= IPv4Header.minimumByteCount,
                header.totalLength >= header.headerBytes, header.totalLength <= buffer.count,
                !header.isNonInitialFragment, header.source.isUnicast
            else { return nil }
            self = .ipv4(header, UnsafeRawBufferPointer(start: base, count: header.totalLength))
        case 6:
            let header = IPv6Header(base)
            guard buffer.count >= IPv6Header.byteCount else { return nil }
            let length = IPv6Header.byteCount + header.payloadLength
            guard length <= buffer.count, header.source.isGlobalUnicast || header.source.isLinkLocal else { return nil }
            let upper = IPv6UpperLayer(of: base, packetBytes: length)
            guard upper.isComplete, !upper.isNonInitialFragment else { return nil }
            self = .ipv6(header, upper, UnsafeRawBufferPointer(start: base, count: length))
        default: return nil
        }
    }
}
