import Pipeline

/// Labels that are swapped: from `spec/details.md`, RFC 3032 §2.3.2, §2.4 and §3.4, RFC 4884 and RFC 4950.
extension IsolationModel {
    /// A labelled packet on its way through the box.
    struct Swapped {
        /// The stack that it came with, the swapped label first, each entry four octets.
        var stack: [[UInt8]]
        var packet: [UInt8]
        var hop: LabPlan.Hop
        var nni: LabPlan.NNI
        var isIPv6: Bool { packet[0] >> 4 == 6 }
        var timeToLive: UInt8 { stack[0][3] }
        /// The largest packet that fits: the hop's MTU has room for one label and those of its transport. On a carrier's circuit IP
        /// without any is as long as IP that came without.
        var mtu: Int {
            Int(hop.mtu) - 4 * max(0, outgoing.count - 1) - (hop.isOnCarrier && outgoing.isEmpty ? 4 : 0)
        }

        /// Whether the transport's labels are all that takes the label's place.
        var isLeftToTransport: Bool { hop.label == 3 && hop.transport?.labels.isEmpty == false }

        /// The labels that take the stack's place, without those of the transport.
        var outgoing: [[UInt8]] {
            let (label, first) = (hop.label, stack[0])
            guard label == 3 else {
                let octets = [
                    UInt8(label >> 12), UInt8(label >> 4 & 255), UInt8(label & 15) << 4 | first[2] & 15, first[3] &- 1,
                ]
                return [octets] + stack.dropFirst()
            }
            // MPLS over UDP needs a label: explicit null.
            guard stack.count > 1 else {
                guard hop.tunnel != nil, hop.transport?.labels.isEmpty != false else { return [] }
                return [[0, 0, (isIPv6 ? 2 : 0) << 4 | first[2] & 15, first[3] &- 1]]
            }
            // The transport's lowest takes its place.
            if isLeftToTransport { return Array(stack.dropFirst()) }
            // The one below gets the class, and the TTL if that is lower.
            var below = stack[1]
            below[2] = below[2] & 0xF1 | first[2] & 0x0E
            below[3] = min(below[3], first[3] &- 1)
            return [below] + stack.dropFirst(2)
        }
    }

    mutating func swapped(_ octets: [UInt8], _ swap: LabPlan.Swap, _ nni: LabPlan.NNI) -> Fate {
        // Where they go.
        guard let name = swap.hop, let hop = LabPlan.hops[name], hop.kind == .swap || hop.kind == .incompleteSwap else {
            return drop(.labelWithdrawn, nni.counter)
        }
        let stack: [[UInt8]]
        let rest: [UInt8]
        switch Self.stack(of: octets, depth: swap.depth, hasEntropy: swap.hasEntropy, isUpTo: swap.isUpTo) {
        case .failure(let refusal): return drop(refusal.reason, nni.counter)
        case .success(let parts): (stack, rest) = (parts.stack, parts.rest)
        }
        // Whether they may.
        if nni.isOfCore, hop.transport != nil { return drop(.coreToCore, nni.counter) }
        if !nni.isOfCore, hop.transport == nil, !swap.mayTransit { return drop(.transitNotAllowed, nni.counter) }
        if hop.kind == .incompleteSwap { return drop(.hostUnreachable, nni.counter) }
        let isExpired = stack[0][3] <= 1
        if swap.isFrame { return frame(rest, Swapped(stack: stack, packet: rest, hop: hop, nni: nni)) }
        switch Self.wellFormed(rest, (!swap.isIPv6Only, true)) {
        case .failure(let refusal): return drop(isExpired ? .labelTTLExpired : refusal.reason, nni.counter)
        case .success(let packet):
            if swap.isForSessions, !Self.isSession(packet) { return drop(.labelPayload, nni.counter) }
            let fate = leave(Swapped(stack: stack, packet: packet, hop: hop, nni: nni))
            if !isDrop(fate) { noteSwap(swap, stack.count, of: packet, from: nni) }
            return fate
        }
    }

