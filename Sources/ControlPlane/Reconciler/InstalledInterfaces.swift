import Addressing
import CTableLayout
import ForwardingTables

/// An interface record in the tables.
struct InstalledRecord {
    /// Of the interface.
    let name: String
    let index: UInt32
    /// The record itself, for comparison.
    let octets: [UInt8]
    let localFirst: UInt16
    let localCount: UInt16
    /// The services record, and what of it is to be looked at of what comes in.
    let services: UInt32
    let ingressFeatures: UInt8
}

/// The interfaces in the tables: their records, and where frames of them are found.
///
/// A record is never changed: one that is to be otherwise gets a new one, which everything is brought to before the old
/// one is retired.
final class InstalledInterfaces {
    private let context: TablesContext
    private let services: InstalledServiceRecords
    private(set) var records: [String: InstalledRecord] = [:]
    private(set) var positions: [InterfacePosition: UInt32] = [:]
    /// The records by which swapped packets leave, by NNI and for the core: units of no VRF.
    private(set) var swapRecords: [String: InstalledRecord] = [:]
    /// The places that swaps have been asked for: their records are made again when there can be some.
    private var swapPlaces: Set<String> = []
    /// The label tables that the records of the NNIs and of the core name, by NNI and for the core.
    private(set) var labelTables: [String: InstalledLabelTable] = [:]
    /// How many labels lead to each record.
    private var labelCounts: [UInt32: Int] = [:]

    init(_ context: TablesContext, services: InstalledServiceRecords) {
        self.context = context
        self.services = services
    }

    // MARK: Records

