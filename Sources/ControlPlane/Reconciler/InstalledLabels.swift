import Addressing
import CTableLayout
import ForwardingTables
import Routing

/// A label that is valid on an NNI or in the core.
struct InstalledLabel {
    /// The unit's; `nil`: the label is swapped, or leads nowhere.
    let record: InstalledRecord?
    /// What is in the tables: who makes a larger table copies it.
    let entry: stile_label_entry
    /// Whose addresses alone may send by it, and the source set that has them; `nil` and 0: everyone may.
    let senders: InstalledSources.SetKey?
    let sources: UInt32
}

/// Where a label is valid.
private struct LabelPlace: Hashable {
    let nni: String
    let label: CommonLabel

    init(_ binding: LabelBinding) {
        nni = binding.nni
        label = CommonLabel(binding.label, context: binding.context)
    }
}

/// Whose addresses a label is valid from.
private struct LabelSenders {
    let key: InstalledSources.SetKey
    /// Those that are configured, by neighbor.
    let members: [NeighborKey: [MACAddress]]
}

/// The labels that are valid, in the label tables of their NNIs.
final class InstalledLabels {
    /// Entries are given out in blocks of so many labels at least: an NNI's are drawn from all over a large part of the range, a
    /// circuit's near each other (`CircuitLabels`), and there may be a thousand circuits.
    private static let (smallestTable, smallestOfCircuit): (UInt32, UInt32) = (1024, 32)

    private let context: TablesContext
    private let interfaces: InstalledInterfaces
    private let nextHops: InstalledNextHops
    private let sources: InstalledSources
    private let swaps: InstalledSwaps
    private let copies: InstalledCopies
    private let pops: InstalledPops
    private(set) var all: [LabelBinding: InstalledLabel] = [:]
    /// The neighbors' that have one common label on an NNI: it has one entry there.
    private var sharers: [LabelPlace: Set<LabelBinding>] = [:]
    /// Where a common label was valid from some addresses alone: it is for as long as it is valid.
    private var checked: Set<LabelPlace> = []
    /// The label spaces that have labels on an NNI.
    private(set) var spaces: [SpacePlace: InstalledSpace] = [:]
    private var ofUnits: [ForwardingPlan.UnitKey: Set<LabelBinding>] = [:]
    private var countsOfNNIs: [String: Int] = [:]
    /// Those that the configuration has, which no neighbor is told, by NNI and for the core.
    private var fixed: [String: [MPLSLabel: stile_label_entry]] = [:]

    init(
        _ context: TablesContext, interfaces: InstalledInterfaces, nextHops: InstalledNextHops,
        sources: InstalledSources, swaps: InstalledSwaps, copies: InstalledCopies,
        pops: InstalledPops
    ) {
        self.context = context
        self.interfaces = interfaces
        self.nextHops = nextHops
        self.sources = sources
        self.swaps = swaps
        self.copies = copies
        self.pops = pops
    }

    subscript(_ binding: LabelBinding) -> InstalledLabel? { all[binding] }

    /// The label that an entry of the tables is of, if it is valid.
    func label(ofEntry index: UInt32) -> (binding: LabelBinding, installed: InstalledLabel)? {
        all.first { self.index(of: $0.key) == index }.map { ($0.key, $0.value) }
    }

    /// The label space that an entry of the tables names.
    func space(ofEntry index: UInt32) -> SpacePlace? {
        spaces.keys.first { interfaces.labelTables[$0.nni]?.index(of: $0.context) == index }
    }

    /// The entry of a label.
    private func index(of binding: LabelBinding) -> UInt32? {
        table(of: binding.nni, under: binding.context)?.index(of: binding.label)
    }

    /// The table of an NNI, or of a label space there.
    private func table(of nni: String, under context: MPLSLabel?) -> InstalledLabelTable? {
        context.map { spaces[SpacePlace(nni: nni, context: $0)]?.table } ?? interfaces.labelTables[nni]
    }

