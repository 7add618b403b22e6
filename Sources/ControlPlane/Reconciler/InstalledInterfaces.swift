import Addressing
import CTableLayout
import ForwardingTables

extension InstalledTables {
    /// Writes the records that differ from the plan and returns those they replace, which are still reachable.
    func replaceRecords() -> [InstalledRecord] {
        var superseded: [InstalledRecord] = []
        for (name, interface) in plan.interfaces where isInstallable(interface) {
            if let old = replaceRecord(of: interface, name: name) { superseded.append(old) }
        }
        for (name, record) in records where plan.interfaces[name].map(isInstallable) != true {
            records[name] = nil
            superseded.append(record)
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
                index: try writer.addInterface(record), octets: wanted, localFirst: record.local_first,
                localCount: record.local_count, services: services.index, ingressFeatures: services.ingress,
                egressFeatures: services.egress)
        }
        guard let installed else { return nil }
        records[name] = installed
        return old
    }

    /// Makes every attachment circuit and NNI reachable by its tags, and nothing else.
    func setPositions() {
        var wanted: [InterfacePosition: UInt32] = [:]
        for (name, record) in records {
            guard let interface = plan.interfaces[name], !interface.isUnit else { continue }
            wanted[InterfacePosition(interface)] = record.index
        }
        for (position, index) in wanted where positions[position] != index {
            let done: Void? = attempt("VLAN of port \(position.port)") { () throws(TablesError) in
                try writer.setInterface(index, at: position.tablePosition)
            }
            if done != nil { positions[position] = index }
        }
        for position in positions.keys where wanted[position] == nil {
            let done: Void? = attempt("VLAN of port \(position.port)") { () throws(TablesError) in
                try writer.setInterface(0, at: position.tablePosition)
            }
            if done != nil { positions[position] = nil }
        }
    }

    /// Gives a record back that nothing reaches; one that a label still leads to waits for the label.
    func retire(_ record: InstalledRecord) {
        guard !labels.values.contains(where: { $0.record.index == record.index }) else { return }
        writer.retireInterface(record.index)
        if record.localCount > 0 {
            writer.retireLocalServices(first: record.localFirst, count: Int(record.localCount))
        }
    }
}

extension InterfacePlan {
    /// A unit's NNI.
    var nniName: String? {
        if case .unit(let nni, _) = kind { nni } else { nil }
    }
}
