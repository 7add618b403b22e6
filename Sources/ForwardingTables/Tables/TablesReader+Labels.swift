import CTableLayout

/// What a control process learns of the labels in tables that another has filled. Nothing in them is believed: an index
/// that leads out of its section leads nowhere.
extension TablesReader {
    /// Calls `body` with each label that is valid, from every source or some, or has its next hop of itself and leads
    /// somewhere, on an NNI, a circuit that takes labels or a core interface to which a frame can come: its counters, whether it is of the core, the label and
    /// its entry.
    public func forEachValidLabel(
        _ body: (_ nni: UInt16, _ isOfCore: Bool, _ label: UInt32, _ entry: stile_label_entry) -> Void
    ) {
        let valid = STILE_FLAG_VALID.rawValue | STILE_FLAG_BY_SOURCE.rawValue
        for index in reachableInterfaces() {
            let interface = interfaces[Int(index)]
            let (first, count) = (UInt64(interface.label_first), UInt64(interface.label_count))
            let isNNI = interface.kind & ~UInt8(STILE_INTERFACE_OF_CORE) == UInt8(STILE_INTERFACE_NNI.rawValue)
            let isCircuit = interface.kind == UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
            guard isNNI || isCircuit && interface.flags & UInt8(STILE_FLAG_TAKES_LABELS.rawValue) != 0,
                first + count <= header.pointee.label_entries.count
            else { continue }
            for offset in 0..<interface.label_count {
                let entry = labelEntry(interface.label_base &+ offset, on: interfaces + Int(index))
                let target =
                    SwapEntry(entry)?.nextHop ?? PopEntry(entry)?.nextHop ?? ReplicateEntry(entry)?.list
                guard UInt32(entry.flags) & valid != 0 || target ?? 0 != 0 else { continue }
                let isOfCore = interface.kind & UInt8(STILE_INTERFACE_OF_CORE) != 0
                body(interface.counter, isOfCore, interface.label_base &+ offset, entry)
            }
        }
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