    /// An Ethernet frame under the label: whatever it is, it goes on as it came or not at all.
    private mutating func frame(_ rest: [UInt8], _ swapped: Swapped) -> Fate {
        if swapped.timeToLive <= 1 { return drop(.labelTTLExpired, swapped.nni.counter) }
        if rest.count < 14 || swapped.hop.tunnel != nil { return drop(.labelPayload, swapped.nni.counter) }
        if rest.count > swapped.mtu { return drop(.packetTooBig, swapped.nni.counter) }
        counts.forwarded[swapped.nni.counter, default: 0] += 1
        counts.ways.insert("a swap above a frame, from \(swapped.nni.isOfCore ? "the core" : "an NNI")")
        return .transmit(port: Self.port(swapped.hop), frame: send(rest, swapped.outgoing, swapped.hop))
    }

    private func isDrop(_ fate: Fate) -> Bool {
        switch fate {
        case .drop, .dropWithFrame: true
        case .transmit, .fragments, .copies, .punt: false
        }
    }

    private mutating func noteSwap(_ swap: LabPlan.Swap, _ depth: Int, of packet: [UInt8], from nni: LabPlan.NNI) {
        let (source, destination) = Self.addresses(packet)
        let session = Self.isListed(from: source, to: destination) ? "a session" : "an error about a session"
        let below = swap.isForSessions ? session : swap.isIPv6Only ? "IPv6 alone" : "\(depth - 1) labels"
        let place = swap.isUpTo ? "or to a carrier" : nni.isOfCore ? "the core" : "an NNI"
        counts.ways.insert("a swap above \(below), from \(place)")
    }

    /// The labels, as many as there have to be, and what is under them.
    static func stack(
        of octets: [UInt8], depth: Int, hasEntropy: Bool = false, isUpTo: Bool = false
    ) -> Result<(stack: [[UInt8]], rest: [UInt8]), Refusal> {
        var stack: [[UInt8]] = []
        var rest = octets[...]
        repeat {
            guard rest.count >= 4 else { return .failure(Refusal(reason: .labelStackTruncated)) }
            stack.append(Array(rest.prefix(4)))
            rest = rest.dropFirst(4)
        } while stack[stack.count - 1][2] & 1 == 0 && stack.count <= depth + (hasEntropy ? 2 : 0)
        guard stack[stack.count - 1][2] & 1 == 1 else { return .failure(Refusal(reason: .labelStackDepth)) }
        if stack.count != depth + 1, !isUpTo {
            // Two more, of which the first is label 7.
            guard hasEntropy, stack.count == depth + 3, stack[depth + 1][0] == 0, stack[depth + 1][1] == 0,
                stack[depth + 1][2] >> 4 == 7
            else { return .failure(Refusal(reason: .labelStackDepth)) }
        }
        for (place, entry) in stack.enumerated() where place != 0 && (isUpTo || place != depth + 1) {
            // An entropy label's indicator has that label under it.
            let isIndicator = isUpTo && entry[2] >> 4 == 7 && place < stack.count - 1
            if entry[0] == 0, entry[1] == 0, !isIndicator { return .failure(Refusal(reason: .labelReserved)) }
        }
        return .success((stack, Array(rest)))
    }

    /// BGP or ICMP from and to who is listed on the first NNI and in the core, and ICMP errors about that.
    private static func isSession(_ packet: [UInt8]) -> Bool {
        let isIPv6 = packet[0] >> 4 == 6
        let (source, destination) = addresses(packet)
        guard isListed(from: source, to: destination) else { return isErrorOfSession(packet) }
        /// From port 179 with ACK or RST, and whole; to it anyhow.
        func isBGP(at offset: Int, isFragment: Bool) -> Bool {
            guard packet.count >= offset + 4 else { return false }
            if number(packet, offset + 2) == 179 { return true }
            return number(packet, offset) == 179 && !isFragment && packet.count >= offset + 14
                && packet[offset + 13] & 0x14 != 0
        }
        guard isIPv6 else {
            guard packet[0] & 15 == 5 else { return false }
            guard packet[9] == 6 else { return packet[9] == 1 }
            return number(packet, 6) & 0x1FFF == 0 && isBGP(at: 20, isFragment: number(packet, 6) & 0x2000 != 0)
        }
        guard let (upper, offset) = upperLayerOrFragment(packet) else { return false }
        let isFragment = packet[6] == 44
        guard packet[6] == upper || isFragment && (offset == 48 || offset == 0 && packet[40] == upper) else {
            return false
        }
        guard upper == 6 else { return upper == 58 }
        return offset > 0 && isBGP(at: offset, isFragment: isFragment && number(packet, 42) & 0xFFF9 != 0)
    }