    /// The label of the configuration that an entry of the tables is of.
    func fixedLabel(ofEntry index: UInt32) -> (place: String, label: MPLSLabel)? {
        for (place, labels) in fixed {
            guard let table = interfaces.labelTables[place] else { continue }
            for label in labels.keys where table.index(of: label) == index { return (place, label) }
        }
        return nil
    }

    /// The labels that are valid, by their entries, for who looks at all of them.
    var bindingsByEntry: [UInt32: LabelBinding] {
        var bindings: [UInt32: LabelBinding] = [:]
        bindings.reserveCapacity(all.count)
        for binding in all.keys {
            if let index = index(of: binding) { bindings[index] = binding }
        }
        return bindings
    }

    /// The addresses that a label, or the last of a stack, is valid from on the NNI; `nil` where it is valid from every one, or not
    /// at all.
    func sources(of label: MPLSLabel, under space: MPLSLabel? = nil, on nni: String) -> [MACAddress]? {
        let reader = context.writer.reader
        guard let index = table(of: nni, under: space)?.index(of: label),
            UInt32(reader.labelEntries[Int(index)].flags) & STILE_FLAG_BY_SOURCE.rawValue != 0
        else { return nil }
        let set = reader.sourceSets[Int(reader.labelSources[Int(index)])]
        return withUnsafeBytes(of: set.addresses) { octets in
            stride(from: 0, to: octets.count, by: 8).compactMap { MACAddress(octets: octets[$0..<$0 + 6]) }
        }.filter { $0.rawValue != 0 }.sorted { $0.rawValue < $1.rawValue }
    }

    /// Where a relay's label leads; `nil` for one of a VRF, and for one whose packets are copied to several.
    func target(of binding: LabelBinding) -> SwapTarget? { swaps.target(of: binding) }

    /// Where a VRF's label leads without a lookup; `nil` for one whose packets are looked up.
    func way(of binding: LabelBinding) -> VRFWay? { pops.way(of: binding) }

    // MARK: Changes

    /// Where a label that is swapped, a relay's or a customer carrier's, leads from now on: if it is valid, by one store; `false`:
    /// there is no room for that, and it leads nowhere until it is installed again.
    func setSwap(_ binding: LabelBinding, _ target: SwapTarget) -> Bool {
        swaps.setTarget(target, of: binding)
        pops.setWay(nil, of: binding)
        guard all[binding] != nil, !installSwap(binding) else { return true }
        leadNowhere(binding)
        return false
    }

    /// To whom copies of a label's packets go from now on; as ``setSwap(_:_:)``.
    func setCopies(_ binding: LabelBinding, _ targets: [SwapTarget]) -> Bool {
        copies.setTargets(targets, of: binding)
        guard all[binding] != nil, !installCopies(binding) else { return true }
        leadNowhere(binding)
        return false
    }

    /// Where a VRF's label leads from now on; `nil`: its packets are looked up. If it is valid, by one store; `false`: there is no
    /// room for that, and its packets are looked up until it is installed again.
    func setWay(_ binding: LabelBinding, _ way: VRFWay?) -> Bool {
        pops.setWay(way, of: binding)
        let wasSwap = swaps.target(of: binding) != nil
        swaps.setTarget(nil, of: binding)
        defer { if wasSwap { swaps.forget(binding) } }
        guard all[binding] != nil else { return true }
        // One that was swapped must not go on where that led; others stay until they are removed.
        guard unit(of: binding) != nil else {
            if wasSwap { leadNowhere(binding) }
            return true
        }
        guard !install(binding) else { return true }
        if !install(binding, isLookedUp: true) { leadNowhere(binding) }
        return false
    }

