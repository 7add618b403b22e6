import Addressing
import CTableLayout
import ForwardingTables

/// The links in the tables: one for each neighbor and kind of frame, however many next hops lead by it.
struct InstalledLinks {
    private struct Link {
        let key: LinkKey
        var users: Int
        /// `nil`: there was no room for what it should be, and packets are refused.
        var resolution: LinkResolution?
        /// The share of its circuit's VRF, in which it counts. NNIs have few neighbors, which are all VRFs'.
        let share: TableShare?
    }

    private var links: [UInt32: Link] = [:]
    private var numbers: [LinkKey: UInt32] = [:]
    private var ofInterface: [InterfaceNumber: Set<UInt32>] = [:]
    /// Links that refuse packets, since their adjacency found no room.
    private(set) var waiting: Set<UInt32> = []

    func key(of number: UInt32) -> LinkKey? { links[number]?.key }

    /// The links to a neighbor: two at most.
    func numbers(to neighbor: NeighborKey) -> [UInt32] {
        [false, true].compactMap { numbers[LinkKey(neighbor: neighbor, isLabelled: $0)] }
    }

    /// The links to neighbors on the interface with this number.
    func numbers(on interface: InterfaceNumber) -> Set<UInt32> { ofInterface[interface] ?? [] }

    /// The number of a link, which is made if it is not there; `release` gives it back.
    mutating func acquire(
        _ key: LinkKey, _ resolution: LinkResolution, _ share: TableShare?, in writer: TablesWriter
    ) throws(TablesError) -> UInt32 {
        if let number = numbers[key] {
            links[number]?.users += 1
            return number
        }
        guard share?.admits(1, inUse: links.count) ?? true else { throw .sectionFull(.links) }
        let number = try writer.links.add(STILE_ADJACENCY_FAILED)
        do throws(TablesError) {
            try Self.set(number, resolution, in: writer)
        } catch {
            writer.links.retire(number)
            throw error
        }
        links[number] = Link(key: key, users: 1, resolution: resolution, share: share)
        numbers[key] = number
        ofInterface[key.neighbor.interface, default: []].insert(number)
        share?.change(by: 1)
        return number
    }

    mutating func release(_ number: UInt32, in writer: TablesWriter) {
        guard var link = links[number] else { return }
        link.users -= 1
        links[number] = link
        guard link.users == 0 else { return }
        links[number] = nil
        numbers[link.key] = nil
        let interface = link.key.neighbor.interface
        ofInterface[interface]?.remove(number)
        if ofInterface[interface]?.isEmpty == true { ofInterface[interface] = nil }
        waiting.remove(number)
        link.share?.change(by: -1)
        writer.links.retire(number)
    }

    /// Brings a link to what it should be. Without room for that it refuses packets: the Ethernet address that it had may be
    /// somebody else's meanwhile.
    mutating func bring(_ number: UInt32, to resolution: LinkResolution, in writer: TablesWriter) throws(TablesError) {
        guard let link = links[number], link.resolution != resolution else { return }
        do throws(TablesError) {
            try Self.set(number, resolution, in: writer)
        } catch {
            try? writer.links.set(number, to: STILE_ADJACENCY_FAILED)
            links[number]?.resolution = nil
            waiting.insert(number)
            throw error
        }
        links[number]?.resolution = resolution
        waiting.remove(number)
    }

    private static func set(_ number: UInt32, _ resolution: LinkResolution, in writer: TablesWriter) throws(TablesError)
    {
        switch resolution {
        case .incomplete: try writer.links.set(number, to: STILE_ADJACENCY_INCOMPLETE)
        case .failed: try writer.links.set(number, to: STILE_ADJACENCY_FAILED)
        case .resolved(let port, let rewrite):
            try writer.links.set(number, to: stile_adjacency(port: port, header: rewrite))
        }
    }
}
