import Addressing
import Pipeline

/// The specification once more, in the plainest form, to compare the pipeline with: what becomes of a frame, octet by
/// octet. Written from `spec/option-e.md` and the RFCs; it shares no code with the pipeline, reads octets by itself and
/// matches prefixes by trying every length in a dictionary.
struct IsolationModel {
    indirect enum Fate: Equatable {
        case transmit(port: UInt16, frame: [UInt8])
        case fragments(port: UInt16, frames: [[UInt8]])
        /// Copies, and fragments of them.
        case copies([FragmentPool.Fragment])
        case punt(PuntClass, vrf: UInt16, octets: [UInt8])
        case drop(DropReason)
        /// As a drop, and the ICMP error about it is a frame of its own.
        case dropWithFrame(Fate, port: UInt16, frame: [UInt8])
    }

    /// What the counters must show at the end.
    struct Counts: Equatable {
        var received: [UInt16: Int] = [:]
        /// By the unit or circuit where it came in: what leaves, the box's own apart.
        var forwarded: [UInt16: Int] = [:]
        var sent: [UInt16: Int] = [:]
        var drops: [UInt16: [DropReason: Int]] = [:]
        /// By what packets have left that a label or a group led: the kinds of both that the test has tried.
        var ways: Set<String> = []
    }

    var counts = Counts()
    /// The services of the interfaces, where they have any.
    var services: ServiceModel?
    private var routes: [UInt16: [[UInt8]: String]] = [:]
    let mayTransit: Set<UInt16> = [2]
    private let carriesIPv6: Set<UInt16> = [1, 2]

    init() {
        for (vrf, table) in [LabPlan.routes, LabPlan.groupRoutes].flatMap({ $0 }) {
            for route in table {
                let parts = route.prefix.split(separator: "/")
                guard let address = IPAddress(parts[0]), let length = Int(parts[1]) else { continue }
                routes[vrf, default: [:]][Self.key(address.octets, length)] = route.hop
            }
        }
    }

    /// A packet on its way through the box.
    struct Packet {
        var octets: [UInt8]
        var vrf: UInt16
        /// The VRF that a route map gave the packet to; its sender stays in `vrf`.
        var policyVRF: UInt16?
        /// Whether a route map for what leaves has sent it elsewhere.
        var hasLeftByPolicy = false
        var counter: UInt16
        /// Whether it came in with a label, and whether from the core.
        var isFromNNI = false
        var isFromCore = false
        /// Whether it came in by another operator's circuit.
        var isOnOperatorsCircuit = false
        var isOwn = false
        /// Whether it is asked for transit.
        var isAsked: Bool { isFromNNI || isOnOperatorsCircuit }
        /// Where its label leads, if it says so; `nil` in it: nowhere any more.
        var pop: LabPlan.Pop?
        var isIPv6: Bool { octets[0] >> 4 == 6 }
        var timeToLive: UInt8 { octets[isIPv6 ? 7 : 8] }
        var destination: [UInt8] { Array(isIPv6 ? octets[24..<40] : octets[16..<20]) }
        var source: [UInt8] { Array(isIPv6 ? octets[8..<24] : octets[12..<16]) }
        mutating func setTimeToLive(_ value: UInt8) {
            octets[isIPv6 ? 7 : 8] = value
            if !isIPv6 { PacketBuilder.fixChecksum(&octets) }
        }
    }

