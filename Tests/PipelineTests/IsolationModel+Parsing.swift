import Pipeline

/// The model's own reading of packets.
extension IsolationModel {
    struct Refusal: Error {
        var reason: DropReason
    }

    static func number(_ octets: [UInt8], _ offset: Int) -> Int { Int(octets[offset]) << 8 | Int(octets[offset + 1]) }

    /// The packet without what pads it.
    static func wellFormed(_ octets: [UInt8], _ families: (ipv4: Bool, ipv6: Bool)) -> Result<[UInt8], Refusal> {
        func refuse(_ reason: DropReason) -> Result<[UInt8], Refusal> { .failure(Refusal(reason: reason)) }
        guard octets.count >= 20 else { return refuse(.ipHeaderTruncated) }
        switch octets[0] >> 4 {
        case 4:
            guard families.ipv4 else { return refuse(.familyNotCarried) }
            let header = Int(octets[0] & 15) * 4
            let length = number(octets, 2)
            guard header >= 20 else { return refuse(.ipHeaderLengthInvalid) }
            guard header <= length, length <= octets.count else { return refuse(.ipLengthInvalid) }
            var corrected = octets
            PacketBuilder.fixChecksum(&corrected)
            // Both zeros of ones' complement are the same sum.
            let stored = number(octets, 10)
            let computed = number(corrected, 10)
            guard stored == computed || (stored == 0xFFFF && computed == 0) || (stored == 0 && computed == 0xFFFF)
            else {
                return refuse(.ipChecksumInvalid)
            }
            var place = 20
            while place < header, octets[place] != 0 {
                if octets[place] == 1 {
                    place += 1
                    continue
                }
                guard ![131, 137].contains(octets[place]), place + 1 < header, octets[place + 1] >= 2,
                    place + Int(octets[place + 1]) <= header
                else { return refuse(.ipv4OptionsRefused) }
                place += Int(octets[place + 1])
            }
            return .success(Array(octets[..<length]))
        case 6:
            guard octets.count >= 40 else { return refuse(.ipHeaderTruncated) }
            guard families.ipv6 else { return refuse(.familyNotCarried) }
            let length = 40 + number(octets, 4)
            guard length <= octets.count else { return refuse(.ipLengthInvalid) }
            return .success(Array(octets[..<length]))
        default:
            return refuse(.ipVersionInvalid)
        }
    }

    static func addressRefusal(_ packet: Packet) -> DropReason? {
        func isRefused(_ address: [UInt8]) -> Bool {
            if address.count == 4 { return address[0] == 0 || address[0] == 127 || address[0] >= 224 }
            return address[0] == 0xFF || (address[0] == 0xFE && address[1] & 0xC0 == 0x80)
                || (address[..<15].allSatisfy { $0 == 0 } && address[15] <= 1)
        }
        if isRefused(packet.source) { return .sourceAddressInvalid }
        guard isRefused(packet.destination) else { return nil }
        let first = packet.destination[0]
        return (packet.isIPv6 ? first == 0xFF : first >> 4 == 0xE) ? .multicastDestination : .destinationAddressInvalid
    }

    static func isNeighborDiscovery(_ packet: [UInt8]) -> Bool {
        packet[0] >> 4 == 6 && packet[6] == 58 && packet[7] == 255 && packet.count >= 44
            && (133...136).contains(packet[40])
    }

    static func isLinkScoped(_ address: [UInt8]) -> Bool {
        let nodes: [UInt8] = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let solicited: [UInt8] = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF]
        return (address[0] == 0xFE && address[1] & 0xC0 == 0x80) || address.starts(with: solicited)
            || (address.starts(with: nodes) && (address[15] == 1 || address[15] == 2))
    }

    /// What is behind the extension headers; `nil` for later fragments and chains that leave the packet.
    static func upperLayer(_ packet: [UInt8]) -> (number: UInt8, offset: Int)? {
        var next = packet[6]
        var offset = 40
        while [0, 43, 44, 51, 60].contains(next) {
            guard offset + 8 <= packet.count else { return nil }
            if next == 44, Self.number(packet, offset + 2) & 0xFFF8 != 0 { return nil }
            let length: Int =
                switch next {
                case 44: 8
                case 51: (Int(packet[offset + 1]) + 2) * 4
                default: (Int(packet[offset + 1]) + 1) * 8
                }
            guard length >= 8, offset + length <= packet.count else { return nil }
            next = packet[offset]
            offset += length
        }
        return (next, offset)
    }

    static func port(_ hop: LabPlan.Hop) -> UInt16 {
        LabPlan.circuits.first { $0.counter == hop.counter }?.port
            ?? LabPlan.carrier(of: hop)?.port ?? 0
    }

    /// Unlabelled IP on an NNI: neighbor discovery and the services of the first NNI.
    mutating func unlabelled(_ frame: [UInt8], _ offset: Int, _ type: Int, _ isOurs: Bool, _ nni: LabPlan.NNI) -> Fate {
        guard type == 0x0800 || type == 0x86DD else { return drop(.etherTypeNotAccepted, nni.counter) }
        switch Self.wellFormed(Array(frame[offset...]), (true, true)) {
        case .failure(let refusal): return drop(refusal.reason, nni.counter)
        case .success(let packet):
            guard (type == 0x86DD) == (packet[0] >> 4 == 6) else { return drop(.ipVersionInvalid, nni.counter) }
            if Self.isNeighborDiscovery(packet) { return .punt(.neighborDiscovery, vrf: 0, octets: frame) }
            guard isOurs else { return drop(.notForThisMAC, nni.counter) }
            if nni.counter == 1, let service = Self.service(packet) { return .punt(service, vrf: 0, octets: frame) }
            if nni.isOfCore, let fate = takenOutOfUDP(packet, nni, frame) { return fate }
            return drop(nni.isOfCore ? .unlabelledFromCore : .unlabelledOnNNI, nni.counter)
        }
    }

    private static func service(_ packet: [UInt8]) -> PuntClass? {
        if packet[0] >> 4 == 6 {
            guard let (number, offset) = upperLayer(packet), packet[24..<40].elementsEqual(LabPlan.nniIPv6) else {
                return nil
            }
            guard packet[8..<16].elementsEqual(LabPlan.nniIPv6[..<8]) else { return nil }
            return number == 58 && offset + 4 <= packet.count && packet[offset] == 128 ? .icmp : nil
        }
        let header = Int(packet[0] & 15) * 4
        guard packet[16..<20].elementsEqual(LabPlan.nniIPv4), Self.number(packet, 6) & 0x1FFF == 0,
            header + 4 <= packet.count
        else { return nil }
        if packet[9] == 1 {
            return packet[header] == 8 && packet[12..<15].elementsEqual(LabPlan.nniIPv4[..<3]) ? .icmp : nil
        }
        guard packet[12..<16].elementsEqual(LabPlan.neighborIPv4) else { return nil }
        let ports = (number(packet, header), number(packet, header + 2))
        if packet[9] == 6 { return ports.0 == 179 || ports.1 == 179 ? .bgp : nil }
        return packet[9] == 17 && ports.1 == 3784 ? .bfd : nil
    }
}
