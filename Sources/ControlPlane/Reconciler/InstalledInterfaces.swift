import Addressing
import CTableLayout
import ForwardingTables

extension InstalledTables {
    /// Writes the records of these interfaces that differ from the plan and returns those they replace, which are still
    /// reachable.
    func replaceRecords(of names: Set<String>) -> [InstalledRecord] {
        var superseded: [InstalledRecord] = []
        for name in names {
            guard let interface = plan.interfaces[name], isInstallable(interface) else {
                if let record = records.removeValue(forKey: name) { superseded.append(record) }
                continue
            }
            switch replaceRecord(of: interface, name: name) {
            case .unchanged: break
            case .replaced(let old): if let old { superseded.append(old) }
            case .noRoom:
                // Nothing may go on by what was configured before, which can be another customer's VRF.
                if let old = records.removeValue(forKey: name) { superseded.append(old) }
            }
        }
        return superseded
    }

    /// Whether an interface may be in the tables: never without the services that are configured.
    private func isInstallable(_ interface: InterfacePlan) -> Bool {
        interface.isInstallable && installedServices(of: interface) != nil
    }

    enum Replacement {
        case unchanged
        /// By a new record; the old one is still reachable.
        case replaced(InstalledRecord?)
        case noRoom
    }

    /// Writes an interface's record if it differs from what is there.
    func replaceRecord(of interface: InterfacePlan, name: String) -> Replacement {
        let old = records[name]
        comparisons += 1
        var record = interface.record(
            vrf: interface.vrf.flatMap { plan.vrfs[$0] }, nni: interface.nniName.flatMap { plan.interfaces[$0] })
        if let table = labelTables[name] {
            record.label_base = table.base
            record.label_count = table.count
            record.label_first = table.first
        }
        guard let services = installedServices(of: interface) else { return .unchanged }
        record.services = services.index
        record.features = services.ingress
        record.egress_features = services.egress
        let local = interface.localServices.map(\.record)
        record.local_count = UInt16(clamping: local.count)
        // Without a look at the services themselves: they differ only where the plan's do, and then so does `octets`.
        let wanted = octets(of: record) + local.flatMap { octets(of: $0) }
        if let old, old.octets == wanted { return .unchanged }
        let installed = attempt(.interfaces, "interface \(name)") { () throws(TablesError) -> InstalledRecord in
            if !local.isEmpty { record.local_first = UInt16(try writer.localServices.add(local)) }
            do throws(TablesError) {
                return InstalledRecord(
                    name: name, index: try writer.interfaces.add(record), octets: wanted,
                    localFirst: record.local_first,
                    localCount: record.local_count, services: services.index, ingressFeatures: services.ingress)
            } catch {
                if !local.isEmpty { writer.localServices.retire(first: UInt32(record.local_first), count: local.count) }
                throw error
            }
        }
        guard let installed else { return .noRoom }
        records[name] = installed
        return .replaced(old)
    }

    /// Makes those of the interfaces that are circuits or NNIs reachable by their tags, and no longer by those that they
    /// had.
    ///
    /// - Parameter old: the plan by which they are reachable now; `nil`: all others are unreachable.
    func setPositions(of names: Set<String>, old: ForwardingPlan?) {
        var wanted: [InterfacePosition: UInt32] = [:]
        var former = old == nil ? Set(positions.keys) : []
        for name in names {
            if let before = old?.interfaces[name], !before.isUnit { former.insert(InterfacePosition(before)) }
            guard let record = records[name], let interface = plan.interfaces[name], !interface.isUnit else { continue }
            wanted[InterfacePosition(interface)] = record.index
        }
        for (position, index) in wanted where positions[position] != index {
            let done: Void? = attempt(.vlans, "VLAN of port \(position.port)") { () throws(TablesError) in
                try writer.vlans.setInterface(index, at: position.tablePosition)
            }
            if done != nil { positions[position] = index }
        }
        for position in former where wanted[position] == nil && positions[position] != nil {
            let done: Void? = attempt(.vlans, "VLAN of port \(position.port)") { () throws(TablesError) in
                try writer.vlans.setInterface(0, at: position.tablePosition)
            }
            if done != nil { positions[position] = nil }
        }
    }

    /// Gives a record back that nothing reaches; one that a label still leads to waits for the label.
    func retire(_ record: InstalledRecord) {
        guard !labels.leadTo(record) else { return }
        writer.interfaces.retire(record.index)
        if record.localCount > 0 {
            writer.localServices.retire(first: UInt32(record.localFirst), count: Int(record.localCount))
        }
        if record.services != 0 { services.isSweepDue = true }
    }
}

extension InterfacePlan {
    /// A unit's NNI.
    var nniName: String? {
        if case .unit(let nni, _) = kind { nni } else { nil }
    }

    /// A unit's NNI and VRF.
    var unitKey: ForwardingPlan.UnitKey? {
        guard let nni = nniName, let vrf else { return nil }
        return ForwardingPlan.UnitKey(nni: nni, vrf: vrf)
    }
}