    mutating func fate(of frame: [UInt8], port: UInt16) -> Fate {
        // Port and tags → interface.
        guard frame.count >= 14 else { return dropUnknown(.frameTooShort, port) }
        var type = Self.number(frame, 12)
        var offset = 14
        var tags: [Int] = []
        if type == 0x8100 || type == 0x88A8 {
            guard frame.count >= 18 else { return dropUnknown(.frameTooShort, port) }
            tags = [Self.number(frame, 14) & 0xFFF]
            type = Self.number(frame, 16)
            offset = 18
            if port == 3, tags == [40], type == 0x8100 {
                guard frame.count >= 22 else { return dropUnknown(.frameTooShort, port) }
                tags.append(Self.number(frame, 18) & 0xFFF)
                type = Self.number(frame, 20)
                offset = 22
            }
        }
        let named = tags.filter { $0 != 0 }
        let circuit = LabPlan.circuits.first { circuit in
            circuit.port == port && [circuit.outer, circuit.inner].compactMap { $0.map(Int.init) } == named
        }
        let nni = LabPlan.nnis.first { $0.port == port && [$0.outer].compactMap { $0.map(Int.init) } == named }
        let isOurs = frame.prefix(6).elementsEqual(LabPlan.ownMAC(port: port))
        let isGroup = frame[0] & 1 == 1
        if let nni {
            counts.received[nni.counter, default: 0] += 1
            guard isOurs || isGroup else { return drop(.notForThisMAC, nni.counter) }
            if type == 0x8847 {
                guard isOurs else { return drop(.notForThisMAC, nni.counter) }
                return labelled(Array(frame[offset...]), nni, from: Array(frame[6..<12]))
            }
            if type == 0x0806 { return arp(frame, offset, nni.counter, 0) }
            return unlabelled(frame, offset, type, isOurs, nni)
        }
        guard let circuit else { return dropUnknown(.noInterfaceForVLAN, port) }
        counts.received[circuit.counter, default: 0] += 1
        guard isOurs || isGroup else { return drop(.notForThisMAC, circuit.counter) }
        if type == 0x0806 { return arp(frame, offset, circuit.counter, circuit.vrf) }
        if type == 0x8847, let carrier = LabPlan.carriers.first(where: { $0.counter == circuit.counter }) {
            guard isOurs else { return drop(.notForThisMAC, circuit.counter) }
            return labelled(Array(frame[offset...]), carrier, from: Array(frame[6..<12]))
        }
        guard type == 0x0800 || type == 0x86DD else { return drop(.etherTypeNotAccepted, circuit.counter) }
        let families = (ipv4: true, ipv6: carriesIPv6.contains(circuit.vrf))
        switch Self.wellFormed(Array(frame[offset...]), families) {
        case .failure(let refusal): return drop(refusal.reason, circuit.counter)
        case .success(let octets):
            guard (type == 0x86DD) == (octets[0] >> 4 == 6) else { return drop(.ipVersionInvalid, circuit.counter) }
            if Self.isNeighborDiscovery(octets), Self.isLinkScoped(Array(octets[24..<40])) {
                return .punt(.neighborDiscovery, vrf: circuit.vrf, octets: frame)
            }
            if isOurs, octets[0] >> 4 == 6, octets[24] == 0xFE, octets[25] & 0xC0 == 0x80 {
                return .punt(.icmp, vrf: circuit.vrf, octets: frame)
            }
            let packet = Packet(
                octets: octets, vrf: circuit.vrf, counter: circuit.counter, isOnOperatorsCircuit: circuit.isOperators)
            if !isOurs {
                let first = packet.destination[0]
                let isMulticast = packet.isIPv6 ? first == 0xFF : first >> 4 == 0xE
                return drop(isMulticast ? .multicastDestination : .notForThisMAC, circuit.counter)
            }
            return admit(packet, frame)
        }
    }

    mutating func labelled(_ given: [UInt8], _ nni: LabPlan.NNI, from source: [UInt8]) -> Fate {
        var stack = given
        guard stack.count >= 4 else { return drop(.labelStackTruncated, nni.counter) }
        var entry = Self.number(stack, 0) << 16 | Self.number(stack, 2)
        if entry & 0x100 == 0, nni.nulls.contains(UInt32(entry >> 12)) {
            stack.removeFirst(4)
            guard stack.count >= 4 else { return drop(.labelStackTruncated, nni.counter) }
            let below = Self.number(stack, 0) << 16 | Self.number(stack, 2)
            // The class of the outer one, and the lower TTL.
            entry = below & ~0xEFF | entry & 0xE00 | min(below & 0xFF, entry & 0xFF)
            stack.replaceSubrange(0..<4, with: PacketBuilder.octets(UInt32(entry)))
        }
        if let context = nni.contexts.first(where: { Int($0.label) == entry >> 12 }) {
            guard entry & 0x100 == 0 else { return drop(.labelStackDepth, nni.counter) }
            stack.removeFirst(4)
            guard stack.count >= 4 else { return drop(.labelStackTruncated, nni.counter) }
            let below = Self.number(stack, 0) << 16 | Self.number(stack, 2)
            entry = below & ~0xEFF | entry & 0xE00 | min(below & 0xFF, entry & 0xFF)
            return labelled(stack, entry, context.place(on: nni), from: source)
        }
        return labelled(stack, entry, nni, from: source)
    }