    /// Makes a label valid on its NNI; `false` if the plan has no unit for it there, the tables cannot do what a relay's is to do,
    /// or are full.
    /// - Parameter isLookedUp: whether packets by a VRF's are to be looked up, wherever the label leads.
    func install(_ binding: LabelBinding, isLookedUp: Bool = false) -> Bool {
        guard binding.context != nil || fixed[binding.nni]?[binding.label] == nil else { return false }
        guard !isSwapped(binding) else {
            return copies.targets(of: binding) == nil ? installSwap(binding) : installCopies(binding)
        }
        guard let (unit, vrf) = unit(of: binding), let record = interfaces.records[unit.name],
            let index = table(for: binding)?.index(of: binding.label)
        else { return false }
        let senders = senders(of: binding, unit)
        guard let sources = acquireSources(of: senders) else { return false }
        let looked = Self.entry(unit: unit, vrf: vrf, record: record, isBySource: senders != nil)
        guard let entry = isLookedUp ? looked : pops.entry(of: binding, vrf, insteadOf: looked) else {
            if let senders { self.sources.release(senders.key) }
            return false
        }
        let label = InstalledLabel(record: record, entry: entry, senders: senders?.key, sources: sources)
        return setEntry(index, of: binding, label)
    }

    /// Whether a label's packets go on under other labels: those of relays do, and of VRFs those of customer carriers.
    private func isSwapped(_ binding: LabelBinding) -> Bool {
        binding.vrf == nil || swaps.target(of: binding) != nil
    }

    /// The same of one that is swapped.
    private func installSwap(_ binding: LabelBinding) -> Bool {
        guard let index = table(for: binding)?.index(of: binding.label) else { return false }
        let nni = context.plan.interfaces[binding.nni]
        let senders = nni.flatMap { self.senders(of: binding, $0) }
        guard let swap = swaps.entry(of: binding, isBySource: senders != nil) else { return false }
        guard let sources = acquireSources(of: senders),
            setEntry(
                index, of: binding,
                InstalledLabel(record: nil, entry: swap.entry, senders: senders?.key, sources: sources))
        else {
            swaps.abandon(swap)
            return false
        }
        swaps.commit(swap, of: binding)
        return true
    }

    /// The same of one whose packets are copied to several. They have to be without a label below.
    private func installCopies(_ binding: LabelBinding) -> Bool {
        guard let index = table(for: binding)?.index(of: binding.label) else { return false }
        let nni = context.plan.interfaces[binding.nni]
        let senders = nni.flatMap { self.senders(of: binding, $0) }
        guard let list = copies.list(for: binding) else { return false }
        let entry = ReplicateEntry(list: list.number, isBySource: senders != nil).entry
        guard let sources = acquireSources(of: senders),
            setEntry(
                index, of: binding,
                InstalledLabel(record: nil, entry: entry, senders: senders?.key, sources: sources))
        else {
            copies.abandon(list)
            return false
        }
        copies.commit(list, of: binding)
        return true
    }

    /// Writes a label's entry, whose sources are held for it; `false`: that did not work, and they are given back.
    private func setEntry(_ index: UInt32, of binding: LabelBinding, _ label: InstalledLabel) -> Bool {
        guard setEntry(index, to: label.entry, sources: label.sources) else {
            if let senders = label.senders { sources.release(senders) }
            pops.abandon(label.entry)
            return false
        }
        if let before = all[binding]?.senders { sources.release(before) }
        pops.commit(label.entry, of: binding)
        add(binding, label)
        return true
    }

    /// Lets a label that stays its neighbor's lead nowhere; what it led to and who could send by it is held for it no longer.
    private func leadNowhere(_ binding: LabelBinding) {
        guard let index = index(of: binding) else { return }
        let entry = isSwapped(binding) ? SwapEntry.withdrawn.entry : stile_label_entry()
        if setEntry(index, of: binding, InstalledLabel(record: nil, entry: entry, senders: nil, sources: 0)) {
            swaps.release(binding)
            copies.release(binding)
        }
    }

