import Addressing
import PacketFormats

/// 64-octet frames (60 without FCS), as the box receives them.
struct FrameBuilder {
    let plan: PortPlan
    private static let frameBytes = 60
    /// Octets that a frame takes in a `FrameStore` at most: IPv6 behind two tags.
    static let mostBytes = 128
    /// Below the packet's own 64, as behind routers that carry the packet by its label.
    private static let labelTimeToLive: UInt8 = 61

    /// A UDP packet to `destination` in VRF `vrf`, in on the NNI or on the VRF's circuit. IPv6 frames are longer where
    /// the headers need it.
    ///
    /// - Parameters:
    ///   - source: `nil`: any of 10/8, or one IPv6 address.
    ///   - context: the label above the VRF's, which names its space.
    func frame(
        from source: IPAddress? = nil, to destination: IPAddress, vrf: Int, labelled: Bool,
        under context: UInt32? = nil, using generator: inout SeededGenerator
    ) -> [UInt8] {
        var frame = (labelled ? plan.nniMAC : plan.circuitMAC) + PortPlan.farEndMAC
        if labelled {
            frame += [0x88, 0x47]
            let stack = (context.map { [$0 << 12] } ?? []) + [plan.label(ofVRF: vrf) << 12 | 0x100]
            for entry in stack {
                frame += [
                    UInt8(entry >> 24), UInt8(entry >> 16 & 0xFF), UInt8(entry >> 8 & 0xFF), Self.labelTimeToLive,
                ]
            }
        } else {
            frame += plan.tags(ofVRF: vrf)
            frame += destination.family == .ipv4 ? [0x08, 0x00] : [0x86, 0xDD]
        }
        let ports = generator.next()
        let payload =
            [UInt8(truncatingIfNeeded: ports), UInt8(truncatingIfNeeded: ports >> 8), 0, 9, 0, 8, 0, 0]
        switch destination {
        case .ipv4(let address):
            var from = UInt32(truncatingIfNeeded: ports >> 16) & 0xFF_FFFF | 0x0A00_0000
            if case .ipv4(let given) = source { from = given.rawValue }
            frame += ipv4Header(source: from, address, payloadBytes: 8)
        case .ipv6(let address):
            frame += [0x60, 0, 0, 0, 0, UInt8(payload.count), IPProtocol.udp, 64]
            frame += [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1] + address.octets
        }
        frame += payload
        frame += Array(repeating: 0, count: max(0, Self.frameBytes - frame.count))
        return frame
    }

    private func ipv4Header(source: UInt32, _ destination: IPv4Address, payloadBytes: Int) -> [UInt8] {
        var header: [UInt8] = [0x45, 0, 0, UInt8(20 + payloadBytes), 0, 0, 0x40, 0, 64, IPProtocol.udp, 0, 0]
        header += IPv4Address(rawValue: source).octets + destination.octets
        header.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { IPv4Header.storeChecksum(of: base) }
        }
        return header
    }
}