    /// Writes the records of these interfaces that differ from the plan and returns those they replace, which are still
    /// reachable.
    func replaceRecords(of names: Set<String>) -> [InstalledRecord] {
        var superseded: [InstalledRecord] = []
        for name in names {
            if swapPlaces.contains(name), let old = replaceSwapRecord(at: name) { superseded.append(old) }
            guard let interface = context.plan.interfaces[name], isInstallable(interface) else {
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
        interface.isInstallable && services.place(of: interface) != nil
    }

    private enum Replacement {
        case unchanged
        /// By a new record; the old one is still reachable.
        case replaced(InstalledRecord?)
        case noRoom
    }

    /// Writes an interface's record if it differs from what is there.
    private func replaceRecord(of interface: InterfacePlan, name: String) -> Replacement {
        let (plan, writer) = (context.plan, context.writer)
        let old = records[name]
        context.noteComparison()
        var record = interface.record(
            vrf: interface.vrf.flatMap { plan.vrfs[$0] }, nni: interface.nniName.flatMap { plan.interfaces[$0] })
        if let table = labelTables[interface.labelPlace] {
            record.label_base = table.base
            record.label_count = table.count
            record.label_first = table.first
        }
        guard let services = services.place(of: interface) else { return .unchanged }
        record.services = services.index
        record.features = services.ingress
        record.egress_features = services.egress
        if interface.leadsToOperator {
            record.features |= UInt8(STILE_INGRESS_FROM_OPERATOR.rawValue)
            record.egress_features |= UInt8(STILE_EGRESS_TO_OPERATOR.rawValue)
        }
        let local = interface.localServices.map(\.record)
        record.local_count = UInt16(clamping: local.count)
        // Without a look at the services themselves: they differ only where the plan's do, and then so does `octets`.
        let wanted = octets(of: record) + local.flatMap { octets(of: $0) }
        if let old, old.octets == wanted { return .unchanged }
        let installed = context.attempt(.interfaces, "interface \(name)") { () throws(TablesError) -> InstalledRecord in
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

    /// Sees to it that packets whose labels are swapped can leave an NNI, or into the core.
    func makeSwapRecord(at place: String) {
        swapPlaces.insert(place)
        if swapRecords[place] == nil { _ = replaceSwapRecord(at: place) }
    }

    /// Brings the record to the plan; the result is the one that it replaces. Without an NNI, or room, there is none.
    private func replaceSwapRecord(at place: String) -> InstalledRecord? {
        context.noteComparison()
        let old = swapRecords[place]
        guard let record = context.plan.swapRecord(at: place) else {
            swapRecords[place] = nil
            return old
        }
        let wanted = octets(of: record)
        guard old?.octets != wanted else { return nil }
        let index = context.attempt(.interfaces, "swaps on \(place)") { () throws(TablesError) in
            try context.writer.interfaces.add(record)
        }
        swapRecords[place] = index.map {
            InstalledRecord(
                name: "swaps on \(place)", index: $0, octets: wanted, localFirst: 0, localCount: 0, services: 0,
                ingressFeatures: 0)
        }
        return old
    }

    /// Gives a record back that nothing reaches; one that a label still leads to waits for the label.
    func retire(_ record: InstalledRecord) {
        guard labelCounts[record.index] == nil else { return }
        context.writer.interfaces.retire(record.index)
        if record.localCount > 0 {
            context.writer.localServices.retire(first: UInt32(record.localFirst), count: Int(record.localCount))
        }
        if record.services != 0 { services.noteDisuse() }
    }

    // MARK: Positions

    /// Makes those of the interfaces that are circuits or NNIs reachable by their tags, and no longer by those that they
    /// had.
    ///
    /// - Parameter old: the plan by which they are reachable now; `nil`: all others are unreachable.
    func setPositions(of names: Set<String>, old: ForwardingPlan?) {
        var wanted: [InterfacePosition: UInt32] = [:]
        var former = old == nil ? Set(positions.keys) : []
        for name in names {
            if let before = old?.interfaces[name], !before.isUnit { former.insert(InterfacePosition(before)) }
            guard let record = records[name], let interface = context.plan.interfaces[name], !interface.isUnit else {
                continue
            }
            wanted[InterfacePosition(interface)] = record.index
        }
        for (position, index) in wanted where positions[position] != index {
            let done: Void? = context.attempt(.vlans, "VLAN of port \(position.port)") { () throws(TablesError) in
                try context.writer.vlans.setInterface(index, at: position.tablePosition)
            }
            if done != nil { positions[position] = index }
        }
        for position in former where wanted[position] == nil && positions[position] != nil {
            let done: Void? = context.attempt(.vlans, "VLAN of port \(position.port)") { () throws(TablesError) in
                try context.writer.vlans.setInterface(0, at: position.tablePosition)
            }
            if done != nil { positions[position] = nil }
        }
    }

    // MARK: Labels

    /// One label more leads to a record.
    func retain(_ record: InstalledRecord) { labelCounts[record.index, default: 0] += 1 }

    /// One label less leads to a record, which is not given back by that.
    func release(_ record: InstalledRecord) {
        guard let count = labelCounts[record.index] else { return }
        labelCounts[record.index] = count > 1 ? count - 1 : nil
    }

    /// Whether an interface in the tables can name the label table of a place: an NNI, or one of the core's.
    func hasReader(ofTable place: String) -> Bool { readers(ofTable: place).contains { records[$0.name] != nil } }

    /// Lets the records of an NNI or circuit, or of all of the core, name another label table, or none.
    ///
    /// - Returns: the records that are superseded, which are to be retired when no next hop leads to them any more; `nil`: there was
    ///   no room for other records, and they still read the table that they had.
    func setLabelTable(_ table: InstalledLabelTable?, of place: String) -> [InstalledRecord]? {
        let old = labelTables[place]
        labelTables[place] = table
        var superseded: [InstalledRecord] = []
        var isDone = true
        for interface in readers(ofTable: place) where interface.isInstallable && isDone {
            isDone = bring(interface, &superseded)
        }
        guard !isDone else { return superseded }
        labelTables[place] = old
        for interface in readers(ofTable: place) where interface.isInstallable { _ = bring(interface, &superseded) }
        // Of a circuit, which next hops lead to, there is one record: without room for another nothing is superseded.
        for record in superseded { retire(record) }
        return nil
    }

    private func readers(ofTable place: String) -> [InterfacePlan] {
        let plan = context.plan
        let names = place == ForwardingPlan.coreName ? plan.coreInterfaces : [place]
        return names.compactMap { plan.interfaces[$0] }
    }

    /// Brings one record to what it should be; `false`: there was no room for another.
    private func bring(_ interface: InterfacePlan, _ superseded: inout [InstalledRecord]) -> Bool {
        switch replaceRecord(of: interface, name: interface.name) {
        case .noRoom: return false
        case .unchanged, .replaced(nil): return true
        case .replaced(let old?):
            setPositions(of: [interface.name], old: context.plan)
            superseded.append(old)
            return true
        }
    }
}

/// Where frames of an interface are found: a port and its tags.
struct InterfacePosition: Hashable {
    let port: UInt16
    let outer: UInt16?
    let inner: UInt16?

    init(_ interface: InterfacePlan) {
        port = interface.port
        switch interface.encapsulation {
        case .untagged: (outer, inner) = (nil, nil)
        case .dot1q(let identifier): (outer, inner) = (identifier, nil)
        case .qinq(let service, let customer): (outer, inner) = (service, customer)
        }
    }

    var tablePosition: VLANPosition { VLANPosition(port: port, outer: outer, inner: inner) }
}

extension InterfacePlan {
    /// A unit's NNI; of a core unit what stands for the core.
    var nniName: String? {
        switch kind {
        case .unit(let nni, _): nni
        case .coreUnit: ForwardingPlan.coreName
        case .attachmentCircuit, .nni, .core: nil
        }
    }

    /// Whose label table its record names.
    var labelPlace: String { kind == .core ? ForwardingPlan.coreName : name }

    /// A unit's NNI, or the core, and VRF.
    var unitKey: ForwardingPlan.UnitKey? {
        guard let nni = nniName, let vrf else { return nil }
        return ForwardingPlan.UnitKey(nni: nni, vrf: vrf)
    }
}