    /// Makes a label invalid on its NNI. Packets of one that was swapped are told from those of labels that were never given, until the
    /// label is given anew.
    func remove(_ binding: LabelBinding) {
        defer {
            swaps.forget(binding)
            copies.forget(binding)
            pops.forget(binding)
        }
        guard let installed = forget(binding) else { return }
        if sharers[LabelPlace(binding)] != nil {
            // It stays valid from the others.
            if let senders = installed.senders { sources.leave(senders, binding.neighborKey(context.plan)) }
        } else {
            checked.remove(LabelPlace(binding))
        }
        if sharers[LabelPlace(binding)] == nil, let index = index(of: binding) {
            _ = setEntry(index, to: isSwapped(binding) ? SwapEntry.withdrawn.entry : stile_label_entry())
        }
        if let senders = installed.senders { sources.release(senders) }
        if let record = installed.record, interfaces.records[record.name]?.index != record.index {
            interfaces.retire(record)
        }
        if let space = binding.space { releaseSpace(space) }
        releaseTable(of: binding.nni)
    }

    /// After records have changed: the labels of these units lead to the new ones, and those that are swapped on these NNIs are
    /// valid from whom they have to be. A label whose unit is gone stays with the old record until it is removed. Returns the
    /// records that labels led to before.
    func repoint(toUnits names: Set<String>, old: ForwardingPlan) -> [InstalledRecord] {
        var units: Set<ForwardingPlan.UnitKey> = []
        for name in names {
            units.formUnion([old.interfaces[name], context.plan.interfaces[name]].compactMap(\.?.unitKey))
        }
        var superseded: [InstalledRecord] = []
        for binding in units.flatMap({ ofUnits[$0] ?? [] }) {
            guard let installed = all[binding], !isSwapped(binding) else { continue }
            context.noteComparison()
            guard let (unit, vrf) = unit(of: binding), let record = interfaces.records[unit.name],
                let index = index(of: binding)
            else { continue }
            let senders = senders(of: binding, unit)
            if let senders { sources.configure(senders.key, senders.members) }
            let looked = Self.entry(unit: unit, vrf: vrf, record: record, isBySource: senders != nil)
            // Without room for where it leads its packets are looked up.
            let entry = pops.entry(of: binding, vrf, insteadOf: looked) ?? looked
            if octets(of: entry) == octets(of: installed.entry), senders?.key == installed.senders {
                pops.abandon(entry)
                continue
            }
            if let sources = acquireSources(of: senders) {
                let label = InstalledLabel(record: record, entry: entry, senders: senders?.key, sources: sources)
                guard setEntry(index, of: binding, label) else { continue }
            } else {
                pops.abandon(entry)
                // Who may send by it cannot be said any more, so nobody may until the plan is applied again.
                leadNowhere(binding)
            }
            if let before = installed.record, before.index != record.index { superseded.append(before) }
        }
        for name in names { repointSwaps(on: name) }
        return superseded
    }

    /// Those whose sender has to be another, or is checked no longer, and those that lead nowhere for want of room.
    private func repointSwaps(on nni: String) {
        guard let interface = context.plan.interfaces[nni] else { return }
        for binding in swaps.bindings(at: nni) {
            context.noteComparison()
            let senders = senders(of: binding, interface)
            if senders?.key == all[binding]?.senders, swaps.leads(binding) {
                if let senders { sources.configure(senders.key, senders.members) }
            } else if !installSwap(binding) {
                // Who may send by it cannot be said any more, so nobody may.
                leadNowhere(binding)
            }
        }
        for binding in copies.bindings(at: nni) where all[binding] != nil {
            context.noteComparison()
            let senders = senders(of: binding, interface)
            if senders?.key == all[binding]?.senders, copies.nextHops(of: binding) != nil {
                if let senders { sources.configure(senders.key, senders.members) }
            } else if !installCopies(binding) {
                leadNowhere(binding)
            }
        }
    }

    // MARK: Labels of the configuration

    /// Whether frames can come to a place.
    func isOpen(_ place: String) -> Bool { interfaces.hasReader(ofTable: place) }

