import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// The labels of one NNI in the tables: those from `base` on, as many as there are entries.
struct InstalledLabelTable: Hashable {
    let base: UInt32
    let count: UInt32
    /// The index of the entry of `base`.
    let first: UInt32

    func index(of label: MPLSLabel) -> UInt32? {
        guard label.rawValue >= base, label.rawValue - base < count else { return nil }
        return first + (label.rawValue - base)
    }
}

/// A label that is valid on an NNI.
struct InstalledLabel {
    let record: InstalledRecord
    let entry: stile_label_entry
    /// The neighbor that alone may send by it, and its source set; `nil` and 0: everyone may.
    let sender: NeighborKey?
    let sources: UInt32
}

/// The labels that are valid, found by what they depend on as well.
struct InstalledLabels {
    private(set) var all: [LabelBinding: InstalledLabel] = [:]
    private var ofUnits: [ForwardingPlan.UnitKey: Set<LabelBinding>] = [:]
    private var countsOfNNIs: [String: Int] = [:]
    /// How many labels lead to each record.
    private var countsOfRecords: [UInt32: Int] = [:]

    subscript(_ binding: LabelBinding) -> InstalledLabel? {
        get { all[binding] }
        set {
            if let old = all[binding] { count(-1, binding, old.record) }
            all[binding] = newValue
            if let newValue { count(1, binding, newValue.record) }
            let key = ForwardingPlan.UnitKey(nni: binding.nni, vrf: binding.vrf)
            if newValue != nil {
                ofUnits[key, default: []].insert(binding)
            } else if ofUnits[key]?.remove(binding) != nil, ofUnits[key]?.isEmpty == true {
                ofUnits[key] = nil
            }
        }
    }

    private mutating func count(_ change: Int, _ binding: LabelBinding, _ record: InstalledRecord) {
        Self.add(change, to: &countsOfNNIs[binding.nni])
        Self.add(change, to: &countsOfRecords[record.index])
    }

    private static func add(_ change: Int, to count: inout Int?) {
        let new = (count ?? 0) + change
        count = new == 0 ? nil : new
    }

    func of(_ unit: ForwardingPlan.UnitKey) -> Set<LabelBinding> { ofUnits[unit] ?? [] }

    func leadTo(_ record: InstalledRecord) -> Bool { countsOfRecords[record.index] != nil }

    func isAny(onNNI nni: String) -> Bool { countsOfNNIs[nni] != nil }
}

extension InstalledTables {
    /// Entries are given out in blocks of so many labels at least.
    private static var smallestLabelTable: UInt32 { 1024 }

    /// Makes a label valid on its NNI; `false` if the plan has no unit for it there, or the tables are full.
    func install(_ binding: LabelBinding) -> Bool {
        guard let (unit, vrf) = unit(of: binding), let record = records[unit.name],
            let table = labelTable(of: binding.nni, for: binding.label),
            let index = table.index(of: binding.label)
        else { return false }
        let sender = sender(of: binding, unit)
        guard let sources = takeSources(of: sender, unit) else { return false }
        let entry = Self.entry(unit: unit, vrf: vrf, record: record, isBySource: sender != nil)
        guard setEntry(index, to: entry, sources: sources) else {
            if let sender { releaseSources(of: sender) }
            return false
        }
        if let before = labels[binding]?.sender { releaseSources(of: before) }
        labels[binding] = InstalledLabel(record: record, entry: entry, sender: sender, sources: sources)
        return true
    }

    /// Makes a label invalid on its NNI.
    func remove(_ binding: LabelBinding) {
        guard let installed = labels[binding] else { return }
        labels[binding] = nil
        if let index = labelTables[binding.nni]?.index(of: binding.label) {
            _ = setEntry(index, to: stile_label_entry())
        }
        if let sender = installed.sender { releaseSources(of: sender) }
        if records[installed.record.name]?.index != installed.record.index { retire(installed.record) }
        releaseLabelTable(of: binding.nni)
    }

    /// After records have changed: the labels of these units lead to the new ones. A label whose unit is gone stays with
    /// the old record until it is removed. Returns the records that labels led to before.
    func repointLabels(of names: Set<String>, old: ForwardingPlan) -> [InstalledRecord] {
        var units: Set<ForwardingPlan.UnitKey> = []
        for name in names {
            units.formUnion([old.interfaces[name], plan.interfaces[name]].compactMap(\.?.unitKey))
        }
        var superseded: [InstalledRecord] = []
        for binding in units.flatMap(labels.of) {
            guard let installed = labels[binding] else { continue }
            comparisons += 1
            guard let (unit, vrf) = unit(of: binding), let record = records[unit.name],
                let index = labelTables[binding.nni]?.index(of: binding.label)
            else { continue }
            let sender = sender(of: binding, unit)
            let entry = Self.entry(unit: unit, vrf: vrf, record: record, isBySource: sender != nil)
            if let sender { configureSources(of: sender, unit.senders?[sender.address] ?? []) }
            guard octets(of: entry) != octets(of: installed.entry) || sender != installed.sender else { continue }
            guard let sources = takeSources(of: sender, unit) else {
                // Who may send by it cannot be said any more, so nobody may.
                _ = setEntry(index, to: stile_label_entry())
                continue
            }
            guard setEntry(index, to: entry, sources: sources) else {
                if let sender { releaseSources(of: sender) }
                continue
            }
            if let before = installed.sender { releaseSources(of: before) }
            labels[binding] = InstalledLabel(record: record, entry: entry, sender: sender, sources: sources)
            if record.index != installed.record.index { superseded.append(installed.record) }
        }
        return superseded
    }

