import Addressing
import ForwardingTables
import Routing

/// The labels of the configuration whose packets go to several, in the tables: each with a list of the next hops that its members have.
final class InstalledReplications {
    private struct Installed {
        let plan: MultipointPlan
        let list: ReplicationList
    }

    private let context: TablesContext
    private let lists: ReplicationLists
    private let labels: InstalledLabels
    private var installed: [MPLSLabel: Installed] = [:]

    init(_ context: TablesContext, lists: ReplicationLists, labels: InstalledLabels) {
        self.context = context
        self.lists = lists
        self.labels = labels
    }

    /// The numbers of the members' next hops; `nil`: the label is not in the tables.
    func nextHops(of label: MPLSLabel) -> [UInt32]? { installed[label]?.list.nextHops }

    /// Brings the labels to the plan.
    func apply() {
        let wanted = context.plan.multipointLabels
        for label in installed.keys.sorted() where wanted[label] == nil {
            _ = labels.setFixed(label, at: ForwardingPlan.coreName, to: nil)
            release(installed.removeValue(forKey: label))
        }
        for (label, plan) in wanted.sorted(by: { $0.key < $1.key }) where installed[label]?.plan != plan {
            install(label, plan)
        }
    }

    /// Without room for the new list the label leads nowhere: never to who is no member any more.
    private func install(_ label: MPLSLabel, _ plan: MultipointPlan) {
        let core = ForwardingPlan.coreName
        guard labels.isOpen(core) else { return }
        context.noteComparison()
        // The operator has named each by hand: one of the own network may be where the packet came from.
        guard labels.mayBeFixed(label, at: core),
            let list = lists.make(plan.members, mayBeOnSameSide: { !$0.leadsToNNI })
        else {
            giveUp(label)
            return
        }
        let new = Installed(plan: plan, list: list)
        let entry = ReplicateEntry(list: list.number, depth: plan.innerLabels).entry
        guard labels.setFixed(label, at: core, to: entry) else {
            release(new)
            giveUp(label)
            return
        }
        release(installed.updateValue(new, forKey: label))
    }

    /// Until it is tried again.
    private func giveUp(_ label: MPLSLabel) {
        context.noteUnwritten(.multipointLabels)
        guard let old = installed.removeValue(forKey: label) else { return }
        _ = labels.setFixed(label, at: ForwardingPlan.coreName, to: nil)
        release(old)
    }

    private func release(_ old: Installed?) {
        if let old { lists.retire(old.list) }
    }
}
