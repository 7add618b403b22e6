import SeededRandom

/// Frames for the isolation test: mostly such as a customer, a neighbor or an attacker would send, many of them then
/// damaged in one place.
struct RandomFrames {
    var random = SeededGenerator()

    private static let ipv4Seconds: [UInt8] = [1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 77]
    private static let ipv4Thirds: [UInt8] = [0, 0, 1, 3, 7, 9]
    private static let oddAddresses: [UInt32] = [
        0, 0x0000_0001, 0x7F00_0001, 0xE000_0005, 0xEF01_0203, 0xF000_0001, 0xFFFF_FFFF, 0xC0A8_0001, 0xC0A8_0000,
    ]

    mutating func next() -> (port: UInt16, octets: [UInt8]) {
        var (port, frame) = undamaged()
        switch random.below(10) {
        case 0 where !frame.isEmpty: frame[random.below(frame.count)] = random.octet()
        case 1: frame = Array(frame.prefix(random.below(frame.count + 1)))
        case 2: frame += (0..<random.below(20)).map { _ in random.octet() }
        case 3 where random.once(in: 3): port = UInt16(random.below(6))
        case 4 where !frame.isEmpty && random.once(in: 3):
            let start = random.below(min(frame.count, 70))
            for index in start..<min(start + 4, frame.count) { frame[index] = random.octet() }
        default: break
        }
        return (port, frame)
    }

    private mutating func undamaged() -> (port: UInt16, octets: [UInt8]) {
        switch random.below(22) {
        case 20...: return tunnelled()
        case 0..<9: return labelled()
        case 9..<16: return circuit()
        case 16..<18: return nniService()
        case 18: return linkLocal()
        default: return (UInt16(random.below(6)), (0..<random.below(80)).map { _ in random.octet() })
        }
    }

    private mutating func labelled() -> (port: UInt16, octets: [UInt8]) {
        let place = random.below(LabPlan.nnis.count)
        let nni = LabPlan.nnis[place]
        if random.once(in: 3) { return swapped(random.once(in: 4) ? random.pick(LabPlan.carriers) : nni) }
        if random.once(in: 6) { return inSpace(place, nni) }
        if random.once(in: 16), !nni.replications.isEmpty { return replicated(place, nni) }
        var label = random.once(in: 4) ? random.pick(nni.pops).label : random.pick(nni.units).label
        if random.once(in: 8) {
            label = random.pick(LabPlan.nnis.flatMap { $0.units.map(\.label) + $0.pops.map(\.label) })
        }
        if random.once(in: 16) { label = UInt32(random.below(1 << 20)) }
        if random.once(in: 24) { label = UInt32(random.below(16)) }
        let isBottom = !random.once(in: 16)
        var payload = packet()
        // One to four labels.
        for place in 0..<(isBottom ? 0 : 1 + random.below(3)) {
            let further = random.pick(LabPlan.nnis.flatMap(\.units)).label
            payload = PacketBuilder.octets(further << 12 | (place == 0 ? 0x5FF : 0x4FF)) + payload
        }
        // From the core above those an explicit null, which was told on one of the interfaces alone.
        if !isBottom, nni.isOfCore { label = label % 3 == 0 ? 2 : 0 }
        // Mostly from who may send by the label, where not everyone may.
        let allowed =
            nni.units.first { $0.label == label }?.sources ?? nni.pops.first { $0.label == label }?.sources ?? []
        let others: [[UInt8]] = nni.units.compactMap(\.sources).joined() + [[0, 0, 0, 0, 0, 0]]
        let source = random.pick(allowed.isEmpty || random.once(in: 4) ? others : allowed)
        let frame = PacketBuilder.labelledFrame(
            nni: place, label: label, timeToLive: timeToLive(), isBottom: isBottom, packet: payload, source: source)
        return (nni.port, frame)
    }

