import Addressing
import ForwardingTables
import Routing

/// Where the labels of relays lead: the next hops that their entries name. Labels with the same target share one; where a
/// target is reached otherwise, it is one store for all of them.
final class InstalledSwaps {
    private let nextHops: InstalledNextHops
    /// What routing has said, of labels that are valid and of those that are to become so.
    private var targets: [LabelBinding: SwapTarget] = [:]
    /// What the entries name that are in the tables and lead somewhere.
    private var inUse: [LabelBinding: UInt32] = [:]
    /// Those that are in the tables, by NNI and for the core.
    private var ofPlaces: [String: Set<LabelBinding>] = [:]

    init(nextHops: InstalledNextHops) {
        self.nextHops = nextHops
    }

    func target(of binding: LabelBinding) -> SwapTarget? { targets[binding] }

    func setTarget(_ target: SwapTarget?, of binding: LabelBinding) { targets[binding] = target }

    /// The labels that are valid on an NNI, or in the core.
    func bindings(at place: String) -> Set<LabelBinding> { ofPlaces[place] ?? [] }

    /// Whether the label's entry names a next hop.
    func leads(_ binding: LabelBinding) -> Bool { inUse[binding] != nil }

    /// The label's entry by its target, whose next hop is held for it until ``commit(_:_:)`` or ``abandon(_:)``; `nil` if there is
    /// no room, or nothing that the tables can do: they put one label into another's place.
    func entry(of binding: LabelBinding, isBySource: Bool) -> SwapEntry? {
        guard let target = targets[binding], target.labels.count <= SwapTarget.mostLabels,
            // What stands under a label is its entry's matter.
            let nextHop = nextHops.acquire(.swap(SwapTarget(way: target.way, labels: target.labels)))
        else { return nil }
        // Routing has told the label for this way. From the core a packet never goes back there.
        let mayTransit = target.leadsToNNI && binding.nni != ForwardingPlan.coreName
        return SwapEntry(
            nextHop: nextHop, depth: target.stack.depth, options: target.stack.options, mayTransit: mayTransit,
            isBySource: isBySource)
    }

    /// The entry is in the tables: what the one before it named is given back.
    func commit(_ entry: SwapEntry, of binding: LabelBinding) {
        if let before = inUse.updateValue(entry.nextHop, forKey: binding) { nextHops.release(before) }
        ofPlaces[binding.nni, default: []].insert(binding)
    }

    /// The entry did not get there.
    func abandon(_ entry: SwapEntry) { nextHops.release(entry.nextHop) }

    /// The label leads nowhere any more.
    func release(_ binding: LabelBinding) {
        if let nextHop = inUse.removeValue(forKey: binding) { nextHops.release(nextHop) }
    }

    /// The label is taken back.
    func forget(_ binding: LabelBinding) {
        release(binding)
        ofPlaces[binding.nni]?.remove(binding)
        if ofPlaces[binding.nni]?.isEmpty == true { ofPlaces[binding.nni] = nil }
        targets[binding] = nil
    }
}

extension SwappedStack {
    /// How many labels there have to be.
    fileprivate var depth: UInt8 {
        switch self {
        case .packet, .ipv6Packet, .session, .frame: 0
        case .label, .labelWithEntropy: 1
        case .labels: Self.mostLabels
        }
    }

    fileprivate var options: SwapOptions {
        switch self {
        case .packet, .label: []
        case .ipv6Packet: .ipv6
        case .frame: .frame
        case .session: .sessions
        case .labelWithEntropy: .entropy
        case .labels: .upTo
        }
    }
}
