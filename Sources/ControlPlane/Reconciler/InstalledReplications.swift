import Addressing
import ForwardingTables
import Routing

/// The labels of the core whose packets go to several, in the tables: each with a list of the next hops that its members have.
///
/// A list is never changed. Another one takes its place by one store of the label's entry, so that each packet goes to all
/// members of one of them; what becomes of a member is its next hop's and its link's matter.
final class InstalledReplications {
    private struct Installed {
        let plan: MultipointPlan
        let list: UInt32
        /// In the order of the members.
        let nextHops: [UInt32]
    }

    private let context: TablesContext
    private let nextHops: InstalledNextHops
    private let labels: InstalledLabels
    private var installed: [MPLSLabel: Installed] = [:]

    init(_ context: TablesContext, nextHops: InstalledNextHops, labels: InstalledLabels) {
        self.context = context
        self.nextHops = nextHops
        self.labels = labels
    }

    /// The numbers of the members' next hops; `nil`: the label is not in the tables.
    func nextHops(of label: MPLSLabel) -> [UInt32]? { installed[label]?.nextHops }

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
        guard labels.mayBeFixed(label, at: core), let new = made(plan) else {
            giveUp(label)
            return
        }
        let entry = ReplicateEntry(list: new.list, depth: plan.innerLabels).entry
        guard labels.setFixed(label, at: core, to: entry) else {
            release(new)
            giveUp(label)
            return
        }
        release(installed.updateValue(new, forKey: label))
    }

    private func made(_ plan: MultipointPlan) -> Installed? {
        var numbers: [UInt32] = []
        for member in plan.members {
            guard let number = nextHops.acquire(.swap(member)) else { break }
            numbers.append(number)
        }
        var list: UInt32?
        if numbers.count == plan.members.count {
            list = context.attempt("replication list") { () throws(TablesError) in
                // The operator has named each by hand: one of the own network may be where the packet came from.
                try context.writer.replications.add(
                    zip(plan.members, numbers).map { (nextHop: $1, mayBeOnSameSide: !$0.leadsToNNI) })
            }
        }
        guard let list else {
            for number in numbers { nextHops.release(number) }
            return nil
        }
        return Installed(plan: plan, list: list, nextHops: numbers)
    }

    /// Until it is tried again.
    private func giveUp(_ label: MPLSLabel) {
        context.noteUnwritten(.multipointLabels)
        guard let old = installed.removeValue(forKey: label) else { return }
        _ = labels.setFixed(label, at: ForwardingPlan.coreName, to: nil)
        release(old)
    }

    private func release(_ old: Installed?) {
        guard let old else { return }
        context.writer.replications.retire(old.list)
        for number in old.nextHops { nextHops.release(number) }
    }
}
