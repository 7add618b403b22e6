import CTableLayout

/// The map of the inner VLANs under one outer VLAN.
struct SecondLevel {
    let map: UInt32
    var innerCount: Int
}

/// Ports, interfaces and the VLANs that lead to them.
extension TablesWriter {
    /// How many workers there are and where they run; `nil` leaves a worker's processor to the kernel. At most 64.
    public func setWorkers(cores: [UInt16?], polling: stile_polling) throws(TablesError) {
        guard (1...64).contains(cores.count) else { throw .outOfRange(.ports) }
        header.pointee.worker_count = UInt32(cores.count)
        header.pointee.polling = polling.rawValue
        withUnsafeMutableBytes(of: &header.pointee.worker_cores) { bytes in
            for (index, core) in cores.enumerated() {
                bytes.storeBytes(of: core ?? 0xFFFF, toByteOffset: index * 2, as: UInt16.self)
            }
        }
    }

    /// Replaces the description of port `index` (below `STILE_MAX_PORTS`); one of zeros closes it. `ports_sequence` is
    /// odd while the description changes and even, and higher, afterwards.
    public func setPort(_ index: Int, to port: stile_port) throws(TablesError) {
        guard (0..<Int(STILE_MAX_PORTS)).contains(index) else { throw .outOfRange(.ports) }
        let sequence = header.pointee.ports_sequence
        withUnsafeMutablePointer(to: &header.pointee.ports_sequence) { stile_store_release_u64($0, sequence + 1) }
        stile_fence()
        entry(header.pointee.ports, index, as: stile_port.self).pointee = port
        withUnsafeMutablePointer(to: &header.pointee.ports_sequence) { stile_store_release_u64($0, sequence + 2) }
    }

    /// Lets the frames of port `index` that are of no interface count with `counter`; 0: with those of no port.
    public func setCounter(_ counter: UInt16, ofPort index: Int) throws(TablesError) {
        guard (0..<Int(STILE_MAX_PORTS)).contains(index) else { throw .outOfRange(.ports) }
        stile_store_release_u32(vlanSlot(map: UInt32(index), vid: nil) + 1, UInt32(counter))
    }

    /// A record, not reachable until a VLAN slot, label entry or next hop names it. What it says of labels is the writer's.
    public func addInterface(_ record: stile_interface) throws(TablesError) -> UInt32 {
        let index = try interfaces.take()
        var record = record
        if record.kind == UInt8(STILE_INTERFACE_UNIT.rawValue) {
            // RFC 3032 §2.1, RFC 3443 §3.
            let isUniform = UInt32(record.flags) & STILE_FLAG_PROPAGATE_TTL.rawValue != 0
            record.label_mask = 7 << 9 | (isUniform ? 255 : 0)
            record.label_bits = 1 << 8 | (isUniform ? 0 : 255)
        } else {
            record.label_mask = 0
            record.label_bits = 0
        }
        entry(header.pointee.interfaces, Int(index), as: stile_interface.self).pointee = record
        return index
    }

    /// Gives a record back that is no longer reachable.
    public func retireInterface(_ index: UInt32) {
        guard index != 0 else { return }
        retire(.interface(index))
    }

    /// Lets frames at a position go to an interface record; 0: to none. One store, but for the first and the last
    /// inner VLAN of an outer one, where the map of inner VLANs is prepared beside.
    public func setInterface(_ index: UInt32, at position: VLANPosition) throws(TablesError) {
        guard position.port < STILE_MAX_PORTS, isVLAN(position.outer), isVLAN(position.inner),
            position.outer != nil || position.inner == nil
        else { throw .outOfRange(.vlanMaps) }
        guard index < header.pointee.interfaces.count else { throw .outOfRange(.interfaces) }
        let outer = VLANPosition(port: position.port, outer: position.outer)
        let slot = vlanSlot(map: UInt32(position.port), vid: position.outer)
        guard let inner = position.inner else {
            let map = secondLevels[outer]?.map
            stile_store_release_u32(map.map { vlanSlot(map: $0, vid: nil) } ?? slot, index)
            return
        }
        guard var level = secondLevels[outer] else {
            guard index != 0 else { return }
            let map = try vlanMaps.take()
            entry(header.pointee.vlan_maps, Int(map), as: stile_vlan_map.self).pointee = stile_vlan_map()
            vlanSlot(map: map, vid: nil).pointee = slot.pointee
            vlanSlot(map: map, vid: inner).pointee = index
            secondLevels[outer] = SecondLevel(map: map, innerCount: 1)
            stile_store_release_u32(slot, map | STILE_VLAN_SECOND_LEVEL)
            return
        }
        let innerSlot = vlanSlot(map: level.map, vid: inner)
        level.innerCount += (index != 0 ? 1 : 0) - (innerSlot.pointee != 0 ? 1 : 0)
        stile_store_release_u32(innerSlot, index)
        secondLevels[outer] = level
        guard level.innerCount == 0 else { return }
        secondLevels[outer] = nil
        stile_store_release_u32(slot, vlanSlot(map: level.map, vid: nil).pointee)
        retire(.vlanMap(level.map))
    }

    private func isVLAN(_ vid: UInt16?) -> Bool { vid.map { (1...4094).contains($0) } ?? true }

    private func vlanSlot(map: UInt32, vid: UInt16?) -> UnsafeMutablePointer<UInt32> {
        let slots = UnsafeMutableRawPointer(entry(header.pointee.vlan_maps, Int(map), as: stile_vlan_map.self))
            .assumingMemoryBound(to: UInt32.self)
        return vid.map { slots + (16 + Int($0)) } ?? slots
    }
}