    /// Whether a label of the configuration can be valid in a place: nobody was told the label, as he may have been by a
    /// configuration before.
    func mayBeFixed(_ label: MPLSLabel, at place: String) -> Bool {
        guard fixed[place]?[label] == nil, let index = interfaces.labelTables[place]?.index(of: label) else {
            return true
        }
        let entry = context.writer.reader.labelEntries[Int(index)]
        if octets(of: entry) == octets(of: stile_label_entry()) { return true }
        // One that was taken back, and is not somebody's that leads nowhere for want of room.
        return SwapEntry(entry)?.nextHop == 0 && !all.keys.contains { $0.nni == place && $0.label == label }
    }

    /// Gives a label of the configuration its entry in a place, or none; `false`: there is no room for it.
    func setFixed(_ label: MPLSLabel, at place: String, to entry: stile_label_entry?) -> Bool {
        guard let entry else {
            guard fixed[place]?.removeValue(forKey: label) != nil else { return true }
            if fixed[place]?.isEmpty == true { fixed[place] = nil }
            if let index = interfaces.labelTables[place]?.index(of: label) {
                _ = setEntry(index, to: stile_label_entry())
            }
            releaseTable(of: place)
            return true
        }
        guard let table = table(of: place, for: label), let index = table.index(of: label),
            setEntry(index, to: entry)
        else { return false }
        fixed[place, default: [:]][label] = entry
        return true
    }

    // MARK: What is valid

    /// Notes that a label is valid, instead of what is noted of it.
    private func add(_ binding: LabelBinding, _ label: InstalledLabel) {
        forget(binding)
        all[binding] = label
        if binding.owner.subject.commonLabel != nil { sharers[LabelPlace(binding), default: []].insert(binding) }
        if let vrf = binding.vrf {
            ofUnits[ForwardingPlan.UnitKey(nni: binding.nni, vrf: vrf), default: []].insert(binding)
        }
        countsOfNNIs[binding.nni, default: 0] += 1
        if let space = binding.space { spaces[space]?.labels.insert(binding) }
        if let record = label.record { interfaces.retain(record) }
    }

    /// Notes that a label is valid no longer; the result is what it was.
    @discardableResult
    private func forget(_ binding: LabelBinding) -> InstalledLabel? {
        guard let old = all.removeValue(forKey: binding) else { return nil }
        sharers[LabelPlace(binding)]?.remove(binding)
        if sharers[LabelPlace(binding)]?.isEmpty == true { sharers[LabelPlace(binding)] = nil }
        if let vrf = binding.vrf {
            let unit = ForwardingPlan.UnitKey(nni: binding.nni, vrf: vrf)
            ofUnits[unit]?.remove(binding)
            if ofUnits[unit]?.isEmpty == true { ofUnits[unit] = nil }
        }
        countsOfNNIs[binding.nni, default: 0] -= 1
        if let space = binding.space { spaces[space]?.labels.remove(binding) }
        if countsOfNNIs[binding.nni] == 0 { countsOfNNIs[binding.nni] = nil }
        if let record = old.record { interfaces.release(record) }
        return old
    }

    // MARK: Entries

    /// Where the packets of a label go in. A label of a VRF that another has replaced under its name leads to nothing of
    /// the new one.
    private func unit(of binding: LabelBinding) -> (unit: InterfacePlan, vrf: VRFPlan)? {
        let plan = context.plan
        guard let name = binding.vrf, let vrf = plan.vrfs[name], vrf.identity == binding.owner.vrf,
            let unit = plan.unit(nni: binding.nni, vrf: name)
        else { return nil }
        return (unit, vrf)
    }

