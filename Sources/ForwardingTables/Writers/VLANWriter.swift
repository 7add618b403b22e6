import CTableLayout

/// The VLANs of the ports, and the interfaces that they lead to.
public final class VLANWriter {
    /// The map of the inner VLANs under one outer VLAN.
    private struct SecondLevel {
        let map: UInt32
        var innerCount: Int
    }

    private let maps: RecordSection<stile_vlan_map>
    private var secondLevels: [VLANPosition: SecondLevel] = [:]
    private let interfaceCount: UInt32

    init(_ file: TablesFile) throws(TablesError) {
        maps = RecordSection(.vlanMaps, at: file.header.pointee.vlan_maps, of: file)
        interfaceCount = file.header.pointee.interfaces.count
        // The ports' own maps, from 0 on.
        _ = try maps.take(count: Int(STILE_MAX_PORTS) - 1)
    }

    /// Lets the frames of port `index` that are of no interface count with `counter`; 0: with those of no port.
    public func setCounter(_ counter: UInt16, ofPort index: Int) throws(TablesError) {
        guard (0..<Int(STILE_MAX_PORTS)).contains(index) else { throw .outOfRange(.ports) }
        stile_store_release_u32(vlanSlot(map: UInt32(index), vid: nil) + 1, UInt32(counter))
    }

    /// Lets frames at a position go to an interface record; 0: to none. One store, but for the first and the last
    /// inner VLAN of an outer one, where the map of inner VLANs is prepared beside.
    public func setInterface(_ index: UInt32, at position: VLANPosition) throws(TablesError) {
        guard position.port < STILE_MAX_PORTS, isVLAN(position.outer), isVLAN(position.inner),
            position.outer != nil || position.inner == nil
        else { throw .outOfRange(.vlanMaps) }
        guard index < interfaceCount else { throw .outOfRange(.interfaces) }
        let outer = VLANPosition(port: position.port, outer: position.outer)
        let slot = vlanSlot(map: UInt32(position.port), vid: position.outer)
        guard let inner = position.inner else {
            let map = secondLevels[outer]?.map
            stile_store_release_u32(map.map { vlanSlot(map: $0, vid: nil) } ?? slot, index)
            return
        }
        guard var level = secondLevels[outer] else {
            guard index != 0 else { return }
            let map = try maps.add(stile_vlan_map())
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
        maps.retire(level.map)
    }

    private func isVLAN(_ vid: UInt16?) -> Bool { vid.map { (1...4094).contains($0) } ?? true }

    private func vlanSlot(map: UInt32, vid: UInt16?) -> UnsafeMutablePointer<UInt32> {
        let slots = UnsafeMutableRawPointer(maps[map]).assumingMemoryBound(to: UInt32.self)
        return vid.map { slots + (16 + Int($0)) } ?? slots
    }
}