    /// Under the label of a label space, mostly with one below it, and that mostly valid there.
    private mutating func inSpace(_ place: Int, _ nni: LabPlan.NNI) -> (port: UInt16, octets: [UInt8]) {
        let context = random.pick(nni.contexts)
        var labels = context.units.map(\.label) + context.pops.map(\.label)
        if labels.isEmpty || random.once(in: 8) {
            labels = LabPlan.nnis.flatMap { nni in
                nni.contexts.flatMap { $0.units.map(\.label) + [$0.label] } + nni.units.map(\.label)
            }
        }
        let label = random.once(in: 12) ? UInt32(random.below(1 << 20)) : random.pick(labels)
        var stack = [context.label, label]
        if random.once(in: 12) { stack.append(random.pick(labels)) }
        if random.once(in: 12) { stack.swapAt(0, 1) }
        if random.once(in: 12) { stack.removeLast() }
        if random.once(in: 24) { stack.append(UInt32(random.below(16))) }
        if nni.isOfCore, random.once(in: 8) { stack.insert(0, at: 0) }
        var payload = random.once(in: 32) ? [] : packet()
        for (position, label) in stack.enumerated().reversed() {
            let bottom: UInt32 = position == stack.count - 1 ? 0x100 : 0
            let entry = label << 12 | UInt32(random.below(8)) << 9 | bottom | UInt32(timeToLive())
            payload = PacketBuilder.octets(entry) + payload
        }
        let allowed = context.units.first { $0.label == label }?.sources ?? []
        let source = allowed.isEmpty || random.once(in: 4) ? nil : random.pick(allowed)
        return (
            nni.port, PacketBuilder.nniFrame(nni: place, etherType: [0x88, 0x47], payload: payload, source: source)
        )
    }

    /// Under a label that is swapped, mostly with as many labels below as there have to be.
    private mutating func swapped(_ nni: LabPlan.NNI) -> (port: UInt16, octets: [UInt8]) {
        let swap = random.pick(nni.swaps)
        var depth = random.once(in: 10) ? random.below(6) : swap.isUpTo ? random.below(swap.depth + 1) : swap.depth
        if swap.hasEntropy, random.once(in: 2) { depth += 2 }
        var payload = swap.isForSessions && !random.once(in: 4) ? session() : packet()
        for below in 0..<depth {
            let isIndicator =
                (swap.hasEntropy && below == 1 || swap.isUpTo && random.once(in: 4)) && !random.once(in: 6)
            let label = isIndicator ? 7 : UInt32(random.below(random.once(in: 12) ? 16 : 1 << 20))
            let entry = label << 12 | UInt32(random.below(8)) << 9 | UInt32(timeToLive())
            payload = PacketBuilder.octets(entry | (below == 0 ? 0x100 : 0)) + payload
        }
        var entry = swap.label << 12 | UInt32(random.below(8)) << 9 | (depth == 0 ? 0x100 : 0)
        entry |= UInt32(timeToLive())
        if nni.units.isEmpty, random.once(in: 6) { entry = entry & 0xFFF | UInt32(496 + random.below(24)) << 12 }
        payload = PacketBuilder.octets(entry) + payload
        if nni.isOfCore, random.once(in: 6) { payload = PacketBuilder.octets(UInt32(timeToLive())) + payload }
        let source = random.once(in: 4) ? nil : swap.sources?.first
        return (
            nni.port, PacketBuilder.frame(on: nni, etherType: [0x88, 0x47], payload: payload, source: source)
        )
    }

    /// Under a label that is replicated, mostly with as many labels below as there have to be, and mostly for a group.
    private mutating func replicated(_ place: Int, _ nni: LabPlan.NNI) -> (port: UInt16, octets: [UInt8]) {
        let replication = random.pick(nni.replications)
        let depth = random.once(in: 10) ? random.below(4) : replication.depth
        var payload = packet()
        if payload[0] >> 4 == 4, payload.count >= 20, !random.once(in: 3) {
            payload.replaceSubrange(16..<20, with: [232, 1, random.octet(), random.octet()])
            PacketBuilder.fixChecksum(&payload)
        }
        for below in 0..<depth {
            let label = UInt32(random.below(random.once(in: 12) ? 16 : 1 << 20))
            let entry = label << 12 | UInt32(random.below(8)) << 9 | UInt32(timeToLive())
            payload = PacketBuilder.octets(entry | (below == 0 ? 0x100 : 0)) + payload
        }
        var entry = replication.label << 12 | UInt32(random.below(8)) << 9 | (depth == 0 ? 0x100 : 0)
        entry |= UInt32(timeToLive())
        let source = random.once(in: 4) ? nil : replication.sources?.first
        return (
            nni.port,
            PacketBuilder.nniFrame(
                nni: place, etherType: [0x88, 0x47], payload: PacketBuilder.octets(entry) + payload, source: source)
        )
    }

