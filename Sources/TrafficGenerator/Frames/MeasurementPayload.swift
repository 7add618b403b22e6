import PacketFormats

/// What a measured packet carries behind its UDP header: 14 octets, so that a labelled IPv4 packet fits a frame of 64.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |        magic (0x571E)         | trial number  |               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+               +
///     |                     transmit time stamp                       |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         stream number         |        sequence number        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |  sequence number, continued   |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// All fields are in network byte order. The time stamp is 40 bits of the sender's time-stamp counter in units of four
/// ticks: 1.5 ns at 2.6 GHz, and 28 minutes until it comes round. The trial number keeps a packet that lingered in the
/// device from being counted in the next trial. Sequence numbers count from 0 in each stream and trial.
public struct MeasurementPayload: Equatable, Sendable {
    public static var byteCount: Int { @_noLocks @inline(__always) get { 14 } }
    static var magic: UInt64 { @_noLocks @inline(__always) get { 0x571E } }
    /// The 40 bits of the time stamp.
    static var timeStampMask: UInt64 { @_noLocks @inline(__always) get { 0xFF_FFFF_FFFF } }
    static var timeStampShift: UInt64 { @_noLocks @inline(__always) get { 2 } }

    public var trial: UInt8
    /// 40 bits, units of four ticks.
    public var timeStamp: UInt64
    public var stream: UInt16
    public var sequence: UInt32

    public init(trial: UInt8, timeStamp: UInt64, stream: UInt16, sequence: UInt32) {
        self.trial = trial
        self.timeStamp = timeStamp & Self.timeStampMask
        self.stream = stream
        self.sequence = sequence
    }

    /// Reads the 14 octets at `place`; `nil` if the magic number is not there.
    @_noLocks @inline(__always)
    init?(at place: UnsafeRawPointer) {
        let first = place.networkUInt64(at: 0)
        guard first >> 48 == Self.magic else { return nil }
        trial = UInt8(truncatingIfNeeded: first >> 40)
        timeStamp = first & Self.timeStampMask
        stream = place.networkUInt16(at: 8)
        sequence = place.networkUInt32(at: 10)
    }

    /// The first eight octets as a number.
    @_noLocks @inline(__always)
    static func firstWord(trial: UInt8, timeStamp: UInt64) -> UInt64 {
        magic << 48 | UInt64(trial) << 40 | timeStamp & timeStampMask
    }
}

extension MeasurementPayload {
    /// Finds the payload of a measured packet in a frame, whatever tags and labels are before it. `nil` for any other
    /// frame and for one that is cut short.
    public init?(frame: some Collection<UInt8>) {
        let octets = Array(frame)
        let found = octets.withUnsafeBytes { buffer -> MeasurementPayload? in
            guard let base = buffer.baseAddress, let place = locatePayload(base, length: buffer.count) else {
                return nil
            }
            return MeasurementPayload(at: place)
        }
        guard let found else { return nil }
        self = found
    }
}

/// Where the payload of a UDP packet begins: behind Ethernet, at most three 802.1Q tags, at most eight labels, IPv4 or
/// IPv6 without extension headers. `nil` if the frame is something else or ends before the payload does.
@_noLocks
func locatePayload(_ frame: UnsafeRawPointer, length: Int) -> UnsafeRawPointer? {
    var offset = 12
    guard length >= offset &+ 2 &+ 20 else { return nil }
    var etherType = frame.networkUInt16(at: offset)
    var tags = 0
    while etherType == EtherType.customerVLAN || etherType == EtherType.serviceVLAN {
        offset &+= 4
        tags &+= 1
        guard tags <= 3, length >= offset &+ 2 &+ 20 else { return nil }
        etherType = frame.networkUInt16(at: offset)
    }
    offset &+= 2
    if etherType == EtherType.mpls {
        var depth = 0
        while true {
            guard depth < 8, length >= offset &+ 4 &+ 20 else { return nil }
            let isBottom = frame.octet(at: offset &+ 2) & 1 == 1
            offset &+= 4
            depth &+= 1
            if isBottom { break }
        }
    } else if etherType != EtherType.ipv4 && etherType != EtherType.ipv6 {
        return nil
    }
    let firstOctet = frame.octet(at: offset)
    let headerBytes: Int
    let protocolNumber: UInt8
    switch firstOctet >> 4 {
    case 4:
        headerBytes = Int(firstOctet & 0xF) &* 4
        protocolNumber = frame.octet(at: offset &+ 9)
        guard headerBytes >= 20 else { return nil }
    case 6:
        headerBytes = 40
        protocolNumber = frame.octet(at: offset &+ 6)
    default: return nil
    }
    // 17 is UDP (IANA, Protocol Numbers); its header has eight octets (RFC 768).
    guard protocolNumber == 17, length >= offset &+ headerBytes &+ 8 &+ MeasurementPayload.byteCount else { return nil }
    return frame + (offset &+ headerBytes &+ 8)
}
