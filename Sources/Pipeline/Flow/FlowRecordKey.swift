import PacketFormats

/// What the packets of one flow have in common: the first 48 octets of a `stile_flow_record` as six words, for one
/// comparison and one hash.
public struct FlowRecordKey: Equatable, Sendable {
    let sourceHigh: UInt64
    let sourceLow: UInt64
    let destinationHigh: UInt64
    let destinationLow: UInt64
    /// Ingress counter, VRF, source port, destination port, from the lowest bits up.
    let numbers: UInt64
    /// Protocol, traffic class, family, forwarding status, from the lowest bits up.
    let kinds: UInt64

    /// The key of a packet whose header has been checked and agrees with `bytes`.
    ///
    /// - Parameters:
    ///   - packet: the start of the IP header.
    ///   - bytes: octets of the IP packet.
    ///   - ingress: the counter number of the interface that it came in on.
    ///   - status: `forwardingStatus` (RFC 7270 §4.12).
    @_noLocks
    public init(
        of packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool, ingress: UInt16, vrf: UInt16, status: UInt8
    ) {
        self.init(
            of: packet, FlowPayload(of: packet, bytes: bytes, isIPv6: isIPv6), isIPv6: isIPv6, ingress: ingress,
            vrf: vrf, status: status)
    }

    @_noLocks @inline(__always)
    init(
        of packet: UnsafeRawPointer, _ payload: FlowPayload, isIPv6: Bool, ingress: UInt16, vrf: UInt16, status: UInt8
    ) {
        let trafficClass: UInt8
        if isIPv6 {
            sourceHigh = packet.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            sourceLow = packet.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            destinationHigh = packet.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            destinationLow = packet.loadUnaligned(fromByteOffset: 32, as: UInt64.self)
            trafficClass = IPv6Header(packet).trafficClassOctet
        } else {
            sourceHigh = UInt64(packet.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            sourceLow = 0
            destinationHigh = UInt64(packet.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            destinationLow = 0
            trafficClass = IPv4Header(packet).trafficClassOctet
        }
        numbers =
            UInt64(ingress) | UInt64(vrf) &<< 16 | UInt64(payload.sourcePort) &<< 32
            | UInt64(payload.destinationPort) &<< 48
        kinds =
            UInt64(payload.protocolNumber) | UInt64(trafficClass) &<< 8 | UInt64(isIPv6 ? 6 : 4) &<< 16
            | UInt64(status) &<< 24
    }

    /// As `==`, which is a call through a protocol where the compiler does not specialise.
    @_noLocks @inline(__always)
    func isSame(as other: FlowRecordKey) -> Bool {
        sourceHigh == other.sourceHigh && sourceLow == other.sourceLow && destinationHigh == other.destinationHigh
            && destinationLow == other.destinationLow && numbers == other.numbers && kinds == other.kinds
    }

    /// The key of a record.
    @_noLocks @inline(__always)
    init(of record: UnsafeRawPointer) {
        sourceHigh = record.load(as: UInt64.self)
        sourceLow = record.load(fromByteOffset: 8, as: UInt64.self)
        destinationHigh = record.load(fromByteOffset: 16, as: UInt64.self)
        destinationLow = record.load(fromByteOffset: 24, as: UInt64.self)
        numbers = record.load(fromByteOffset: 32, as: UInt64.self)
        kinds = record.load(fromByteOffset: 40, as: UInt64.self)
    }

    private init(_ other: FlowRecordKey, kinds: UInt64) {
        sourceHigh = other.sourceHigh
        sourceLow = other.sourceLow
        destinationHigh = other.destinationHigh
        destinationLow = other.destinationLow
        numbers = other.numbers
        self.kinds = kinds
    }

    var vrf: UInt16 { @_noLocks @inline(__always) get { UInt16(truncatingIfNeeded: numbers &>> 16) } }

    /// The same flow with another fate.
    @_noLocks
    func with(status: UInt8) -> FlowRecordKey { FlowRecordKey(self, kinds: kinds & 0xFF_FFFF | UInt64(status) &<< 24) }

    @_noLocks @inline(__always)
    func store(to record: UnsafeMutableRawPointer) {
        record.storeBytes(of: sourceHigh, as: UInt64.self)
        record.storeBytes(of: sourceLow, toByteOffset: 8, as: UInt64.self)
        record.storeBytes(of: destinationHigh, toByteOffset: 16, as: UInt64.self)
        record.storeBytes(of: destinationLow, toByteOffset: 24, as: UInt64.self)
        record.storeBytes(of: numbers, toByteOffset: 32, as: UInt64.self)
        record.storeBytes(of: kinds, toByteOffset: 40, as: UInt64.self)
    }

    /// Keyed by a number that a customer cannot know, so that nobody can choose flows that meet in one place: products
    /// of 64 by 64 bits, both halves folded (as in wyhash).
    @_noLocks @inline(__always)
    func hash(seed: UInt64) -> UInt64 {
        let first = Self.folded(sourceHigh ^ seed, destinationHigh ^ 0xA076_1D64_78BD_642F)
        let second = Self.folded(sourceLow ^ seed, destinationLow ^ 0xE703_7ED1_A0B4_28DB)
        return Self.folded(first ^ numbers ^ 0x8EBC_6AF0_9C88_C6E3, second ^ kinds ^ seed)
    }

    @_noLocks @inline(__always)
    private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}

/// What a flow's key and record take from behind the IP header.
struct FlowPayload {
    /// Behind the extension headers, where those can be read.
    let protocolNumber: UInt8
    private(set) var sourcePort: UInt16 = 0
    /// ICMP: the type's octet, then the code's.
    private(set) var destinationPort: UInt16 = 0
    /// Twelve bits (RFC 9293 §3.1); 0 where the packet is not TCP or does not hold them.
    private(set) var tcpFlags: UInt16 = 0

    @_noLocks @inline(__always)
    init(of packet: UnsafeRawPointer, bytes: Int, isIPv6: Bool) {
        let offset: Int
        if isIPv6 {
            let upper = IPv6UpperLayer(of: packet, packetBytes: bytes)
            protocolNumber = upper.protocolNumber
            guard upper.isComplete, !upper.isNonInitialFragment else { return }
            offset = upper.offset
        } else {
            let header = IPv4Header(packet)
            protocolNumber = header.protocolNumber
            guard !header.isNonInitialFragment else { return }
            offset = header.headerBytes
        }
        switch protocolNumber {
        // All begin with two ports (RFC 9260, RFC 4340, RFC 3828).
        case IPProtocol.tcp, IPProtocol.udp, IPProtocol.sctp, IPProtocol.dccp, IPProtocol.udpLite:
            guard offset &+ TransportPorts.byteCount <= bytes else { return }
            let ports = TransportPorts(packet + offset)
            sourcePort = ports.source
            destinationPort = ports.destination
            guard protocolNumber == IPProtocol.tcp, offset &+ 14 <= bytes else { return }
            tcpFlags = packet.networkUInt16(at: offset &+ 12) & 0xFFF
        case IPProtocol.icmp where !isIPv6, IPProtocol.icmpv6 where isIPv6:
            guard offset &+ 2 <= bytes else { return }
            destinationPort = packet.networkUInt16(at: offset)
        default:
            return
        }
    }
}