    /// Mostly one that a label for sessions may carry.
    private mutating func session() -> [UInt8] {
        if random.once(in: 4) { return sessionError() }
        return listedPacket()
    }

    /// An error about such a packet, mostly to who has sent it.
    private mutating func sessionError() -> [UInt8] {
        var quoted = listedPacket()
        // On its way back the packet that it is about had gone the other way.
        let isIPv6 = quoted[0] >> 4 == 6
        let (source, destination) = isIPv6 ? (8..<24, 24..<40) : (12..<16, 16..<20)
        if random.once(in: 2) {
            let sender = Array(quoted[source])
            quoted.replaceSubrange(source, with: quoted[destination])
            quoted.replaceSubrange(destination, with: sender)
        }
        var receiver = Array(quoted[source])
        if random.once(in: 8) { receiver[receiver.count - 1] ^= 3 }
        if random.once(in: 8) { quoted[0] ^= 0x20 }
        if random.once(in: 8) { quoted = Array(quoted.prefix(random.below(quoted.count))) }
        let kind: UInt8 = random.once(in: 6) ? random.octet() : random.pick(isIPv6 ? [1, 2, 3, 4] : [3, 11, 12])
        let message = [kind, random.below(5) == 0 ? 4 : 0, 0, 0, 0, 0, 5, 0] + quoted
        guard isIPv6 else {
            return PacketBuilder.ipv4(
                source: 0x0A09_0900 | UInt32(random.octet()),
                destination: receiver.reduce(0) { $0 << 8 | UInt32($1) }, timeToLive: timeToLive(), protocolNumber: 1,
                fragment: random.once(in: 8) ? random.pick([0x2000, 1]) : 0, payload: message)
        }
        return PacketBuilder.ipv6(
            source: ipv6Address(), destination: receiver, hopLimit: timeToLive(), nextHeader: 58, payload: message)
    }

    private mutating func listedPacket() -> [UInt8] {
        let ports = random.pick([[0, 179, 9, 9], [9, 9, 0, 179], [9, 9, 9, 9]] as [[UInt8]])
        let body = ports + [UInt8](repeating: random.pick([2, 16, random.octet()]), count: random.below(40))
        let number: UInt8 = random.pick([6, 6, 1, 17])
        let fragment: UInt16 = random.once(in: 8) ? random.pick([0x2000, 1]) : 0x4000
        guard random.once(in: 3) else {
            return PacketBuilder.ipv4(
                source: random.pick([0x0A02_0001, 0x0A01_0909, 0x0A02_0002]),
                destination: random.pick([0x0A01_0001, 0x0A03_0909, 0x0A01_0002]), timeToLive: timeToLive(),
                protocolNumber: number, fragment: fragment, payload: body)
        }
        var (from, to) = (ipv6Address(), ipv6Address())
        if !random.once(in: 3) { (from[5], to[5]) = (3, 1) }
        return PacketBuilder.ipv6(
            source: from, destination: to, hopLimit: timeToLive(), nextHeader: number == 1 ? 58 : number, payload: body)
    }

    /// MPLS over UDP, mostly on the core's interfaces and mostly from who may send it.
    private mutating func tunnelled() -> (port: UInt16, octets: [UInt8]) {
        let place = random.once(in: 16) ? random.below(LabPlan.nnis.count) : 3 + random.below(2)
        let sources: [[UInt8]] = [
            [192, 168, 7, 7], [192, 168, 7, random.octet()], LabPlan.tunnelPeer(0xF7), LabPlan.tunnelPeer(0xF8),
            LabPlan.tunnelPeer(0xF7, subnet: 1), [192, 168, 6, 7], LabPlan.tunnelPeer(0xF6),
        ]
        let source = random.pick(random.once(in: 6) ? sources : Array(sources.prefix(5)))
        var destination = LabPlan.tunnelAddress(of: source)
        if random.once(in: 16) { destination[destination.count - 1] ^= 3 }
        let label = random.once(in: 12) ? UInt32(random.below(3016)) : random.pick(LabPlan.nnis[3].units).label
        let entry = label << 12 | (random.once(in: 16) ? 0 : 0x100) | UInt32(timeToLive())
        let stack = random.once(in: 24) ? [1, 2, 3] : PacketBuilder.octets(entry) + packet()
        let hasChecksum = source.count == 4 ? random.once(in: 4) : !random.once(in: 4)
        let port: UInt16 = random.once(in: 24) ? 6_636 : 6_635
        var datagram = PacketBuilder.udp(
            from: source, to: destination, itsPort: port, hasChecksum: hasChecksum, payload: stack)
        if random.once(in: 16) { datagram[random.pick([4, 5, 6, 7, 8, datagram.count - 1])] ^= random.octet() }
        let fragment: UInt16 = random.once(in: 16) ? random.pick([0x2000, 0x2001, 1, 0x4000]) : 0x4000
        var outer = PacketBuilder.packet(
            from: source, to: destination, datagram: datagram, trafficClass: random.octet(), fragment: fragment,
            options: random.once(in: 16) ? [1, 1, 1, 0] : [])
        if source.count == 16, random.once(in: 16) {
            outer = PacketBuilder.ipv6(
                source: source, destination: destination, nextHeader: 60, payload: [17, 0, 1, 4, 0, 0, 0, 0] + datagram)
        }
        let frame = PacketBuilder.nniFrame(nni: place, etherType: PacketBuilder.etherType(of: outer), payload: outer)
        return (LabPlan.nnis[place].port, frame)
    }

