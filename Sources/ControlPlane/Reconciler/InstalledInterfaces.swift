import Addressing
import CTableLayout
import ForwardingTables

extension InstalledTables {
    /// Writes the records of these interfaces that differ from the plan and returns those they replace, which are still
    /// reachable.
    func replaceRecords(of names: Set<String>) -> [InstalledRecord] {
        var superseded: [InstalledRecord] = []
        for name in names {
            if let interface = plan.interfaces[name], isInstallable(interface) {
                if let old = replaceRecord(of: interface, name: name) { superseded.append(old) }
            } else if let record = records.removeValue(forKey: name) {
                superseded.append(record)
            }
        }
        return superseded
    }

    /// Whether an interface may be in the tables: never without the services that are configured.
    private func isInstallable(_ interface: InterfacePlan) -> Bool {
        interface.isInstallable && installedServices(of: interface) != nil
    }

    /// Writes an interface's record if it differs from what is there; returns the one it replaces.
    func replaceRecord(of interface: InterfacePlan, name: String) -> InstalledRecord? {
        let old = records[name]
        comparisons += 1
        var record = interface.record(
            vrf: interface.vrf.flatMap { plan.vrfs[$0] }, nni: interface.nniName.flatMap { plan.interfaces[$0] })
        if let table = labelTables[name] {
            record.label_base = table.base
            record.label_count = table.count
            record.label_first = table.first
        }
        guard let services = installedServices(of: interface) else { return nil }
        record.services = services.index
        record.features = services.ingress
        let local = interface.localServices.map(\.record)
        record.local_count = UInt16(clamping: local.count)
        // Without a look at the services themselves: they differ only where the plan's do, and then so does `octets`.
        let wanted = octets(of: record) + local.flatMap { octets(of: $0) }
        if let old, old.octets == wanted { return nil }
        let installed = attempt("interface \(name)") { () throws(TablesError) -> InstalledRecord in
            if !local.isEmpty { record.local_first = try writer.addLocalServices(local) }
            return InstalledRecord(
                name: name, index: try writer.addInterface(record), octets: wanted, localFirst: record.local_first,
                localCount: record.local_count, services: services.index, ingressFeatures: services.ingress,
                egressFeatures: services.egress)
        }
        guard let installed else { return nil }
        records[name] = installed
        return old
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
            let done: Void? = attempt("VLAN of port \(position.port)") { () throws(TablesError) in
                try writer.setInterface(index, at: position.tablePosition)
            }
            if done != nil { positions[position] = index }
        }
        for position in former where wanted[position] == nil && positions[position] != nil {
            let done: Void? = attempt("VLAN of port \(position.port)") { () throws(TablesError) in
                try writer.setInterface(0, at: position.tablePosition)
            }
            if done != nil { positions[position] = nil }
        }
    }

    /// Gives a record back that nothing reaches; one that a label still leads to waits for the label.
    func retire(_ record: InstalledRecord) {
        guard !labels.leadTo(record) else { return }
        writer.retireInterface(record.index)
        if record.localCount > 0 {
            writer.retireLocalServices(first: record.localFirst, count: Int(record.localCount))
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
