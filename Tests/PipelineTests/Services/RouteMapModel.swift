import Addressing
import CTableLayout
import Pipeline

extension ServicePlan {
    /// One entry of a route map.
    struct RouteMapEntry {
        enum Otherwise {
            case lookup
            case discard
            case vrf(UInt16)
        }

        var instance: UInt32
        /// With a list for one family, packets of the other do not meet the entry.
        var ipv4List: [Rule] = []
        var ipv6List: [Rule] = []
        var lengths: ClosedRange<UInt16> = 0...65_535
        /// Names of `LabPlan.hops`.
        var nextHops: [String] = []
        /// By families: an address whose route takes what they do not.
        var recursive: (ipv4: UInt32, ipv6: [UInt8])?
        var otherwise = Otherwise.lookup
        var dscp: UInt8?
    }

    /// On units of a VRF without and of one with transit, and on circuits.
    static let routeMaps: [UInt16: [RouteMapEntry]] = [
        // The first next hop does not answer. VRF 1 has no transit, VRF 2 has.
        11: [
            RouteMapEntry(
                instance: 100, ipv4List: [Rule(permits: true, protocolNumber: 6), Rule(permits: false)],
                nextHops: ["silent", "c42"], dscp: 10),
            RouteMapEntry(instance: 101, lengths: 0...60, otherwise: .vrf(2)),
        ],
        // What a fault in the control process could install: a neighbor in another VRF, one on an NNI.
        12: [
            RouteMapEntry(
                instance: 102, ipv4List: [Rule(permits: true, protocolNumber: 1), Rule(permits: false)],
                nextHops: ["c41"]),
            RouteMapEntry(
                instance: 103, ipv4List: [Rule(permits: true, protocolNumber: 17), Rule(permits: false)],
                nextHops: ["n22"], otherwise: .discard),
        ],
        41: [
            RouteMapEntry(
                instance: 104, ipv6List: [Rule(permits: true, protocolNumber: 17), Rule(permits: false)],
                nextHops: ["c42"]),
            RouteMapEntry(instance: 105, lengths: 21...40),
            RouteMapEntry(instance: 106, lengths: 41...60, nextHops: ["silent", "glean"], dscp: 46),
            RouteMapEntry(instance: 110, lengths: 61...90, nextHops: ["silent"], recursive: viaNNI),
            RouteMapEntry(instance: 107, nextHops: ["tiny"]),
        ],
        43: [
            RouteMapEntry(instance: 108, lengths: 0...50, otherwise: .vrf(3)),
            RouteMapEntry(instance: 109, lengths: 60...65_535, otherwise: .discard, dscp: 8),
        ],
    ]

    /// On circuits of a VRF without and of one with transit, and on a unit.
    static let outgoingRouteMaps: [UInt16: [RouteMapEntry]] = [
        42: [
            // The circuit that it sends to has services, that NNI has a map, too: it is not asked.
            RouteMapEntry(
                instance: 120, ipv4List: [Rule(permits: true, protocolNumber: 6), Rule(permits: false)],
                nextHops: ["silent", "c41"], dscp: 12),
            RouteMapEntry(instance: 121, lengths: 21...40, otherwise: .discard),
            RouteMapEntry(instance: 122, lengths: 41...70, nextHops: ["silent"], recursive: viaNNI),
        ],
        11: [
            RouteMapEntry(
                instance: 123, ipv4List: [Rule(permits: true, protocolNumber: 17), Rule(permits: false)],
                ipv6List: [Rule(permits: true, protocolNumber: 17), Rule(permits: false)], nextHops: ["c42"])
        ],
        // What a fault in the control process could install: a neighbor in another VRF, and another VRF.
        45: [
            RouteMapEntry(instance: 124, lengths: 0...50, nextHops: ["c41"]),
            RouteMapEntry(instance: 125, lengths: 60...65_535, otherwise: .vrf(3), dscp: 20),
        ],
    ]

