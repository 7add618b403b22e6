import Addressing
import CTableLayout

/// A route map where it is attached: for one address family, and for the packets of one VRF, in which its next hops are.
struct RouteMapPlan: Hashable, Sendable {
    /// In the order in which they are tried; at least one.
    var entries: [RouteMapEntryPlan]

    /// The lists that it asks.
    var accessLists: [AccessListKey] { entries.compactMap(\.match).flatMap(\.accessLists) }

    /// The VRFs that it gives packets to.
    var targets: Set<String> {
        Set(entries.compactMap { if case .vrf(let name) = $0.otherwise { name } else { nil } })
    }
}

/// One entry of an attached route map.
struct RouteMapEntryPlan: Hashable, Sendable {
    /// Where packets go that no next hop takes.
    enum Otherwise: Hashable, Sendable {
        case lookup
        case discard
        case vrf(String)
    }

    let sequence: UInt32
    /// The index of its counters.
    let instance: UInt32
    /// The access lists of which one has to permit the packet; `nil`: all packets.
    var match: ClassMapPlan?
    /// Octets of the IP packet.
    var lengths: ClosedRange<UInt16> = 0...UInt16.max
    /// Neighbors on circuits of the packets' VRF; at most `STILE_ROUTE_MAP_NEXT_HOPS`.
    var nextHops: [CircuitNeighbor] = []
    /// What none of them takes goes where this address is routed; then there are at most
    /// `STILE_ROUTE_MAP_NEXT_HOPS_BESIDE_RECURSIVE` of them.
    var recursiveNextHop: IPAddress?
    var otherwise = Otherwise.lookup
    /// The code point that packets get, 0 to 63.
    var dscp: UInt8?

    init(sequence: UInt32, instance: UInt32) {
        self.sequence = sequence
        self.instance = instance
    }

    /// - Parameters:
    ///   - match: where the criteria are in the tables.
    ///   - nextHops: the numbers of the next hops.
    ///   - vrfNumber: of a VRF; what goes to one that the tables do not have is dropped.
    func record(
        match: stile_class_map, nextHops: [UInt32], vrfNumber: (String) -> UInt16?
    ) -> stile_route_map_entry {
        var record = stile_route_map_entry()
        record.match = match
        record.length_low = lengths.lowerBound
        record.length_high = lengths.upperBound
        record.dscp = dscp ?? UInt8(STILE_UNMARKED)
        record.sequence = sequence
        record.instance = instance
        record.next_hop_count = UInt8(clamping: nextHops.count)
        withUnsafeMutableBytes(of: &record.next_hops) { place in
            nextHops.withUnsafeBytes { place.copyBytes(from: $0.prefix(place.count)) }
            guard let recursiveNextHop else { return }
            record.is_recursive = 1
            UnsafeMutableRawBufferPointer(rebasing: place[(4 * Int(STILE_ROUTE_MAP_NEXT_HOPS_BESIDE_RECURSIVE))...])
                .copyBytes(from: recursiveNextHop.octets)
        }
        switch otherwise {
        case .lookup: record.action = UInt8(STILE_ROUTE_MAP_LOOKUP.rawValue)
        case .discard: record.action = UInt8(STILE_ROUTE_MAP_DISCARD.rawValue)
        case .vrf(let name):
            let number = vrfNumber(name)
            record.action = UInt8((number == nil ? STILE_ROUTE_MAP_DISCARD : STILE_ROUTE_MAP_VRF).rawValue)
            record.vrf = number ?? 0
        }
        return record
    }
}

/// A neighbor on a circuit of a VRF, as the configuration calls them.
struct CircuitNeighbor: Hashable, Sendable {
    let vrf: String
    let circuit: String
    let address: IPAddress
}
