import Pipeline

/// Labels whose packets go to several: RFC 3031 §3.13 for each copy, and never back where the packet came from.
extension IsolationModel {
    mutating func replicated(_ octets: [UInt8], _ replication: LabPlan.Replication, _ nni: LabPlan.NNI) -> Fate {
        let stack: [[UInt8]]
        let rest: [UInt8]
        switch Self.stack(of: octets, depth: replication.depth) {
        case .failure(let refusal): return drop(refusal.reason, nni.counter)
        case .success(let parts): (stack, rest) = (parts.stack, parts.rest)
        }
        let isExpired = stack[0][3] <= 1
        switch Self.wellFormed(rest, (true, true)) {
        case .failure(let refusal): return drop(isExpired ? .labelTTLExpired : refusal.reason, nni.counter)
        case .success(let packet):
            if isExpired { return drop(.labelTTLExpired, nni.counter) }
            var leaving: [[FragmentPool.Fragment]] = []
            for member in replication.members { leaving.append(copies(of: packet, under: stack, to: member, nni)) }
            // Nobody is told why.
            guard leaving.contains(where: { !$0.isEmpty }) else { return drop(.noReplicationMember, nni.counter) }
            return .copies(Array(leaving.joined()))
        }
    }

    /// What leaves to one member: a frame, its fragments, or nothing.
    private mutating func copies(
        of packet: [UInt8], under stack: [[UInt8]], to member: LabPlan.Replication.Member, _ nni: LabPlan.NNI
    ) -> [FragmentPool.Fragment] {
        guard let hop = LabPlan.hops[member.hop], hop.kind == .swap || hop.kind == .incompleteSwap, hop.label != 3
        else {
            _ = drop(.labelWithdrawn, nni.counter)
            return []
        }
        let isResolved = hop.kind == .swap
        let place = isResolved ? hop.transport?.core ?? hop.counter : hop.counter
        guard place != nni.counter else { return [] }
        if nni.isOfCore == (hop.transport != nil), !member.mayBeOnSameSide {
            _ = drop(nni.isOfCore ? .coreToCore : .transitNotAllowed, place)
            return []
        }
        guard isResolved else {
            _ = drop(.hostUnreachable, place)
            return []
        }
        let swapped = Swapped(stack: stack, packet: packet, hop: hop, nni: nni)
        guard packet.count > swapped.mtu else { return [frame(packet, swapped)] }
        if swapped.isIPv6 {
            _ = drop(.packetTooBig, place)
            return []
        }
        if packet[6] & 0x40 != 0 {
            _ = drop(.fragmentationNeeded, place)
            return []
        }
        let header = Int(packet[0] & 15) * 4
        let end = Self.number(packet, 6) % 0x2000 * 8 + packet.count - header
        if swapped.mtu < header + 8 || end > 65_535 - 20 {
            _ = drop(.fragmentationImpossible, place)
            return []
        }
        let pieces = Self.fragments(packet, mtu: swapped.mtu)
        var frames: [FragmentPool.Fragment] = []
        for piece in pieces { frames.append(frame(piece, swapped)) }
        return frames
    }

    private mutating func frame(_ packet: [UInt8], _ swapped: Swapped) -> FragmentPool.Fragment {
        FragmentPool.Fragment(port: Self.port(swapped.hop), octets: forward(packet, swapped))
    }
}
