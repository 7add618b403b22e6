import PacketFormats
import Pipeline
import Testing

/// Routes with several next hops. Which bucket a flow falls into is the flow hash's matter, and who has which bucket the
/// table's (`BucketAssignmentTests`).
extension IsolationModel {
    /// The hop that a packet takes of what a route has.
    func choice(_ name: String, for packet: Packet, vrf: UInt16) -> String {
        guard let group = LabPlan.groups[name] else { return name }
        if packet.isOwn, packet.isAsked, !packet.isFromCore {
            let back = group.members.first { member in
                LabPlan.hops[member].map { hop in
                    [.circuit, .labelled].contains(hop.kind)
                        && Self.link(of: hop.counter) == Self.link(of: packet.counter)
                } ?? false
            }
            if let back { return back }
        }
        let origin = isUnbound(packet, vrf) ? 0 : packet.isFromCore ? 2 : 1
        let hash = packet.octets.withUnsafeBytes { octets in
            octets.baseAddress.map { FlowHash(of: $0, isIPv6: packet.isIPv6, bytes: octets.count) }
        }
        let bucket = hash.map { Int($0.bucket(seed: Lab.hashSeed)) } ?? 0
        let chosen = group.members[Int(group.buckets[origin].holders[bucket])]
        // A packet is not sent where it must not leave while there is another way.
        let refused = group.members.filter { LabPlan.hops[$0].flatMap { crossingRefusal(packet, vrf, $0) } != nil }
        if refused.contains(chosen), refused.count < group.members.count {
            Issue.record("\(name): \(chosen) is not for such packets")
        }
        return chosen
    }

    /// Notes by what kind of way a packet leaves.
    mutating func noteWay(_ packet: Packet, _ name: String?, isByLabel: Bool) {
        let origin =
            packet.isOnOperatorsCircuit
            ? "an operator's circuit" : !packet.isFromNNI ? "a circuit" : packet.isFromCore ? "the core" : "an NNI"
        if isByLabel { counts.ways.insert("a label's next hop, from \(origin)") }
        if name.map({ LabPlan.groups[$0] != nil }) == true { counts.ways.insert("a group, from \(origin)") }
    }

    /// Whether a packet may leave by any member.
    private func isUnbound(_ packet: Packet, _ vrf: UInt16) -> Bool {
        !packet.isAsked || packet.isFromCore && packet.isOwn
            || !packet.isFromCore && mayTransit.isSuperset(of: [packet.vrf, vrf])
    }
}