    /// Who alone may send by the label: the neighbor that was told it, or those that share a common one; `nil`: everyone may.
    private func senders(of binding: LabelBinding, _ unit: InterfacePlan) -> LabelSenders? {
        guard let neighbor = binding.neighborKey(context.plan) else { return nil }
        guard binding.owner.subject.commonLabel != nil else {
            return unit.senders.map {
                LabelSenders(key: .neighbor(neighbor), members: [neighbor: $0[neighbor.address] ?? []])
            }
        }
        // Who was told it beside others may send by it no longer when he is gone, though the NNI is another's alone then.
        let place = LabelPlace(binding)
        if unit.senders != nil { checked.insert(place) }
        guard checked.contains(place) else { return nil }
        let configured = unit.senders ?? [:]
        var members: [NeighborKey: [MACAddress]] = [:]
        for sharer in (sharers[place] ?? []).union([binding]) {
            guard let key = sharer.neighborKey(context.plan) else { continue }
            members[key] = configured[key.address] ?? sources.configured(.sharers(nni: place.nni, place.label), key)
        }
        return LabelSenders(key: .sharers(nni: place.nni, place.label), members: members)
    }

    /// The source set for one more label; 0 where everyone may send, `nil` if the tables are full.
    private func acquireSources(of senders: LabelSenders?) -> UInt32? {
        guard let senders else { return 0 }
        return sources.acquire(senders.key, senders.members)
    }

