import Addressing
import CTableLayout
import ForwardingTables

/// Keeps the tables' section of neighbors, which a restarted process and `show` read, like the neighbor table.
struct NeighborMirror {
    private var slots: [NeighborKey: Slot] = [:]
    /// How many neighbors found no room when they were last written.
    private(set) var missingCount = 0

    private struct Slot {
        let index: UInt32
        var state: ResolutionState
        var hardwareAddress: MACAddress?
    }

    /// Writes what has changed. A neighbor that finds no room is missing after a restart, which costs a question.
    /// - Parameter secondsSince1970: UTC now.
    mutating func update(_ writer: TablesWriter, from table: NeighborTable, secondsSince1970: UInt64) {
        let neighbors = table.neighbors
        for (key, slot) in slots where neighbors[key] == nil {
            writer.neighbors.remove(slot.index)
            slots[key] = nil
        }
        missingCount = 0
        for (key, entry) in neighbors {
            if let slot = slots[key], slot.state == entry.state, slot.hardwareAddress == entry.hardwareAddress {
                continue
            }
            var record = stile_neighbor()
            record.counter = key.interface.rawValue
            record.family = key.address.family.rawValue
            record.state = entry.state.rawValue
            if let address = entry.hardwareAddress { setOctets(address.octets, in: &record.mac) }
            setOctets(key.address.octets, in: &record.address)
            record.confirmed = secondsSince1970
            if let slot = slots[key] {
                writer.neighbors.set(slot.index, to: record)
                slots[key]?.state = entry.state
                slots[key]?.hardwareAddress = entry.hardwareAddress
            } else if let index = try? writer.neighbors.add(record) {
                slots[key] = Slot(index: index, state: entry.state, hardwareAddress: entry.hardwareAddress)
            } else {
                missingCount += 1
            }
        }
    }
}