    /// The label that says whose the packet is, with the entry as those above it have left it.
    private mutating func labelled(
        _ stack: [UInt8], _ entry: Int, _ nni: LabPlan.NNI, from source: [UInt8]
    ) -> Fate {
        if let swap = nni.swaps.first(where: { Int($0.label) == entry >> 12 }) {
            if let sources = swap.sources, !sources.contains(source) { return drop(.foreignSourceMAC, nni.counter) }
            return swapped(stack, swap, nni)
        }
        if let replication = nni.replications.first(where: { Int($0.label) == entry >> 12 }) {
            if let sources = replication.sources, !sources.contains(source) {
                return drop(.foreignSourceMAC, nni.counter)
            }
            return replicated(stack, replication, nni)
        }
        guard entry & 0x100 != 0 else { return drop(.labelStackDepth, nni.counter) }
        let pop = nni.pops.first { Int($0.label) == entry >> 12 }
        guard let unit = nni.units.first(where: { pop.map(\.unit) == $0.counter || Int($0.label) == entry >> 12 })
        else {
            return drop(entry >> 12 < 16 ? .labelReserved : .labelNotValidHere, nni.counter)
        }
        if let sources = pop == nil ? unit.sources : pop?.sources, !sources.contains(source) {
            return drop(.foreignSourceMAC, nni.counter)
        }
        if let pop, pop.hop == nil { return drop(.labelWithdrawn, nni.counter) }
        let families =
            pop.map { (ipv4: !$0.isIPv6, ipv6: $0.isIPv6) } ?? (ipv4: true, ipv6: carriesIPv6.contains(unit.vrf))
        let parsed = Self.wellFormed(Array(stack[4...]), families)
        let labelTimeToLive = UInt8(entry & 0xFF)
        if labelTimeToLive <= 1 {
            let fate = drop(.labelTTLExpired, nni.counter)
            guard case .success(let octets) = parsed else { return fate }
            let packet = Packet(
                octets: octets, vrf: unit.vrf, counter: unit.counter, isFromNNI: true, isFromCore: nni.isOfCore)
            return report(packet, type: (11, 3), code: (0, 0)) ?? fate
        }
        switch parsed {
        case .failure(let refusal): return drop(refusal.reason, nni.counter)
        case .success(let octets):
            var packet = Packet(
                octets: octets, vrf: unit.vrf, counter: unit.counter, isFromNNI: true, isFromCore: nni.isOfCore)
            packet.pop = pop
            counts.received[unit.counter, default: 0] += 1
            if unit.isUniform { packet.setTimeToLive(min(labelTimeToLive, packet.timeToLive)) }
            return admit(packet, [], labelClass: UInt8(entry >> 9 & 7))
        }
    }

    private mutating func admit(_ packet: Packet, _ frame: [UInt8], labelClass: UInt8? = nil) -> Fate {
        var packet = packet
        if let reason = Self.addressRefusal(packet) { return drop(reason, packet.counter) }
        if let fate = serveIncoming(&packet, labelClass: labelClass) { return fate }
        if let fate = routeByPolicy(&packet, frame) { return fate }
        return forward(packet, frame)
    }

