import Addressing

/// An IPv4 header (RFC 791 §3.1).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |version|  IHL  |   DSCP    |ECN|          total length         |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         identification        |0|D|M|     fragment offset     |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  time to live |    protocol   |        header checksum        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                         source address                        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                      destination address                      |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                    options (IHL - 5 words)                    |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The properties read the first `minimumByteCount` octets; whoever makes the view has checked that they are there.
@frozen
public struct IPv4Header {
    public static var minimumByteCount: Int { @inlinable get { 20 } }
    public static var dontFragment: UInt16 { @inlinable get { 0x4000 } }
    public static var moreFragments: UInt16 { @inlinable get { 0x2000 } }
    /// Of `flagsAndFragmentOffset`: the offset in units of eight octets.
    public static var fragmentOffsetMask: UInt16 { @inlinable get { 0x1FFF } }

    /// Where the payload of a datagram ends at most: its total length is a 16-bit number.
    public static var largestPayloadEnd: Int { @inlinable get { 65_535 - 20 } }

    @usableFromInline let base: UnsafeRawPointer

    @inlinable @inline(__always)
    public init(_ base: UnsafeRawPointer) { self.base = base }

    @inlinable @inline(__always)
    public var version: UInt8 { base.octet(at: 0) >> 4 }

    /// Octets, 0 to 60; below 20 the header is malformed.
    @inlinable @inline(__always)
    public var headerBytes: Int { Int(base.octet(at: 0) & 0xF) &* 4 }

    /// DSCP (RFC 2474) in the upper six bits, ECN (RFC 3168) in the lower two.
    @inlinable @inline(__always)
    public var trafficClassOctet: UInt8 { base.octet(at: 1) }

    /// Octets of header and payload.
    @inlinable @inline(__always)
    public var totalLength: Int { Int(base.networkUInt16(at: 2)) }

    @inlinable @inline(__always)
    public var identification: UInt16 { base.networkUInt16(at: 4) }

    @inlinable @inline(__always)
    public var flagsAndFragmentOffset: UInt16 { base.networkUInt16(at: 6) }

    @inlinable @inline(__always)
    public var mayBeFragmented: Bool { flagsAndFragmentOffset & Self.dontFragment == 0 }

    /// Whether this is a fragment that does not hold the start of the payload.
    @inlinable @inline(__always)
    public var isNonInitialFragment: Bool { flagsAndFragmentOffset & Self.fragmentOffsetMask != 0 }

    @inlinable @inline(__always)
    public var timeToLive: UInt8 { base.octet(at: 8) }

    @inlinable @inline(__always)
    public var protocolNumber: UInt8 { base.octet(at: 9) }

    @inlinable @inline(__always)
    public var headerChecksum: UInt16 { base.networkUInt16(at: 10) }

    /// Whether the header has no options and is well-formed (RFC 1812 §5.2.2), with a packet that fits in `available`
    /// octets: the common case at once. `available` is `minimumByteCount` or more.
    @inlinable @inline(__always)
    public func isCommon(available: Int) -> Bool {
        // Both bounds of the length in one comparison.
        base.octet(at: 0) == 0x45
            && UInt(bitPattern: totalLength &- Self.minimumByteCount)
                <= UInt(bitPattern: available &- Self.minimumByteCount)
            && InternetChecksum.isCorrect(ipv4Header: base, headerBytes: Self.minimumByteCount)
    }

    @inlinable @inline(__always)
    public var source: IPv4Address { IPv4Address(rawValue: base.networkUInt32(at: 12)) }

    @inlinable @inline(__always)
    public var destination: IPv4Address { IPv4Address(rawValue: base.networkUInt32(at: 16)) }

    /// Whether the options hold a loose or strict source route (RFC 791 §3.1, types 131 and 137), or cannot be read to
    /// their end. Reads `headerBytes` octets.
    @inlinable
    public var hasSourceRouteOrMalformedOptions: Bool {
        var offset = Self.minimumByteCount
        let end = headerBytes
        while offset < end {
            let type = base.octet(at: offset)
            if type == IPv4Option.endOfList { return false }
            if type == IPv4Option.noOperation {
                offset &+= 1
                continue
            }
            if type == IPv4Option.looseSourceRoute || type == IPv4Option.strictSourceRoute { return true }
            guard offset &+ 1 < end else { return true }
            let length = Int(base.octet(at: offset &+ 1))
            guard length >= 2, offset &+ length <= end else { return true }
            offset &+= length
        }
        return false
    }
}

/// IPv4 option types (RFC 791 §3.1).
public enum IPv4Option {
    public static var endOfList: UInt8 { @inlinable get { 0 } }
    public static var noOperation: UInt8 { @inlinable get { 1 } }
    public static var looseSourceRoute: UInt8 { @inlinable get { 131 } }
    public static var strictSourceRoute: UInt8 { @inlinable get { 137 } }
}

extension IPv4Header {
    /// Sets the time to live of the header at `header` and corrects its checksum (RFC 1624 §3, equation 3): time to
    /// live, protocol and checksum are one word, read and written once.
    @inlinable @inline(__always)
    public static func setTimeToLive(_ timeToLive: UInt8, of header: UnsafeMutableRawPointer) {
        // Read as little-endian: ones' complement sums come out the same in either order (RFC 1071 §2B), and no octet
        // needs to be moved. The checksum is the upper half.
        let old = UInt32(littleEndian: UnsafeRawPointer(header).loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        // HC' = HC + m - m' modulo 0xFFFF, between 0 and 0xFFFE: so comes equation 3 out, of which ~HC is never 0.
        let (difference, isRaised) = (old & 0xFF).subtractingReportingOverflow(UInt32(timeToLive))
        // What reaches 0xFFFF has it taken off: as 1 more, the carry out, and else that 1 again. Below 0 the carry says
        // that nothing was borrowed, and what was borrowed is paid back by that 1.
        let step = difference &- (isRaised ? 1 : 0) &+ 1
        let (sum, isCarried) = old.addingReportingOverflow(step << 16 &- difference)
        let new = isCarried ? sum : sum &- 0x1_0000
        header.storeBytes(of: new.littleEndian, toByteOffset: 8, as: UInt32.self)
    }

    /// As `setTimeToLive`, to a time to live that is not above the header's own: most packets' is lowered by one.
    @inlinable @inline(__always)
    public static func lowerTimeToLive(to timeToLive: UInt8, of header: UnsafeMutableRawPointer) {
        let old = UInt32(littleEndian: UnsafeRawPointer(header).loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        let difference = (old & 0xFF) &- UInt32(timeToLive)
        let (sum, isCarried) = old.addingReportingOverflow((difference &+ 1) << 16 &- difference)
        let new = isCarried ? sum : sum &- 0x1_0000
        header.storeBytes(of: new.littleEndian, toByteOffset: 8, as: UInt32.self)
    }

    /// Computes the checksum of the finished header at `header` and stores it. Reads `headerBytes` octets.
    @inlinable
    public static func storeChecksum(of header: UnsafeMutableRawPointer) {
        header.storeNetwork(UInt16(0), at: 10)
        let sum = InternetChecksum.sum(UnsafeRawPointer(header), count: IPv4Header(header).headerBytes)
        header.storeNetwork(InternetChecksum.complement(sum), at: 10)
    }
}