    /// As `upperLayer`; of a fragment behind the first what its header says it begins with, at no place.
    private static func upperLayerOrFragment(_ packet: [UInt8]) -> (number: UInt8, offset: Int)? {
        if let whole = upperLayer(packet) { return whole }
        var (next, offset) = (packet[6], 40)
        while [0, 43, 44, 51, 60].contains(next), offset + 8 <= packet.count {
            let isFragment = next == 44
            if isFragment, number(packet, offset + 2) & 0xFFF8 != 0 { return (packet[offset], 0) }
            let units = Int(packet[offset + 1])
            let length = isFragment ? 8 : next == 51 ? (units + 2) * 4 : (units + 1) * 8
            next = packet[offset]
            offset += length
        }
        return nil
    }

    private static func isInside(_ prefix: (octets: [UInt8], bits: Int), _ address: [UInt8]) -> Bool {
        guard prefix.octets.count == address.count else { return false }
        return (0..<prefix.bits).allSatisfy { bit in
            (prefix.octets[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private mutating func leave(_ swapped: Swapped) -> Fate {
        let nni = swapped.nni.counter
        if swapped.timeToLive <= 1 {
            return report(swapped, type: (11, 3), code: 0, drop(.labelTTLExpired, nni))
        }
        let packet = swapped.packet
        guard packet.count > swapped.mtu else {
            counts.forwarded[nni, default: 0] += 1
            return .transmit(port: Self.port(swapped.hop), frame: forward(packet, swapped))
        }
        if swapped.isIPv6 { return report(swapped, type: (0, 2), code: 0, drop(.packetTooBig, nni)) }
        if packet[6] & 0x40 != 0 { return report(swapped, type: (3, 0), code: 4, drop(.fragmentationNeeded, nni)) }
        let header = Int(packet[0] & 15) * 4
        let end = Self.number(packet, 6) % 0x2000 * 8 + packet.count - header
        if swapped.mtu < header + 8 || end > 65_535 - 20 { return drop(.fragmentationImpossible, nni) }
        counts.forwarded[nni, default: 0] += 1
        let pieces = Self.fragments(packet, mtu: swapped.mtu)
        return .fragments(
            port: Self.port(swapped.hop), frames: pieces.map { forward($0, swapped) })
    }

    /// With the stack's labels; without any the packet has the label's TTL, if that is lower.
    mutating func forward(_ packet: [UInt8], _ swapped: Swapped) -> [UInt8] {
        let first = swapped.stack[0]
        if swapped.isLeftToTransport {
            let bits = UInt32(first[2] & 0x0E) << 8 | UInt32(first[3] - 1)
            return send(packet, swapped.outgoing, swapped.hop, bits: bits)
        }
        guard swapped.outgoing.isEmpty else { return send(packet, swapped.outgoing, swapped.hop) }
        var packet = packet
        if swapped.isIPv6 {
            packet[7] = min(packet[7], first[3] - 1)
        } else if packet[8] > first[3] - 1 {
            packet[8] = first[3] - 1
            PacketBuilder.fixChecksum(&packet)
        }
        return send(packet, [], swapped.hop)
    }

    /// An ICMP error that goes on under the outgoing labels, beside the drop of the packet. `type` is (ICMP's, ICMPv6's).
    private mutating func report(_ swapped: Swapped, type: (UInt8, UInt8), code: UInt8, _ fate: Fate) -> Fate {
        let packet = Packet(octets: swapped.packet, vrf: 0, counter: swapped.nni.counter)
        guard mayBeReported(packet) else { return fate }
        let isTooBig = code == 4 || type.1 == 2
        let mtu = isTooBig ? swapped.mtu : 0
        var quoted = swapped.packet
        let hasStack = !(swapped.isIPv6 && isTooBig)
        if !hasStack {
            quoted = Array(quoted.prefix(min(1280, swapped.mtu) - 48))
        } else {
            quoted = Array((quoted + [UInt8](repeating: 0, count: 128)).prefix(128))
            let stack = swapped.stack.joined()
            let object = [0, UInt8(4 + stack.count), 1, 1] + stack
            let sum = Self.checksum([0x20, 0, 0, 0] + object)
            quoted += [0x20, 0, UInt8(sum >> 8), UInt8(sum & 255)] + object
        }
        let octets: [UInt8]
        if swapped.isIPv6 {
            let first: [UInt8] = isTooBig ? [0, 0, UInt8(mtu >> 8), UInt8(mtu & 255)] : [16, 0, 0, 0]
            octets = icmpv6(about: packet, [type.1, code, 0, 0] + first + quoted)
        } else {
            octets = icmpv4(about: packet, [type.0, code, 0, 0, 0, 32, UInt8(mtu >> 8), UInt8(mtu & 255)] + quoted)
        }
        // Class and TTL are the box's.
        let labels = swapped.outgoing.map { [$0[0], $0[1], $0[2] & 0xF1 | 6 << 1, 255] }
        return .dropWithFrame(fate, port: Self.port(swapped.hop), frame: send(octets, labels, swapped.hop))
    }

    /// - Parameter bits: class and TTL of the transport's labels, where they are not those of the one below.
    private mutating func send(
        _ packet: [UInt8], _ labels: [[UInt8]], _ hop: LabPlan.Hop, bits own: UInt32? = nil
    ) -> [UInt8] {
        guard let carrier = LabPlan.carrier(of: hop) else { return [] }
        counts.sent[hop.counter, default: 0] += 1
        if carrier.counter != hop.counter { counts.sent[carrier.counter, default: 0] += 1 }
        var frame = LabPlan.neighborMAC(counter: hop.counter) + LabPlan.ownMAC(port: carrier.port)
        if let outer = carrier.outer { frame += PacketBuilder.tag(outer) }
        // The transport's have class and TTL of the one below.
        let bits = own ?? labels.first.map { UInt32($0[2] & 0x0E) << 8 | UInt32($0[3]) } ?? 6 << 9 | 255
        let transport = hop.labelsAbove
        let above = transport.enumerated().flatMap { place, label in
            let isBottom = labels.isEmpty && place == transport.count - 1
            return PacketBuilder.octets(label << 12 | bits | (isBottom ? 0x100 : 0))
        }
        let stack = above + labels.joined()
        guard !stack.isEmpty else { return frame + PacketBuilder.etherType(of: packet) + packet }
        guard let tunnel = hop.tunnel else { return frame + [0x88, 0x47] + stack + packet }
        let outer = Self.putIntoUDP(stack, packet, tunnel)
        return frame + PacketBuilder.etherType(of: outer) + outer
    }

    private static func addresses(_ packet: [UInt8]) -> (source: [UInt8], destination: [UInt8]) {
        packet[0] >> 4 == 6
            ? (Array(packet[8..<24]), Array(packet[24..<40])) : (Array(packet[12..<16]), Array(packet[16..<20]))
    }

    private static func isListed(from source: [UInt8], to destination: [UInt8]) -> Bool {
        LabPlan.sessionsTo.contains { isInside($0, destination) }
            && LabPlan.sessionsFrom.contains { isInside($0, source) }
    }

    /// From whomever, to who has sent the packet that it is about: on its way on, and on its way back.
    private static func isErrorOfSession(_ packet: [UInt8]) -> Bool {
        let isIPv6 = packet[0] >> 4 == 6
        let headerBytes = isIPv6 ? 40 : 20
        guard packet.count >= 2 * headerBytes + 8 else { return false }
        if isIPv6 {
            guard packet[6] == 58, (1...4).contains(packet[40]) else { return false }
        } else {
            guard packet[0] & 15 == 5, packet[9] == 1, number(packet, 6) & 0x3FFF == 0,
                [3, 11, 12].contains(packet[20])
            else { return false }
        }
        let quoted = Array(packet[(headerBytes + 8)...])
        guard quoted[0] >> 4 == packet[0] >> 4 else { return false }
        let (sender, receiver) = addresses(quoted)
        guard sender == addresses(packet).destination else { return false }
        return isListed(from: sender, to: receiver) || isListed(from: receiver, to: sender)
    }
}
