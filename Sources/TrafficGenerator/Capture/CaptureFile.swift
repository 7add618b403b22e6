import Foundation

/// A capture file in the classic pcap format (draft-ietf-opsawg-pcap): what `replay` sends.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                  magic (0xA1B2C3D4 or 0xA1B23C4D)             |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |       major version (2)       |       minor version (4)       |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                      reserved, 8 octets                       |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                   largest captured length                     |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     | FCS length, 0, …              |         link type (1)         |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// Then records: seconds, microseconds or nanoseconds, captured length and length on the wire, each 32 bits, and the
/// captured octets. Numbers are in the order of octets of the machine that wrote the file, as its magic shows.
public struct CaptureFile: Equatable, Sendable {
    public struct Frame: Equatable, Sendable {
        /// Since the first frame; never negative.
        public var afterNanoseconds: UInt64
        /// Without the frame check sequence.
        public var octets: [UInt8]
    }

    public private(set) var frames: [Frame] = []

    /// The most octets that a frame may have: an Ethernet jumbo frame.
    public static let largestFrameBytes = 16_384

    /// - Throws: `TrafficError` with `invalidCapture`, which says at which frame and octet the file goes wrong.
    public init(octets: Data) throws(TrafficError) {
        let octets = [UInt8](octets)
        guard octets.count >= 24 else { throw Self.fault("it has \(octets.count) octets, a header has 24") }
        let magic = Self.number(octets, 0, isBigEndian: false)
        let isBigEndian: Bool
        let nanosecondsPerUnit: UInt64
        switch magic {
        case 0xA1B2_C3D4: (isBigEndian, nanosecondsPerUnit) = (false, 1000)
        case 0xD4C3_B2A1: (isBigEndian, nanosecondsPerUnit) = (true, 1000)
        case 0xA1B2_3C4D: (isBigEndian, nanosecondsPerUnit) = (false, 1)
        case 0x4D3C_B2A1: (isBigEndian, nanosecondsPerUnit) = (true, 1)
        case 0x0A0D_0D0A: throw Self.fault("it is pcapng", hint: "editcap -F pcap IN OUT makes it classic pcap")
        default: throw Self.fault("its magic number is 0x\(String(magic, radix: 16))")
        }
        let linkType = Self.number(octets, 20, isBigEndian: isBigEndian) & 0xFFFF
        // LINKTYPE_ETHERNET of the registry at tcpdump.org.
        guard linkType == 1 else { throw Self.fault("its link type is \(linkType), not 1, Ethernet") }

        var offset = 24
        var first: UInt64?
        while offset < octets.count {
            let number = frames.count + 1
            guard octets.count - offset >= 16 else {
                throw Self.fault("frame \(number) at octet \(offset): the header is cut short")
            }
            let seconds = UInt64(Self.number(octets, offset, isBigEndian: isBigEndian))
            let fraction = UInt64(Self.number(octets, offset + 4, isBigEndian: isBigEndian))
            let captured = Int(Self.number(octets, offset + 8, isBigEndian: isBigEndian))
            let length = Int(Self.number(octets, offset + 12, isBigEndian: isBigEndian))
            guard captured == length else {
                throw Self.fault(
                    "frame \(number) at octet \(offset): \(captured) of \(length) octets were captured",
                    hint: "capture with -s 0")
            }
            guard (14...Self.largestFrameBytes).contains(captured) else {
                throw Self.fault("frame \(number) at octet \(offset): \(captured) octets are no Ethernet frame")
            }
            guard octets.count - offset - 16 >= captured else {
                throw Self.fault("frame \(number) at octet \(offset): the file ends within it")
            }
            let time = seconds * 1_000_000_000 + fraction * nanosecondsPerUnit
            first = first ?? time
            frames.append(
                Frame(
                    afterNanoseconds: time >= first ?? 0 ? time - (first ?? 0) : 0,
                    octets: Array(octets[(offset + 16)..<(offset + 16 + captured)])))
            offset += 16 + captured
        }
        guard !frames.isEmpty else { throw Self.fault("it has no frames") }
    }

    private static func number(_ octets: [UInt8], _ offset: Int, isBigEndian: Bool) -> UInt32 {
        let four = octets[offset..<(offset + 4)]
        return (isBigEndian ? Array(four) : four.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func fault(_ what: String, hint: String? = nil) -> TrafficError {
        TrafficError(.invalidCapture, "the capture file is not valid: \(what)", hint: hint)
    }
}