    private mutating func circuit() -> (port: UInt16, octets: [UInt8]) {
        let circuit = random.pick(LabPlan.circuits)
        var destination: [UInt8]?
        if random.once(in: 16) {
            destination = random.pick([[2, 0, 0, 0, 0, 9], [1, 0, 0x5E, 0, 0, 5], [255, 255, 255, 255, 255, 255]])
        }
        let payload = packet()
        return (
            circuit.port,
            PacketBuilder.circuitFrame(counter: circuit.counter, packet: payload, destinationMAC: destination)
        )
    }

    private mutating func nniService() -> (port: UInt16, octets: [UInt8]) {
        let place = random.below(LabPlan.nnis.count)
        let ports = random.pick([[0, 179, 9, 9], [9, 9, 0, 179], [9, 9, 14, 200], [9, 9, 9, 9]] as [[UInt8]])
        let number: UInt8 = random.pick([1, 6, 17])
        let payload = number == 1 ? [random.pick([8, 0, 3]), 0, 0, 0] : ports
        let packet = PacketBuilder.ipv4(
            source: random.pick([0xC0A8_0000, 0xC0A8_0007, 0x0A01_0009]),
            destination: random.pick([0xC0A8_0001, 0x0A01_0009]), protocolNumber: number,
            payload: payload + [0, 0, 0, 0])
        let record = LabPlan.nnis[place]
        if random.once(in: 4) {
            let echo = PacketBuilder.ipv6(
                source: random.once(in: 4) ? ipv6Address() : LabPlan.nniIPv6.dropLast() + [2],
                destination: LabPlan.nniIPv6, nextHeader: 58, payload: [128, 0, 0, 0])
            return (record.port, PacketBuilder.nniFrame(nni: place, etherType: [0x86, 0xDD], payload: echo))
        }
        return (record.port, PacketBuilder.nniFrame(nni: place, etherType: [8, 0], payload: packet))
    }

