import Addressing
import CTableLayout
import ControlProtocol
import ForwardingTables
import Routing

extension ShowMultipoint: PromptlyAnswered {
    /// What is configured, and what the tables have of it.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> MultipointResult {
        let rows = MultipointRows(tables: plane.tables, plan: plane.plan, transports: plane.transports)
        return MultipointResult(
            labels: plane.plan.multipointLabels.sorted { $0.key < $1.key }.map { rows.row($0.key, $0.value) })
    }
}

/// The labels as rows.
private struct MultipointRows {
    let tables: InstalledTables
    let plan: ForwardingPlan
    let transports: CoreTransports

    func row(_ label: MPLSLabel, _ multipoint: MultipointPlan) -> MultipointLabelStatus {
        let nextHops = tables.replications.nextHops(of: label)
        return MultipointLabelStatus(
            label: label, source: multipoint.source, innerLabels: Int(multipoint.innerLabels),
            isValid: nextHops != nil,
            branches: multipoint.members.enumerated().compactMap { position, member in
                member.labels.first.map { branch(member, $0, nextHops?[position]) }
            })
    }

    private func branch(_ member: SwapTarget, _ label: MPLSLabel, _ nextHop: UInt32?) -> MultipointBranchStatus {
        var interface: String?
        var above: [MPLSLabel] = []
        var obstacle: String?
        switch member.way {
        case .neighbor(let neighbor): interface = neighbor.nni
        case .provider(let provider):
            switch transports.find(provider) {
            case .success(let transport):
                interface = plan.interface(numbered: transport.router.interface)?.name
                above = transport.labels
            case .failure(let reason): obstacle = reason.description
            }
        }
        if obstacle == nil, !leads(nextHop) { obstacle = "the router does not answer" }
        return MultipointBranchStatus(
            address: member.address, label: label, interface: interface, transportLabels: above, obstacle: obstacle)
    }

    private func leads(_ number: UInt32?) -> Bool {
        guard let number else { return false }
        let reader = tables.writer.reader
        let nextHop = reader.nextHop(number)
        return nextHop.isSwap && reader.adjacency(of: nextHop) >= STILE_ADJACENCY_FIRST.rawValue
    }
}
