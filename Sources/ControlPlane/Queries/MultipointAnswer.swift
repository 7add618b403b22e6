import Addressing
import CTableLayout
import ControlProtocol
import ForwardingTables
import Routing

extension ShowMultipoint: PromptlyAnswered {
    /// What is configured, what routing has said of tunnels that end here, and what the tables have of both.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> MultipointResult {
        let rows = MultipointRows(tables: plane.tables, plan: plane.plan, transports: plane.transports)
        return MultipointResult(
            labels: plane.plan.multipointLabels.sorted { $0.key < $1.key }.map { rows.row($0.key, $0.value) }
                + plane.tables.copies.all.sorted { ($0.label, $0.owner) < ($1.label, $1.owner) }.compactMap(rows.row))
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
            label: label, place: ForwardingPlan.coreName, source: multipoint.source,
            innerLabels: Int(multipoint.innerLabels),
            isValid: nextHops != nil, branches: branches(multipoint.members, nextHops))
    }

    /// `nil`: the label's packets are not copied.
    func row(_ binding: LabelBinding) -> MultipointLabelStatus? {
        guard let targets = tables.copies.targets(of: binding), case .segment(let tunnel) = binding.owner.subject else {
            return nil
        }
        let nextHops = tables.copies.nextHops(of: binding)
        return MultipointLabelStatus(
            label: binding.label, place: binding.nni, source: binding.neighbor.address,
            tunnel: "\(tunnel.routeDistinguisher) \(tunnel)", innerLabels: 0,
            isValid: tables.labels[binding] != nil && nextHops != nil, branches: branches(targets, nextHops))
    }

    private func branches(_ members: [SwapTarget], _ nextHops: [UInt32]?) -> [MultipointBranchStatus] {
        members.enumerated().compactMap { position, member in
            member.labels.first.map { branch(member, $0, nextHops?[position]) }
        }
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