    private func setEntry(_ index: UInt32, to entry: stile_label_entry, sources: UInt32 = 0) -> Bool {
        context.attempt("label entry \(index)") { () throws(TablesError) in
            try context.writer.labels.setEntry(index, to: entry, sources: sources)
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
        // What comes from the core never goes back there.
        let flags = unit.isCoreUnit ? vrf.flags & ~STILE_FLAG_TRANSIT.rawValue : vrf.flags
        entry.flags = UInt8(truncatingIfNeeded: flags | validity.rawValue)
        entry.features = record.ingressFeatures
        return entry
    }

    // MARK: Tables

    /// The table that a label is of, made or made larger if it does not fit; `nil` if the tables are full or the NNI is not in them.
    private func table(for binding: LabelBinding) -> InstalledLabelTable? {
        guard let space = binding.space else { return table(of: binding.nni, for: binding.label) }
        return table(of: space, for: binding.label)
    }

    /// The NNI's own.
    private func table(of nni: String, for label: MPLSLabel) -> InstalledLabelTable? {
        guard interfaces.hasReader(ofTable: nni) else { return nil }
        let old = interfaces.labelTables[nni]
        if let old, old.index(of: label) != nil { return old }
        let isCircuit = context.plan.interfaces[nni]?.kind == .attachmentCircuit
        let block = isCircuit ? Self.smallestOfCircuit : Self.smallestTable
        guard let table = makeTable(insteadOf: old, for: label, in: block, "labels of \(nni)") else { return nil }
        if let old { copy(from: old, to: table, of: nni) }
        guard let superseded = interfaces.setLabelTable(table, of: nni) else {
            retire(table)
            return nil
        }
        retire(superseded, of: nni)
        if let old { retire(old) }
        return table
    }

    /// That of a label space there, which the NNI's own names: another takes its place by one store.
    private func table(of place: SpacePlace, for label: MPLSLabel) -> InstalledLabelTable? {
        let old = spaces[place]
        if let old, old.table.index(of: label) != nil { return old.table }
        guard let entry = table(of: place.nni, for: place.context)?.index(of: place.context),
            let table = makeTable(
                insteadOf: old?.table, for: label, in: Self.smallestTable,
                "labels under \(place.context) of \(place.nni)")
        else { return nil }
        for binding in old?.labels ?? [] {
            if let installed = all[binding], let index = table.index(of: binding.label) {
                _ = setEntry(index, to: installed.entry, sources: installed.sources)
            }
        }
        let record = context.attempt("label space \(place.context) of \(place.nni)") { () throws(TablesError) in
            try context.writer.labels.addContext(base: table.base, count: table.count, first: table.first)
        }
        guard let record else {
            retire(table)
            return nil
        }
        guard setEntry(entry, to: ContextEntry(table: record).entry) else {
            context.writer.labels.retireContext(record)
            retire(table)
            return nil
        }
        spaces[place] = InstalledSpace(record: record, table: table, labels: old?.labels ?? [])
        if let old { retire(old) }
        return table
    }

    /// Entries for a label and those of a table that it does not fit into.
    private func makeTable(
        insteadOf old: InstalledLabelTable?, for label: MPLSLabel, in block: UInt32, _ what: String
    ) -> InstalledLabelTable? {
        let low = min(old?.base ?? .max, label.rawValue / block * block)
        let end = max(old.map { $0.base + $0.count } ?? 0, (label.rawValue / block + 1) * block)
        // Twice as many at each growth, so that labels that rise one by one do not copy the table each time.
        let count = max(end - low, min((old?.count ?? 0) * 2, (1 << 20) - low))
        let first = context.attempt(what) { () throws(TablesError) in
            try context.writer.labels.addTable(count: Int(count))
        }
        return first.map { InstalledLabelTable(base: low, count: count, first: $0) }
    }

    /// All that is valid on an NNI is in its larger table as well.
    private func copy(from old: InstalledLabelTable, to table: InstalledLabelTable, of nni: String) {
        copyWithdrawn(from: old, to: table)
        for (binding, installed) in all where binding.nni == nni && binding.context == nil {
            if let index = table.index(of: binding.label) {
                _ = setEntry(index, to: installed.entry, sources: installed.sources)
            }
        }
        for (label, entry) in fixed[nni] ?? [:] {
            if let index = table.index(of: label) { _ = setEntry(index, to: entry) }
        }
        for (place, space) in spaces where place.nni == nni {
            if let index = table.index(of: place.context) {
                _ = setEntry(index, to: ContextEntry(table: space.record).entry)
            }
        }
    }

    /// Labels that were taken back still are told from those that were never given.
    private func copyWithdrawn(from old: InstalledLabelTable, to table: InstalledLabelTable) {
        let entries = context.writer.reader.labelEntries
        for offset in 0..<old.count where SwapEntry(entries[Int(old.first + offset)])?.nextHop == 0 {
            _ = setEntry(table.first + (old.base - table.base) + offset, to: SwapEntry.withdrawn.entry)
        }
    }

    /// The table of an NNI without labels is given back.
    private func releaseTable(of nni: String) {
        guard let table = interfaces.labelTables[nni], countsOfNNIs[nni] == nil, fixed[nni] == nil else { return }
        guard let superseded = interfaces.setLabelTable(nil, of: nni) else { return }
        retire(superseded, of: nni)
        retire(table)
    }

    /// Gives back the records that named another table. Next hops lead to a circuit's.
    private func retire(_ records: [InstalledRecord], of place: String) {
        guard !records.isEmpty else { return }
        let plan = context.plan
        if let circuit = plan.interfaces[place], circuit.kind == .attachmentCircuit,
            let vrf = circuit.vrf.flatMap({ plan.vrfs[$0] })
        {
            nextHops.refresh(ofVRF: vrf.number)
        }
        for record in records { interfaces.retire(record) }
    }

    /// A label space without labels has no label that names it.
    private func releaseSpace(_ place: SpacePlace) {
        guard let space = spaces[place], space.labels.isEmpty else { return }
        spaces[place] = nil
        if let index = interfaces.labelTables[place.nni]?.index(of: place.context) {
            _ = setEntry(index, to: stile_label_entry())
        }
        retire(space)
    }

    private func retire(_ space: InstalledSpace) {
        context.writer.labels.retireContext(space.record)
        retire(space.table)
    }

    private func retire(_ table: InstalledLabelTable) {
        context.writer.labels.retireTable(first: table.first, count: Int(table.count))
    }
}

extension LabelBinding {
    /// Where its space is, if it is of one.
    fileprivate var space: SpacePlace? { context.map { SpacePlace(nni: nni, context: $0) } }

    /// The neighbor on its NNI.
    fileprivate func neighborKey(_ plan: ForwardingPlan) -> NeighborKey? {
        plan.interfaces[nni].map { NeighborKey(interface: $0.number, address: neighbor.address) }
    }
}