    /// ARP and neighbor discovery.
    private mutating func linkLocal() -> (port: UInt16, octets: [UInt8]) {
        let isCircuit = random.once(in: 2)
        let place = random.below(LabPlan.nnis.count)
        let payload: [UInt8]
        let type: [UInt8]
        if random.once(in: 2) {
            type = [8, 6]
            payload = [0, 1, 8, 0, 6, 4, 0, 1] + (0..<20).map { _ in random.octet() }
        } else {
            type = [0x86, 0xDD]
            let solicited: [UInt8] = [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0, 0, 1]
            let own: [UInt8] = [0x20, 1, 0x0D, 0xB8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
            let local: [UInt8] = [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
            payload = PacketBuilder.ipv6(
                source: ipv6Address(), destination: random.pick([solicited, own, local]),
                hopLimit: random.pick([255, 255, 255, 64]), nextHeader: 58,
                payload: [random.pick([133, 134, 135, 136, 137, 128])] + [UInt8](repeating: 0, count: 23))
        }
        guard isCircuit else {
            return (LabPlan.nnis[place].port, PacketBuilder.nniFrame(nni: place, etherType: type, payload: payload))
        }
        let group: [UInt8] = [0x33, 0x33, 0xFF, 0, 0, 1]
        let destination = random.once(in: 2) ? group : LabPlan.ownMAC(port: 2)
        return (2, destination + LabPlan.neighborMAC(counter: 41) + type + payload)
    }

    private mutating func timeToLive() -> UInt8 {
        random.once(in: 6) ? UInt8(random.below(3)) : random.octet()
    }

    private mutating func packet() -> [UInt8] { random.below(3) == 0 ? ipv6() : ipv4() }

    private mutating func payload() -> [UInt8] {
        let count = random.once(in: 40) ? 500 + random.below(2500) : random.below(64)
        let first = random.octet()
        return (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0) }
    }

    private mutating func ipv4Address() -> UInt32 {
        if random.once(in: 24) { return random.pick(Self.oddAddresses) }
        let last: UInt32 = random.once(in: 5) ? 1 : UInt32(random.octet())
        return 0x0A00_0000 | UInt32(random.pick(Self.ipv4Seconds)) << 16 | UInt32(random.pick(Self.ipv4Thirds)) << 8
            | last
    }

    private mutating func ipv4() -> [UInt8] {
        var options: [UInt8] = []
        if random.once(in: 10) {
            options = random.pick([
                [1, 1, 1, 0], [7, 7, 4, 0, 0, 0, 0, 0], [131, 7, 4, 10, 2, 0, 1, 0], [137, 3, 4, 0], [0x94, 4, 0, 0],
                [0x94, 4, 0, 0, 7, 3, 4, 1], [7, 40, 4, 0], [7, 1, 0, 0], [0x82, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0],
            ])
        }
        var fragment: UInt16 = random.once(in: 3) ? 0x4000 : 0
        if random.once(in: 10) { fragment = 0x2000 | UInt16(random.below(1000)) }
        if random.once(in: 20) { fragment = UInt16(random.below(8192)) }
        let number: UInt8 = random.pick([1, 6, 17, 17, 47])
        var body = payload()
        if number == 1, !body.isEmpty { body[0] = random.pick([0, 3, 8, 8, 11, 12, 5]) }
        var packet = PacketBuilder.ipv4(
            source: ipv4Address(), destination: ipv4Address(), timeToLive: timeToLive(), protocolNumber: number,
            fragment: fragment, trafficClass: random.octet(), options: options, payload: body)
        guard random.once(in: 12) else { return packet }
        switch random.below(3) {
        case 0: packet[random.pick([2, 3])] = random.octet()
        case 1: packet[0] = random.octet()
        default: packet[10] ^= random.octet()
        }
        if random.once(in: 2) { PacketBuilder.fixChecksum(&packet) }
        return packet
    }

    private mutating func ipv6Address() -> [UInt8] {
        if random.once(in: 24) {
            return random.pick([
                [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0, count: 15) + [1],
                [0xFE, 0x80] + [UInt8](repeating: 1, count: 14), [0xFF, 2] + [UInt8](repeating: 0, count: 13) + [5],
            ])
        }
        let subnet: UInt8 = random.pick([0, 0, 7, 9])
        let last: UInt8 = random.once(in: 5) ? 1 : random.octet()
        return [
            0x20, 1, 0x0D, 0xB8, 0, random.pick([1, 1, 2, 3, 3, 4, 5, 6, 8, 9, 77]), 0, subnet, 0, 0, 0, 0, 0, 0, 0,
            last,
        ]
    }

    private mutating func ipv6() -> [UInt8] {
        var next: UInt8 = random.pick([6, 17, 58, 59])
        var body = payload()
        if next == 58, !body.isEmpty { body[0] = random.pick([1, 2, 3, 128, 129, 135, 137]) }
        for _ in 0..<(random.once(in: 4) ? 1 + random.below(3) : 0) {
            let header: UInt8 = random.pick([0, 43, 44, 51, 60])
            let fragment: UInt8 = random.once(in: 2) ? 0 : random.octet()
            body =
                [next, header == 51 ? 4 : 0, 0, header == 44 ? fragment : 0, 0, 0, 0, 0]
                + (header == 51 ? [UInt8](repeating: 0, count: 16) : []) + body
            next = header
        }
        var packet = PacketBuilder.ipv6(
            source: ipv6Address(), destination: ipv6Address(), hopLimit: timeToLive(), nextHeader: next,
            trafficClass: random.octet(), payload: body)
        if random.once(in: 12) { packet[random.pick([0, 4, 5, 6])] = random.octet() }
        return packet
    }
}
