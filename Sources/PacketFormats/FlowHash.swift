import Addressing

/// A number that all packets of a flow share: made of the addresses of the innermost IP packet that Option E knows
/// (under up to two VLAN tags and one label) and, for TCP, UDP and their like, of the ports.
///
/// A fragment is hashed by its addresses alone, the first like the later ones, which have no ports: so all fragments of
/// a datagram have one hash. It is not a keyed hash: who sends the packets can choose flows that fall together, as
/// they can send all in one flow.
@frozen
public struct FlowHash: Equatable, Sendable {
    public var rawValue: UInt32

    /// Extension headers of an IPv6 packet that are passed over in search of ports, so that a long chain costs no more;
    /// behind more of them the packet is hashed by its addresses.
    @usableFromInline static var mostExtensionHeaders: Int { @inlinable get { 4 } }

    /// `nil` where there is no IP packet with whole addresses: ARP and other EtherTypes, a stack of several labels,
    /// frames that end too soon. Reads no octet beyond `bytes`.
    ///
    /// - Parameters:
    ///   - frame: the start of the Ethernet header.
    ///   - bytes: octets of the frame.
    ///   - onlyUnderLabel: whether unlabelled packets have no hash either.
    @inlinable
    public init?(of frame: UnsafeRawPointer, bytes: Int, onlyUnderLabel: Bool) {
        // 1. Ethernet header and VLAN tags.
        var offset = EthernetHeader.byteCount
        guard bytes >= offset else { return nil }
        var etherType = EthernetHeader(frame).etherType
        var tags = 0
        while etherType == EtherType.customerVLAN || etherType == EtherType.serviceVLAN {
            guard tags < 2, bytes >= offset &+ VLANTag.byteCount else { return nil }
            etherType = VLANTag(frame + offset).etherType
            offset &+= VLANTag.byteCount
            tags &+= 1
        }
        // 2. The label, which says nothing of the version of the packet under it.
        let isLabelled = etherType == EtherType.mpls
        if isLabelled {
            guard bytes >= offset &+ LabelStackEntry.byteCount, LabelStackEntry(frame + offset).isBottomOfStack else {
                return nil
            }
            offset &+= LabelStackEntry.byteCount
        } else {
            guard !onlyUnderLabel, etherType == EtherType.ipv4 || etherType == EtherType.ipv6 else { return nil }
        }
        // 3. The packet.
        let available = bytes &- offset
        guard available >= IPv4Header.minimumByteCount else { return nil }
        let packet = frame + offset
        switch IPv4Header(packet).version {
        case 4 where etherType != EtherType.ipv6:
            rawValue = Self.ofIPv4(packet, available: available)
        case 6 where etherType != EtherType.ipv4 && available >= IPv6Header.byteCount:
            rawValue = Self.ofIPv6(packet, available: available)
        default:
            return nil
        }
    }

    /// Of a whole IP packet of `bytes` octets.
    @inlinable
    public init(of packet: UnsafeRawPointer, isIPv6: Bool, bytes: Int) {
        rawValue = isIPv6 ? Self.ofIPv6(packet, available: bytes) : Self.ofIPv4(packet, available: bytes)
    }

    /// Which of `count` (1 and up) the flow belongs to, from 0: each has an equal part of all hashes.
    @inlinable @inline(__always)
    public func share(of count: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(rawValue) &* UInt64(count)) >> 32)
    }

    /// Which of 2⁸ buckets the flow falls into, from 0. The seed mixes the hash anew: what has been chosen by `share`, or by a
    /// box with another seed, says nothing of it. The mixer is that of SplitMix64 (Steele, Lea and Flood, "Fast splittable
    /// pseudorandom number generators", 2014): each bit of the result depends on all of both numbers.
    @inlinable @inline(__always)
    public func bucket(seed: UInt32) -> UInt32 {
        var value = (UInt64(seed) << 32 | UInt64(rawValue)) &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: (value ^ value >> 31) >> 56)
    }

    @inlinable @inline(__always)
    static func ofIPv4(_ packet: UnsafeRawPointer, available: Int) -> UInt32 {
        let header = IPv4Header(packet)
        var ports: UInt32 = 0
        let isFragment = header.flagsAndFragmentOffset & (IPv4Header.moreFragments | IPv4Header.fragmentOffsetMask) != 0
        if !isFragment, hasPorts(header.protocolNumber), available >= header.headerBytes &+ TransportPorts.byteCount {
            ports = packet.networkUInt32(at: header.headerBytes)
        }
        return finish(mix(packet.networkUInt64(at: 12), UInt64(ports)))
    }

    @inlinable
    static func ofIPv6(_ packet: UnsafeRawPointer, available: Int) -> UInt32 {
        let source = mix(packet.networkUInt64(at: 8), packet.networkUInt64(at: 16))
        let destination = mix(packet.networkUInt64(at: 24), packet.networkUInt64(at: 32))
        // Turned, so that source and destination do not cancel each other when they are alike.
        let addresses = source ^ (destination << 23 | destination >> 41)
        return finish(mix(addresses, UInt64(portsOfIPv6(packet, available: available))))
    }

    /// The two ports as one number, 0 where there are none. Walks over the headers that a source may put in front of
    /// the transport header (RFC 8200 §4.1); a fragment header ends the walk.
    @inlinable
    static func portsOfIPv6(_ packet: UnsafeRawPointer, available: Int) -> UInt32 {
        var nextHeader = IPv6Header(packet).nextHeader
        var offset = IPv6Header.byteCount
        var passed = 0
        while nextHeader == IPProtocol.hopByHopOptions || nextHeader == IPProtocol.routingHeader
            || nextHeader == IPProtocol.destinationOptions
        {
            guard passed < mostExtensionHeaders, available >= offset &+ 8 else { return 0 }
            nextHeader = packet.octet(at: offset)
            offset &+= (Int(packet.octet(at: offset &+ 1)) &+ 1) &* 8
            passed &+= 1
        }
        guard hasPorts(nextHeader), available >= offset &+ TransportPorts.byteCount else { return 0 }
        return packet.networkUInt32(at: offset)
    }

    /// TCP and UDP, whose headers begin with the ports; ICMP and the others have none.
    @inlinable @inline(__always)
    static func hasPorts(_ protocolNumber: UInt8) -> Bool {
        protocolNumber == IPProtocol.tcp || protocolNumber == IPProtocol.udp
    }

    /// Folds the 128-bit product of both numbers, which depends on every bit of them (Lemire and Kaser, "Strongly
    /// universal string hashing is fast", 2014, on multiplication as a mixer). The constants are the first digits of
    /// the fractional parts of the square roots of 2 and 3 (FIPS 180-4 §5.3.5), odd.
    @inlinable @inline(__always)
    static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = (one ^ 0x6A09_E667_F3BC_C909).multipliedFullWidth(by: other ^ 0xBB67_AE85_84CA_A73B)
        return product.high ^ product.low
    }

    /// `share` looks at the upper bits, so those are to depend on all.
    @inlinable @inline(__always)
    static func finish(_ value: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: mix(value, value << 32 | value >> 32) >> 32)
    }
}