    /// A route of every VRF of the lab that leads to an NNI.
    static let viaNNI: (ipv4: UInt32, ipv6: [UInt8]) = (
        0x0A03_0001, [0x20, 1, 0x0D, 0xB8, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    )
}

extension Lab {
    /// The entries of a route map as the tables hold them for a family; the index of the first, 0 without entries.
    func add(_ entries: [ServicePlan.RouteMapEntry], _ family: AddressFamily, _ hits: inout UInt32) throws -> UInt32 {
        var records: [stile_route_map_entry] = []
        for entry in entries {
            var record = stile_route_map_entry()
            if !entry.ipv4List.isEmpty || !entry.ipv6List.isEmpty {
                var criterion = stile_criterion()
                criterion.kind = UInt8(STILE_CRITERION_ACCESS_LIST.rawValue)
                criterion.access_list_ipv4 = try add(entry.ipv4List, family: 4, &hits)
                criterion.access_list_ipv6 = try add(entry.ipv6List, family: 6, &hits)
                record.match.first_criterion = try writer.criteria.add([criterion])
                record.match.criterion_count = 1
            }
            record.length_low = entry.lengths.lowerBound
            record.length_high = entry.lengths.upperBound
            record.instance = entry.instance
            record.dscp = entry.dscp ?? UInt8(STILE_UNMARKED)
            switch entry.otherwise {
            case .lookup: record.action = UInt8(STILE_ROUTE_MAP_LOOKUP.rawValue)
            case .discard: record.action = UInt8(STILE_ROUTE_MAP_DISCARD.rawValue)
            case .vrf(let number):
                record.action = UInt8(STILE_ROUTE_MAP_VRF.rawValue)
                record.vrf = number
            }
            let numbers = entry.nextHops.compactMap { nextHops[Self.nextHopName($0, family)] }
            guard numbers.count == entry.nextHops.count else { throw LabError.planIsWrong("\(entry.nextHops)") }
            record.next_hop_count = UInt8(numbers.count)
            withUnsafeMutableBytes(of: &record.next_hops) { place in
                numbers.withUnsafeBytes { place.copyBytes(from: $0) }
                guard let recursive = entry.recursive else { return }
                record.is_recursive = 1
                let octets = family == .ipv4 ? PacketBuilder.octets(recursive.ipv4) : recursive.ipv6
                UnsafeMutableRawBufferPointer(rebasing: place[16...]).copyBytes(from: octets)
            }
            records.append(record)
        }
        return try writer.routeMapEntries.add(records)
    }
}

extension IsolationModel {
    /// Policy-based routing: where the packet goes; `nil`: by its destination, in the VRF that it has then.
    mutating func routeByPolicy(_ packet: inout Packet, _ frame: [UInt8]) -> Fate? {
        let entries = services?.plan.routeMaps[packet.counter] ?? []
        guard let entry = entries.first(where: { Self.meets(packet, $0) }) else { return nil }
        // The box's own addresses are reached whatever the map says.
        let destination = route(packet.destination, vrf: packet.vrf)
        if let destination, destination.hasPrefix("own") || destination == "foreignReceive" { return nil }
        if let hop = apply(entry, to: &packet, vrf: packet.vrf) { return forward(packet, frame, by: hop) }
        switch entry.otherwise {
        case .lookup: return nil
        case .discard: return drop(.routeMapDiscarded, packet.counter)
        case .vrf(let number):
            packet.policyVRF = number
            return nil
        }
    }

    /// Policy-based routing of a packet that would leave by an interface; `nil`: there it leaves.
    mutating func routeOutgoing(_ packet: inout Packet, _ frame: [UInt8], counter: UInt16) -> Fate? {
        guard !packet.isOwn, !packet.hasLeftByPolicy else { return nil }
        let entries = services?.plan.outgoingRouteMaps[counter] ?? []
        guard let entry = entries.first(where: { Self.meets(packet, $0) }) else { return nil }
        if let hop = apply(entry, to: &packet, vrf: packet.policyVRF ?? packet.vrf) {
            packet.hasLeftByPolicy = true
            return forward(packet, frame, by: hop)
        }
        if case .lookup = entry.otherwise { return nil }
        return drop(.routeMapDiscarded, counter)
    }

    /// Marks and counts the packet, and returns the next hop of the entry that takes it.
    private mutating func apply(
        _ entry: ServicePlan.RouteMapEntry, to packet: inout Packet, vrf: UInt16
    ) -> String? {
        if let codePoint = entry.dscp { packet.setDSCP(codePoint) }
        let usable = entry.nextHops.first {
            LabPlan.hops[$0]?.kind == .circuit
        }
        let routed = entry.recursive.flatMap {
            route(packet.isIPv6 ? $0.ipv6 : PacketBuilder.octets($0.ipv4), vrf: vrf).map {
                choice($0, for: packet, vrf: vrf)
            }
        }.flatMap { name -> String? in
            [.circuit, .labelled].contains(LabPlan.hops[name]?.kind) ? name : nil
        }
        services?.count(
            entry, packet,
            isWithoutNextHop: usable ?? routed == nil && (!entry.nextHops.isEmpty || entry.recursive != nil))
        return usable ?? routed
    }

    private static func meets(_ packet: Packet, _ entry: ServicePlan.RouteMapEntry) -> Bool {
        guard entry.lengths.contains(UInt16(packet.octets.count)) else { return false }
        guard !entry.ipv4List.isEmpty || !entry.ipv6List.isEmpty else { return true }
        let list = packet.isIPv6 ? entry.ipv6List : entry.ipv4List
        return !list.isEmpty && ServiceModel.permits(list, packet)
    }
}
