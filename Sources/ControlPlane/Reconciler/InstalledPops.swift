import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// The labels of VRFs that have their packets' next hop, and those next hops.
final class InstalledPops {
    private let nextHops: InstalledNextHops
    /// What routing has said, of labels that are valid and of those that are to become so; one without a way is looked up.
    private var ways: [LabelBinding: VRFWay] = [:]
    /// What the entries name that are in the tables.
    private var inUse: [LabelBinding: UInt32] = [:]

    init(nextHops: InstalledNextHops) {
        self.nextHops = nextHops
    }

    func way(of binding: LabelBinding) -> VRFWay? { ways[binding] }

    func setWay(_ way: VRFWay?, of binding: LabelBinding) { ways[binding] = way }

    /// The label's entry in place of the one that has its packets looked up, with a next hop that is held for it until
    /// ``commit(_:of:)`` or ``abandon(_:)``; `nil` if there is no room for that. One without a way stays as it is.
    ///
    /// - Parameter entry: the unit's.
    func entry(of binding: LabelBinding, _ vrf: VRFPlan, insteadOf entry: stile_label_entry) -> stile_label_entry? {
        guard let way = ways[binding] else { return entry }
        guard let nextHop = nextHops.acquire(way.action.nextHop(vrf: vrf.number, family: way.family)) else {
            return nil
        }
        // Circuits' frames say the family, and the next hop is of one.
        let other = way.family == .ipv4 ? STILE_FLAG_IPV6 : STILE_FLAG_IPV4
        return PopEntry(
            interface: entry.interface, nextHop: nextHop, flags: entry.flags & ~UInt8(other.rawValue)
        ).entry
    }

    /// The entry is in the tables: what the one before it named is given back.
    func commit(_ entry: stile_label_entry, of binding: LabelBinding) {
        let before = inUse[binding]
        inUse[binding] = PopEntry(entry)?.nextHop
        if let before { nextHops.release(before) }
    }

    /// The entry did not get there.
    func abandon(_ entry: stile_label_entry) {
        if let nextHop = PopEntry(entry)?.nextHop { nextHops.release(nextHop) }
    }

    /// The label is taken back, or leads nowhere.
    func release(_ binding: LabelBinding) {
        if let nextHop = inUse.removeValue(forKey: binding) { nextHops.release(nextHop) }
    }

    func forget(_ binding: LabelBinding) {
        release(binding)
        ways[binding] = nil
    }
}
