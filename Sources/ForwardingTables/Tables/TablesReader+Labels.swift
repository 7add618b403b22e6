import CTableLayout

/// What a control process learns of the labels in tables that another has filled. Nothing in them is believed: an index
/// that leads out of its section leads nowhere.
extension TablesReader {
    /// Calls `body` with each label that is valid, from every source or some, or has its next hop of itself and leads
    /// somewhere, on an NNI, a circuit that takes labels or a core interface to which a frame can come: its counters, whether it is
    /// of the core, the label that names its space if it is of one, the label and its entry.
    public func forEachValidLabel(
        _ body: (_ nni: UInt16, _ isOfCore: Bool, _ context: UInt32?, _ label: UInt32, _ entry: stile_label_entry) ->
            Void
    ) {
        for index in reachableInterfaces() {
            let interface = interfaces[Int(index)]
            let (first, count) = (UInt64(interface.label_first), UInt64(interface.label_count))
            let isNNI = interface.kind & ~UInt8(STILE_INTERFACE_OF_CORE) == UInt8(STILE_INTERFACE_NNI.rawValue)
            let isCircuit = interface.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
            guard isNNI || isCircuit && interface.flags & UInt8(STILE_FLAG_TAKES_LABELS.rawValue) != 0,
                first + count <= header.pointee.label_entries.count
            else { continue }
            let isOfCore = interface.kind & UInt8(STILE_INTERFACE_OF_CORE) != 0
            for offset in 0..<interface.label_count {
                let entry = labelEntry(interface.label_base &+ offset, on: interfaces + Int(index))
                let label = interface.label_base &+ offset
                if isValid(entry) { body(interface.counter, isOfCore, nil, label, entry) }
                forEachLabel(of: entry) { below, entry in body(interface.counter, isOfCore, label, below, entry) }
            }
        }
    }

    /// Those of the label space that an entry names.
    private func forEachLabel(of entry: stile_label_entry, _ body: (UInt32, stile_label_entry) -> Void) {
        guard let record = ContextEntry(entry)?.table, record < header.pointee.context_tables.count else { return }
        let table = contextTables[Int(record)]
        let (first, count) = (UInt64(table.label_first), UInt64(table.label_count))
        guard first + count <= header.pointee.label_entries.count else { return }
        for offset in 0..<table.label_count {
            let entry = labelEntries[Int(table.label_first &+ offset)]
            if isValid(entry) { body(table.label_base &+ offset, entry) }
        }
    }

    private func isValid(_ entry: stile_label_entry) -> Bool {
        let valid = STILE_FLAG_VALID.rawValue | STILE_FLAG_BY_SOURCE.rawValue
        let target = SwapEntry(entry)?.nextHop ?? PopEntry(entry)?.nextHop ?? ReplicateEntry(entry)?.list
        return ContextEntry(entry) == nil && (UInt32(entry.flags) & valid != 0 || target ?? 0 != 0)
    }

    /// The interface records that VLAN slots lead to.
    private func reachableInterfaces() -> Set<UInt32> {
        var found: Set<UInt32> = []
        for port in 0..<Int(STILE_MAX_PORTS) {
            for slot in slots(ofMap: port) {
                guard slot & STILE_VLAN_SECOND_LEVEL != 0 else {
                    found.insert(slot)
                    continue
                }
                found.formUnion(
                    slots(ofMap: Int(slot & ~STILE_VLAN_SECOND_LEVEL)).filter { $0 & STILE_VLAN_SECOND_LEVEL == 0 })
            }
        }
        let count = header.pointee.interfaces.count
        return found.filter { $0 != 0 && UInt64($0) < count }
    }

    private func slots(ofMap map: Int) -> [UInt32] {
        guard UInt64(map) < header.pointee.vlan_maps.count else { return [] }
        return [untaggedSlot(of: map)] + (1...4095).map { slot(of: map, vid: $0) }
    }
}