    /// Lookup if the next hop is not given, the egress rules, and the frame that leaves.
    mutating func forward(_ packet: Packet, _ frame: [UInt8], by nextHop: String? = nil) -> Fate {
        var packet = packet
        let vrf = packet.policyVRF ?? packet.vrf
        // A map's way out and its VRF count for more than the label.
        let pop = nextHop == nil && packet.policyVRF == nil ? packet.pop : nil
        if let name = pop?.hop {
            let isOther = LabPlan.hops[name].map { [.receive, .subnet, .swap].contains($0.kind) }
            if isOther ?? (LabPlan.groups[name] != nil) { return drop(.labelWithdrawn, packet.counter) }
        }
        let found = nextHop ?? pop?.hop ?? route(packet.destination, vrf: vrf)
        guard let name = found.map({ choice($0, for: packet, vrf: vrf) }), let hop = LabPlan.hops[name] else {
            return error(packet, .noRoute, type: (3, 1), code: (0, 0))
        }
        if name == "null" { return drop(.discardRoute, packet.counter) }
        guard hop.vrf == vrf else { return drop(.adjacencyOfAnotherVRF, packet.counter) }
        if name.hasPrefix("own") {
            if packet.isOwn { return drop(.sourceAddressInvalid, packet.counter) }
            let isDiscovery = !packet.isFromNNI && Self.isNeighborDiscovery(packet.octets)
            return .punt(
                isDiscovery ? .neighborDiscovery : .receive, vrf: vrf,
                octets: isDiscovery ? frame : packet.octets)
        }
        if name == "silent" { return error(packet, .hostUnreachable, type: (3, 1), code: (1, 3)) }
        if let reason = crossingRefusal(packet, vrf, hop) { return drop(reason, packet.counter) }
        // It does not wait: what is held is looked up when it comes back.
        if pop != nil, name.hasPrefix("glean") { return drop(.hostUnreachable, packet.counter) }
        if !name.hasPrefix("glean"), let fate = routeOutgoing(&packet, frame, counter: hop.counter) { return fate }
        if !name.hasPrefix("glean"), let fate = serveOutgoing(&packet, counter: hop.counter) { return fate }
        if !packet.isOwn, packet.timeToLive <= 1 { return error(packet, .ipTTLExpired, type: (11, 3), code: (0, 0)) }
        let isLarge = packet.octets.count > Int(hop.mtu) && !name.hasPrefix("glean")
        if isLarge, packet.isIPv6 {
            return error(packet, .packetTooBig, type: (0, 2), code: (0, 0), mtu: Int(hop.mtu))
        }
        if isLarge, packet.octets[6] & 0x40 != 0 {
            return error(packet, .fragmentationNeeded, type: (3, 0), code: (4, 0), mtu: Int(hop.mtu))
        }
        let header = Int(packet.octets[0] & 15) * 4
        let end = Self.number(packet.octets, 6) % 0x2000 * 8 + packet.octets.count - header
        if isLarge, Int(hop.mtu) < header + 8 || end > 65_535 - 20 {
            return drop(.fragmentationImpossible, packet.counter)
        }
        if !packet.isOwn { packet.setTimeToLive(packet.timeToLive - 1) }
        if name.hasPrefix("glean") { return .punt(.glean, vrf: vrf, octets: packet.octets) }
        if !packet.isOwn { counts.forwarded[packet.counter, default: 0] += 1 }
        if !packet.isOwn { noteWay(packet, found, isByLabel: pop != nil) }
        if isLarge {
            let pieces = Self.fragments(packet.octets, mtu: Int(hop.mtu))
            return .fragments(port: Self.port(hop), frames: pieces.map { send($0, hop) })
        }
        return .transmit(port: Self.port(hop), frame: send(packet.octets, hop))
    }

