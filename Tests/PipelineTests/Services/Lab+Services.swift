import Addressing
import CTableLayout
import ForwardingTables
import Pipeline

/// Services in the lab's tables.
extension Lab {
    /// A processor's counter that counts nanoseconds: a policer's time is then exact.
    static let nanosecondCounter: UInt64 = 1_000_000_000

    /// Gives interfaces the services of a plan, and only those.
    func install(_ plan: ServicePlan) throws {
        setRates(punt: .max, icmp: .max, cyclesPerSecond: Self.nanosecondCounter)
        var hits: UInt32 = 0
        for (counter, services) in plan.services.sorted(by: { $0.key < $1.key }) {
            var record = stile_services()
            record.source_check_ipv4 = UInt8(services.sourceCheck.rawValue)
            record.source_check_ipv6 = UInt8(services.sourceCheck.rawValue)
            record.access_list_in_ipv4 = try add(services.ipv4In, family: 4, &hits)
            record.access_list_in_ipv6 = try add(services.ipv6In, family: 6, &hits)
            record.access_list_out_ipv4 = try add(services.ipv4Out, family: 4, &hits)
            record.access_list_out_ipv6 = try add(services.ipv6Out, family: 6, &hits)
            if let policer = services.policerIn {
                record.classes_in_first = try writer.policyClasses.add([policer.record])
                record.classes_in_count = 1
            }
            if let policer = services.policerOut {
                record.classes_out_first = try writer.policyClasses.add([policer.record])
                record.classes_out_count = 1
            }
            var ingress: UInt32 = 0
            if services.sourceCheck != STILE_SOURCE_CHECK_OFF { ingress |= STILE_INGRESS_SOURCE_CHECK.rawValue }
            if record.access_list_in_ipv4 | record.access_list_in_ipv6 != 0 {
                ingress |= STILE_INGRESS_ACCESS_LIST.rawValue
            }
            if services.policerIn != nil { ingress |= STILE_INGRESS_POLICY.rawValue }
            if services.isUniform { ingress |= STILE_INGRESS_UNIFORM_CLASS.rawValue }
            if let entries = plan.routeMaps[counter] {
                record.route_maps_in = try routeMaps(entries, &hits)
                ingress |= STILE_INGRESS_ROUTE_MAP.rawValue
            }
            var egress: UInt32 = 0
            if record.access_list_out_ipv4 | record.access_list_out_ipv6 != 0 {
                egress |= STILE_EGRESS_ACCESS_LIST.rawValue
            }
            if services.policerOut != nil { egress |= STILE_EGRESS_POLICY.rawValue }
            if let entries = plan.outgoingRouteMaps[counter] {
                record.route_maps_out = try routeMaps(entries, &hits)
                egress |= STILE_EGRESS_ROUTE_MAP.rawValue
            }
            try install(record, ingress: UInt8(ingress), egress: UInt8(egress), counter: counter)
        }
    }

    /// How packets leave by a next hop, as explanations name it.
    func wayOut(_ nextHop: UInt32) -> Explanation.Entry {
        let hop = writer.reader.nextHop(nextHop)
        return .adjacency(writer.reader.adjacency(of: hop), interface: hop.interface)
    }

    /// The same entries for both families.
    private func routeMaps(_ entries: [ServicePlan.RouteMapEntry], _ hits: inout UInt32) throws -> stile_route_maps {
        stile_route_maps(
            ipv4_first: try add(entries, .ipv4, &hits), ipv6_first: try add(entries, .ipv6, &hits),
            ipv4_count: UInt16(entries.count), ipv6_count: UInt16(entries.count))
    }

    /// Gives the interface with this counter a services record with these features.
    func install(_ services: stile_services, ingress: UInt8, egress: UInt8, counter: UInt16) throws {
        let index = try writer.services.add(services)
        try replaceInterface(counter, services: index, features: ingress)
        for (name, hop) in LabPlan.hops where hop.counter == counter {
            var record = self.egress(of: hop)
            record.services = index
            record.egress_features |= egress
            let number = try writer.interfaces.add(record)
            for family in AddressFamily.allCases {
                let key = Self.nextHopName(name, family)
                guard let nextHop = nextHops[key], let link = links[key] else { continue }
                try writer.nextHops.set(nextHop, to: self.nextHop(of: hop, egress: number, link: link))
            }
        }
    }

    /// The access list's number; 0 for one without rules. Each rule has a hit counter of its own, from 0 on.
    func add(_ rules: [ServicePlan.Rule], family: UInt8, _ hits: inout UInt32) throws -> UInt32 {
        guard !rules.isEmpty else { return 0 }
        var records: [stile_access_rule] = []
        for rule in rules {
            records.append(rule.record(hits: hits))
            hits += 1
        }
        return try writer.accessLists.add(family: family, rules: records)
    }

    private func replaceInterface(_ counter: UInt16, services: UInt32, features: UInt8) throws {
        guard let old = interfaces[counter] else { throw LabError.planIsWrong("counter \(counter)") }
        var record = writer.reader.interfaces[Int(old)]
        record.services = services
        record.features = features | record.features & UInt8(STILE_INGRESS_FROM_OPERATOR.rawValue)
        let index = try writer.interfaces.add(record)
        if let circuit = LabPlan.circuits.first(where: { $0.counter == counter }) {
            let position = VLANPosition(port: circuit.port, outer: circuit.outer, inner: circuit.inner)
            try writer.vlans.setInterface(index, at: position)
            return
        }
        for nni in LabPlan.nnis {
            guard let number = interfaces[nni.counter] else { continue }
            let nniRecord = writer.reader.interfaces + Int(number)
            for unit in nni.units where unit.counter == counter {
                var entry = writer.reader.labelEntry(unit.label, on: nniRecord)
                entry.interface = UInt16(index)
                entry.features = features
                let place = nniRecord.pointee.label_first + unit.label - nni.labelBase
                try writer.labels.setEntry(place, to: entry, sources: writer.reader.labelSources[Int(place)])
            }
            for context in nni.contexts {
                guard let first = contextTables[nni.counter]?[context.label] else { continue }
                try replaceUnit(counter, in: context, first: first, record: index, features: features)
            }
            for pop in nni.pops where pop.unit == counter {
                guard var entry = PopEntry(writer.reader.labelEntry(pop.label, on: nniRecord)) else {
                    throw LabError.planIsWrong("\(pop.label)")
                }
                entry.interface = UInt16(index)
                let place = nniRecord.pointee.label_first + pop.label - nni.labelBase
                try writer.labels.setEntry(place, to: entry.entry, sources: writer.reader.labelSources[Int(place)])
            }
        }
    }

    private func replaceUnit(
        _ counter: UInt16, in context: LabPlan.Context, first: UInt32, record: UInt32, features: UInt8
    ) throws {
        for unit in context.units where unit.counter == counter {
            let place = first + unit.label - context.labelBase
            var entry = writer.reader.labelEntries[Int(place)]
            entry.interface = UInt16(record)
            entry.features = features
            try writer.labels.setEntry(place, to: entry, sources: writer.reader.labelSources[Int(place)])
        }
        for pop in context.pops where pop.unit == counter {
            let place = first + pop.label - context.labelBase
            guard var entry = PopEntry(writer.reader.labelEntries[Int(place)]) else { continue }
            entry.interface = UInt16(record)
            try writer.labels.setEntry(place, to: entry.entry, sources: writer.reader.labelSources[Int(place)])
        }
    }
}