    /// Where the packets of a label go in. A label of a VRF that another has replaced under its name leads to nothing of
    /// the new one.
    private func unit(of binding: LabelBinding) -> (unit: InterfacePlan, vrf: VRFPlan)? {
        guard let vrf = plan.vrfs[binding.vrf], vrf.identity == binding.owner.vrf,
            let unit = plan.unit(nni: binding.nni, vrf: binding.vrf)
        else { return nil }
        return (unit, vrf)
    }

    /// The neighbor that alone may send by the label; `nil`: everyone may.
    private func sender(of binding: LabelBinding, _ unit: InterfacePlan) -> NeighborKey? {
        guard unit.senders != nil, let nni = plan.interfaces[binding.nni] else { return nil }
        return NeighborKey(interface: nni.number, address: binding.neighbor)
    }

    /// The sender's source set for one more label; 0 where there is no sender, `nil` if the tables are full.
    private func takeSources(of sender: NeighborKey?, _ unit: InterfacePlan) -> UInt32? {
        guard let sender else { return 0 }
        return takeSources(of: sender, configured: unit.senders?[sender.address] ?? [])
    }

    private func setEntry(_ index: UInt32, to entry: stile_label_entry, sources: UInt32 = 0) -> Bool {
        attempt("label entry \(index)") { () throws(TablesError) in
            try writer.labels.setEntry(index, to: entry, sources: sources)
        } != nil
    }

    private static func entry(
        unit: InterfacePlan, vrf: VRFPlan, record: InstalledRecord, isBySource: Bool
    ) -> stile_label_entry {
        let validity = isBySource ? STILE_FLAG_BY_SOURCE : STILE_FLAG_VALID
        var entry = stile_label_entry()
        entry.interface = UInt16(truncatingIfNeeded: record.index)
        entry.counter = unit.number.rawValue
        entry.vrf = vrf.number.rawValue
        entry.flags = UInt8(truncatingIfNeeded: vrf.flags | validity.rawValue)
        entry.features = record.ingressFeatures
        return entry
    }

    /// The NNI's table, made or made larger if the label does not fit; `nil` if the tables are full or the NNI is not
    /// in them.
    private func labelTable(of nni: String, for label: MPLSLabel) -> InstalledLabelTable? {
        guard let interface = plan.interfaces[nni], records[nni] != nil else { return nil }
        let old = labelTables[nni]
        if let old, old.index(of: label) != nil { return old }
        let block = Self.smallestLabelTable
        let low = min(old?.base ?? .max, label.rawValue / block * block)
        let end = max(old.map { $0.base + $0.count } ?? 0, (label.rawValue / block + 1) * block)
        // Twice as many at each growth, so that labels that rise one by one do not copy the table each time.
        let count = max(end - low, min((old?.count ?? 0) * 2, (1 << 20) - low))
        let first = attempt("labels of \(nni)") { () throws(TablesError) in
            try writer.labels.addTable(count: Int(count))
        }
        guard let first else { return nil }
        let table = InstalledLabelTable(base: low, count: count, first: first)
        for (binding, installed) in labels.all where binding.nni == nni {
            if let index = table.index(of: binding.label) {
                _ = setEntry(index, to: installed.entry, sources: installed.sources)
            }
        }
        labelTables[nni] = table
        guard switchLabelTable(of: interface) else {
            // The NNI still reads the old table.
            labelTables[nni] = old
            writer.labels.retireTable(first: table.first, count: Int(table.count))
            return nil
        }
        if let old { writer.labels.retireTable(first: old.first, count: Int(old.count)) }
        return table
    }

    /// The table of an NNI without labels is given back.
    private func releaseLabelTable(of nni: String) {
        guard let table = labelTables[nni], !labels.isAny(onNNI: nni) else { return }
        labelTables[nni] = nil
        if let interface = plan.interfaces[nni], interface.isInstallable, !switchLabelTable(of: interface) {
            labelTables[nni] = table
            return
        }
        writer.labels.retireTable(first: table.first, count: Int(table.count))
    }

    /// Brings the NNI's record to its label table; `false`: there was no room for another record.
    private func switchLabelTable(of interface: InterfacePlan) -> Bool {
        switch replaceRecord(of: interface, name: interface.name) {
        case .noRoom: return false
        case .unchanged, .replaced(nil): return true
        case .replaced(let superseded?):
            setPositions(of: [interface.name], old: plan)
            retire(superseded)
            return true
        }
    }
}
