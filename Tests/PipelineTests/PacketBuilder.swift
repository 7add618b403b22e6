/// Packets and frames for the tests, octet by octet.
enum PacketBuilder {
    /// An IPv4 packet with a UDP header in its payload and a correct header checksum.
    static func ipv4(
        source: UInt32, destination: UInt32, timeToLive: UInt8 = 64, protocolNumber: UInt8 = 17,
        fragment: UInt16 = 0, trafficClass: UInt8 = 0, options: [UInt8] = [],
        payload: [UInt8] = [UInt8](repeating: 7, count: 24)
    ) -> [UInt8] {
        let headerBytes = 20 + options.count
        let length = headerBytes + payload.count
        var header: [UInt8] = [
            0x40 | UInt8(headerBytes / 4), trafficClass, UInt8(length >> 8), UInt8(length & 255), 0x12, 0x34,
            UInt8(fragment >> 8), UInt8(fragment & 255), timeToLive, protocolNumber, 0, 0,
        ]
        header += octets(source) + octets(destination) + options
        fixChecksum(&header)
        return header + payload
    }

    static func ipv6(
        source: [UInt8], destination: [UInt8], hopLimit: UInt8 = 64, nextHeader: UInt8 = 17, trafficClass: UInt8 = 0,
        payload: [UInt8] = [UInt8](repeating: 7, count: 24)
    ) -> [UInt8] {
        [
            0x60 | trafficClass >> 4, trafficClass << 4, 0, 0, UInt8(payload.count >> 8), UInt8(payload.count & 255),
            nextHeader, hopLimit,
        ] + source + destination + payload
    }

    /// Writes the header checksum of the IPv4 packet `packet` anew.
    static func fixChecksum(_ packet: inout [UInt8]) {
        guard packet.count >= 20 else { return }
        let end = min(max(Int(packet[0] & 15) * 4, 20), packet.count)
        packet[10] = 0
        packet[11] = 0
        var sum = 0
        for index in stride(from: 0, to: end - 1, by: 2) { sum += Int(packet[index]) << 8 | Int(packet[index + 1]) }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        packet[10] = UInt8(~sum >> 8 & 255)
        packet[11] = UInt8(~sum & 255)
    }

    static func octets(_ number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    }

    static func tag(_ identifier: UInt16, _ protocolIdentifier: [UInt8] = [0x81, 0]) -> [UInt8] {
        protocolIdentifier + [UInt8(identifier >> 8), UInt8(identifier & 255)]
    }

    static func etherType(of packet: [UInt8]) -> [UInt8] {
        packet.first.map { $0 >> 4 == 6 } == true ? [0x86, 0xDD] : [8, 0]
    }

    /// The frame that carries `packet` in on a circuit of the plan.
    static func circuitFrame(counter: UInt16, packet: [UInt8], destinationMAC: [UInt8]? = nil) -> [UInt8] {
        guard let circuit = LabPlan.circuits.first(where: { $0.counter == counter }) else { return [] }
        var frame = destinationMAC ?? LabPlan.ownMAC(port: circuit.port)
        frame += LabPlan.neighborMAC(counter: counter)
        if let outer = circuit.outer { frame += tag(outer, circuit.inner == nil ? [0x81, 0] : [0x88, 0xA8]) }
        if let inner = circuit.inner { frame += tag(inner) }
        return frame + etherType(of: packet) + packet
    }

    /// The frame that carries `packet` in on an NNI of the plan, under `label`.
    static func labelledFrame(
        nni: Int, label: UInt32, timeToLive: UInt8 = 64, isBottom: Bool = true, packet: [UInt8], source: [UInt8]? = nil
    ) -> [UInt8] {
        let entry = label << 12 | (isBottom ? 0x100 : 0) | UInt32(timeToLive)
        return nniFrame(nni: nni, etherType: [0x88, 0x47], payload: octets(entry) + packet, source: source)
    }

    static func nniFrame(nni: Int, etherType: [UInt8], payload: [UInt8], source: [UInt8]? = nil) -> [UInt8] {
        frame(on: LabPlan.nnis[nni], etherType: etherType, payload: payload, source: source)
    }

    static func frame(
        on record: LabPlan.NNI, etherType: [UInt8], payload: [UInt8], source: [UInt8]? = nil
    ) -> [UInt8] {
        var frame = LabPlan.ownMAC(port: record.port) + (source ?? LabPlan.neighborMAC(counter: record.counter))
        if let outer = record.outer { frame += tag(outer) }
        return frame + etherType + payload
    }
}