    /// NNI → NNI only with transit, also by another border router, core → core never; all else may go. What the box says because of an NNI's packet may go
    /// back there, because of a packet from the core anywhere.
    func crossingRefusal(_ packet: Packet, _ vrf: UInt16, _ hop: LabPlan.Hop) -> DropReason? {
        guard packet.isAsked, LabPlan.carrier(of: hop) != nil || LabPlan.isOperatorsCircuit(hop.counter) else {
            return nil
        }
        let isToCore = hop.transport != nil
        if packet.isFromCore { return isToCore && !packet.isOwn ? .coreToCore : nil }
        guard !isToCore || hop.isMarked, !mayTransit.isSuperset(of: [packet.vrf, vrf]) else { return nil }
        let goesBack = packet.isOwn && Self.link(of: packet.counter) == Self.link(of: hop.counter)
        return goesBack ? nil : .transitNotAllowed
    }

    /// The NNI of the unit with this counter, or the circuit that has it.
    static func link(of counter: UInt16) -> UInt16 { nni(ofUnit: counter) ?? counter }

    /// The NNI that the unit with this counter is on.
    static func nni(ofUnit counter: UInt16) -> UInt16? {
        LabPlan.nnis.first { $0.units.contains { $0.counter == counter } }?.counter
    }

    func route(_ address: [UInt8], vrf: UInt16) -> String? {
        for length in stride(from: address.count * 8, through: 0, by: -1) {
            if let hop = routes[vrf]?[Self.key(address, length)] { return hop }
        }
        return nil
    }

    private static func key(_ address: [UInt8], _ length: Int) -> [UInt8] {
        var masked = address
        for index in masked.indices {
            let bits = min(max(length - index * 8, 0), 8)
            masked[index] &= bits == 0 ? 0 : 0xFF << UInt8(8 - bits)
        }
        return masked + [UInt8(length)]
    }

    mutating func drop(_ reason: DropReason, _ counter: UInt16) -> Fate {
        counts.drops[counter, default: [:]][reason, default: 0] += 1
        return .drop(reason)
    }

    private mutating func dropUnknown(_ reason: DropReason, _ port: UInt16) -> Fate {
        counts.received[LabPlan.counter(ofPort: port), default: 0] += 1
        return drop(reason, LabPlan.counter(ofPort: port))
    }

    private mutating func arp(_ frame: [UInt8], _ offset: Int, _ counter: UInt16, _ vrf: UInt16) -> Fate {
        frame.count - offset >= 28 ? .punt(.arp, vrf: vrf, octets: frame) : drop(.frameTooShort, counter)
    }

    private mutating func send(_ packet: [UInt8], _ hop: LabPlan.Hop) -> [UInt8] {
        counts.sent[hop.counter, default: 0] += 1
        var frame = LabPlan.neighborMAC(counter: hop.counter) + LabPlan.ownMAC(port: Self.port(hop))
        let isIPv6 = packet[0] >> 4 == 6
        if let circuit = LabPlan.circuits.first(where: { $0.counter == hop.counter }) {
            if let outer = circuit.outer {
                frame += PacketBuilder.tag(outer, circuit.inner == nil ? [0x81, 0] : [0x88, 0xA8])
            }
            if let inner = circuit.inner { frame += PacketBuilder.tag(inner) }
            return frame + (isIPv6 ? [0x86, 0xDD] : [8, 0]) + packet
        }
        guard let nni = LabPlan.carrier(of: hop) else { return [] }
        counts.sent[nni.counter, default: 0] += 1
        if let outer = nni.outer { frame += PacketBuilder.tag(outer) }
        let trafficClass = UInt32(isIPv6 ? packet[0] << 4 | packet[1] >> 4 : packet[1]) >> 5
        let timeToLive: UInt8 = hop.isUniform ? packet[isIPv6 ? 7 : 8] : 255
        let bits = trafficClass << 9 | UInt32(timeToLive)
        let above = hop.labelsAbove.flatMap { PacketBuilder.octets($0 << 12 | bits) }
        let stack = above + PacketBuilder.octets(hop.label << 12 | bits | 0x100)
        guard let tunnel = hop.tunnel else { return frame + [0x88, 0x47] + stack + packet }
        let outer = Self.putIntoUDP(stack, packet, tunnel)
        return frame + PacketBuilder.etherType(of: outer) + outer
    }
}
