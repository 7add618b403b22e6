import Addressing
import ForwardingTables
import Routing

/// Where labels lead whose packets are copied to several, as routing has said: the lists that their entries name.
final class InstalledCopies {
    private let lists: ReplicationLists
    /// What routing has said, of labels that are valid and of those that are to become so.
    private var targets: [LabelBinding: [SwapTarget]] = [:]
    /// What the entries name that are in the tables and lead somewhere.
    private var inUse: [LabelBinding: ReplicationList] = [:]

    init(lists: ReplicationLists) { self.lists = lists }

    /// `nil`: the label's packets are not copied.
    func targets(of binding: LabelBinding) -> [SwapTarget]? { targets[binding] }

    func setTargets(_ new: [SwapTarget]?, of binding: LabelBinding) { targets[binding] = new }

    /// The labels whose packets are copied, on an NNI or in the core.
    func bindings(at place: String) -> [LabelBinding] { targets.keys.filter { $0.nni == place } }

    /// All of them.
    var all: some Collection<LabelBinding> { targets.keys }

    /// The numbers of the targets' next hops, in their order; `nil` for a label that leads nowhere.
    func nextHops(of binding: LabelBinding) -> [UInt32]? { inUse[binding]?.nextHops }

    /// A list for the label's targets, which is held for it until ``commit(_:of:)`` or ``abandon(_:)``; `nil` if there is no room.
    func list(for binding: LabelBinding) -> ReplicationList? {
        // Routing has told the label for these ways. From the core a packet never goes back there.
        let isOfNNI = binding.nni != ForwardingPlan.coreName
        return targets[binding].flatMap { lists.make($0) { isOfNNI && $0.leadsToNNI } }
    }

    /// The label's entry names the list: the one before it is given back.
    func commit(_ list: ReplicationList, of binding: LabelBinding) {
        if let before = inUse.updateValue(list, forKey: binding) { lists.retire(before) }
    }

    /// The list did not get into an entry.
    func abandon(_ list: ReplicationList) { lists.retire(list) }

    /// The label leads nowhere any more.
    func release(_ binding: LabelBinding) {
        if let list = inUse.removeValue(forKey: binding) { lists.retire(list) }
    }

    /// The label is taken back.
    func forget(_ binding: LabelBinding) {
        release(binding)
        targets[binding] = nil
    }
}
