import Addressing
import PacketFormats

/// The frame of one stream and size as it is before the fields that differ from packet to packet are written.
///
/// The headers and the measured payload are in the first 128 octets; what follows is zero in every frame. A packet costs
/// a copy of these two cache lines and the writing of addresses, label, sequence number, time stamp and checksum.
struct FrameTemplate {
    static var octetCount: Int { @_noLocks @inline(__always) get { 128 } }

    /// `octetCount` octets that the template owns.
    let octets: UnsafeMutableRawPointer
    /// Without the frame check sequence.
    let frameBytes: UInt16
    let ipOffset: UInt8
    let payloadOffset: UInt8
    /// 0: the frame has no label whose value changes.
    let labelOffset: UInt8
    let isIPv6: Bool
    let stream: UInt16
    /// The sum (RFC 1071) over what the checksum covers and does not change: of the IPv4 header, or of the UDP packet
    /// and its pseudo-header in IPv6.
    let constantSum: UInt64

    func deallocate() { octets.deallocate() }
}

extension FrameTemplate {
    /// Octets of a frame before and within the measured payload, with the frame check sequence.
    static func smallestFrameBytes(of stream: StreamProfile) -> Int {
        let headers = 14 + 4 * stream.vlans.count + 4 * stream.labels.count + (stream.family == .ipv4 ? 20 : 40) + 8
        return headers + MeasurementPayload.byteCount + 4
    }

    /// - Parameters:
    ///   - frameBytes: with the frame check sequence; raised to what the headers and the payload need.
    ///   - sourceMAC, destinationMAC: of the Ethernet header.
    ///   - number: the stream's.
    init(stream: StreamProfile, frameBytes: Int, sourceMAC: MACAddress, destinationMAC: MACAddress, number: UInt16) {
        let bytes = max(frameBytes, Self.smallestFrameBytes(of: stream)) - 4
        var header = destinationMAC.octets + sourceMAC.octets
        for vlan in stream.vlans { header += [0x81, 0x00, UInt8(vlan >> 8 & 0xF), UInt8(vlan & 0xFF)] }
        let etherType =
            !stream.labels.isEmpty ? EtherType.mpls : stream.family == .ipv4 ? EtherType.ipv4 : EtherType.ipv6
        header += etherType.octets
        let labelOffset = stream.spoofedLabels.isEmpty ? 0 : header.count
        for (index, label) in stream.labels.enumerated() {
            let bottom: UInt32 = index == stream.labels.count - 1 ? 1 : 0
            header += (label.rawValue << 12 | bottom << 8 | UInt32(stream.timeToLive)).octets
        }
        let ipOffset = header.count
        let ipBytes = bytes - ipOffset
        let ipHeaderBytes = stream.family == .ipv4 ? 20 : 40
        let udpBytes = UInt16(clamping: ipBytes - ipHeaderBytes)
        switch stream.family {
        case .ipv4:
            // DF, so that a device that would have to fragment shows itself by loss (RFC 791).
            header += [0x45, stream.trafficClassOctet] + UInt16(clamping: ipBytes).octets + [0, 0, 0x40, 0]
            header += [stream.timeToLive, 17, 0, 0] + [UInt8](repeating: 0, count: 8)
        case .ipv6:
            header += (6 << 28 | UInt32(stream.trafficClassOctet) << 20).octets + udpBytes.octets
            header += [17, stream.timeToLive] + [UInt8](repeating: 0, count: 32)
        }
        header += stream.udpSourcePort.octets + stream.udpDestinationPort.octets + udpBytes.octets + [0, 0]
        let payloadOffset = header.count
        header += [UInt8](repeating: 0, count: 8) + number.octets + [0, 0, 0, 0]

        octets = .allocate(byteCount: Self.octetCount, alignment: 64)
        octets.initializeMemory(as: UInt8.self, repeating: 0, count: Self.octetCount)
        octets.copyMemory(from: header, byteCount: min(header.count, Self.octetCount))
        self.frameBytes = UInt16(clamping: bytes)
        self.ipOffset = UInt8(clamping: ipOffset)
        self.payloadOffset = UInt8(clamping: payloadOffset)
        self.labelOffset = UInt8(clamping: labelOffset)
        isIPv6 = stream.family == .ipv6
        self.stream = number
        switch stream.family {
        case .ipv4: constantSum = InternetChecksum.sum(UnsafeRawPointer(octets) + ipOffset, count: 20)
        case .ipv6:
            let udp = UnsafeRawPointer(octets) + ipOffset + 40
            // The pseudo-header of RFC 8200 §8.1 without the addresses: length and next header.
            constantSum = InternetChecksum.sum(
                udp, count: 8 + MeasurementPayload.byteCount, startingAt: UInt64(udpBytes) + 17)
        }
    }
}

extension FixedWidthInteger {
    /// The octets in network byte order.
    var octets: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
