import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables
import Routing

extension ShowIsolation: PromptlyAnswered {
    /// Walks what the workers walk, label entries, VLAN slots, FIB entries and next hops, and compares the VRF numbers in
    /// them. The configuration is asked for one thing only: which VRFs take the packets that route maps give them.
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> IsolationResult {
        var walk = IsolationWalk(tables: plane.tables, plan: plane.plan, configuration: plane.configuration)
        walk.run()
        let links = LinkChecks(tables: plane.tables, plan: plane.plan, configuration: plane.configuration).all
        let told = ToldLabels(routing: plane.routing, index: plane.index).all
        walk.check(told)
        return IsolationResult(
            generation: plane.tables.writer.generation, links: links, vrfs: walk.reaches, tunnels: walk.tunnels,
            swaps: walk.swaps, validNowhere: told, entriesChecked: walk.entriesChecked, violations: walk.violations)
    }
}

/// One walk over the installed tables.
private struct IsolationWalk {
    let tables: InstalledTables
    let plan: ForwardingPlan
    let configuration: Configuration
    /// The interface records by which packets enter the VRF that is walked.
    private var entranceRecords: Set<UInt32> = []
    /// The labels that are valid, by their entries.
    private let bindings: [UInt32: LabelBinding]
    private(set) var entriesChecked: UInt64 = 0
    private(set) var violations: [IsolationViolation] = []
    private(set) var reaches: [VRFReach] = []
    private(set) var tunnels: [TunnelEntrance] = []
    private(set) var swaps: [LabelSwapDoor] = []
    private var reader: TablesReader { tables.writer.reader }
    private let names: [UInt16: String]

    init(tables: InstalledTables, plan: ForwardingPlan, configuration: Configuration) {
        self.tables = tables
        self.plan = plan
        self.configuration = configuration
        names = plan.vrfNames
        bindings = tables.labels.bindingsByEntry
    }

    mutating func run() {
        for (name, vrf) in plan.vrfs.sorted(by: { $0.key < $1.key }) {
            entranceRecords = []
            let entrances = circuitEntrances(name, vrf) + labelEntrances(name, vrf)
            let exits = exits(name, vrf)
            reaches.append(
                VRFReach(
                    vrf: name, entrances: entrances, exits: exits, policyRouteTargets: policyRouteTargets(name, vrf)))
        }
        findTunnels()
        findSwaps()
    }

    /// The labels that are swapped, on all NNIs and in the core, whose interfaces have one table.
    private mutating func findSwaps() {
        for (place, table) in tables.interfaces.labelTables.sorted(by: { $0.key < $1.key }) {
            for offset in 0..<table.count {
                let entry = reader.labelEntries[Int(table.first &+ offset)]
                guard let label = MPLSLabel(rawValue: table.base &+ offset) else { continue }
                if let swap = SwapEntry(entry) {
                    entriesChecked += 1
                    add(swap, label, at: place, bindings[table.first &+ offset])
                } else if let replicate = ReplicateEntry(entry) {
                    entriesChecked += 1
                    for member in reader.replicationMembers(replicate.list) {
                        let copy = SwapEntry(
                            nextHop: member.nextHop, depth: replicate.depth, mayTransit: member.mayBeOnSameSide,
                            isBySource: replicate.isBySource)
                        add(copy, label, at: place, bindings[table.first &+ offset], isCopy: true)
                    }
                }
            }
        }
    }

    /// What is said to be valid nowhere leads nowhere, on whichever interface.
    mutating func check(_ told: [ToldLabel]) {
        let validity = STILE_FLAG_VALID.rawValue | STILE_FLAG_BY_SOURCE.rawValue
        for label in told {
            for (place, table) in tables.interfaces.labelTables.sorted(by: { $0.key < $1.key }) {
                guard let index = table.index(of: label.label) else { continue }
                entriesChecked += 1
                let entry = reader.labelEntries[Int(index)]
                let leadsIntoVRF = UInt32(entry.flags) & validity != 0
                guard leadsIntoVRF || SwapEntry(entry).map({ $0.nextHop != 0 }) == true else { continue }
                add(
                    label.vrf, other: leadsIntoVRF ? names[entry.vrf] : nil, entry: "label \(label.label) on \(place)",
                    "it is told to \(label.neighbor) as one that is valid nowhere")
            }
        }
    }

    /// - Parameter isCopy: whether the label leads to others besides.
    private mutating func add(
        _ swap: SwapEntry, _ label: MPLSLabel, at place: String, _ binding: LabelBinding?, isCopy: Bool = false
    ) {
        let nextHop = reader.nextHop(swap.nextHop)
        // What was withdrawn is no door.
        guard binding != nil || isCopy || nextHop.rawValue != 0 else { return }
        var target: SwapTarget?
        if case .swap(let known)? = tables.nextHops.key(of: swap.nextHop) { target = known }
        let egress = nextHop.isSwap ? target?.place : nil
        swaps.append(
            LabelSwapDoor(
                nni: place, label: label, vrf: binding?.vrf, labelsBelow: Int(swap.depth),
                allowsFewerLabels: swap.options.contains(.upTo), allowsEntropyLabel: swap.options.contains(.entropy),
                payload: SwappedPayload(swap),
                neighbor: binding?.neighbor.address,
                egress: egress, nextHop: target?.address,
                egressLabel: nextHop.isSwap && nextHop.label != STILE_LABEL_NONE
                    ? MPLSLabel(rawValue: nextHop.label) : nil,
                outerEgressLabel: tables.links.key(of: nextHop.link)?.outer, isCopy: isCopy))
        guard nextHop.rawValue != 0 else { return }
        let entry = "label \(label) on \(place)"
        guard nextHop.isSwap, let record = reader.egress(of: nextHop), record.vrf == 0 else {
            add("-", other: names[reader.egress(of: nextHop)?.vrf ?? 0], entry: entry, "it is swapped into a VRF")
            return
        }
        // A customer carrier's circuit has packets of its own VRF alone.
        let circuits = [place, target?.place].compactMap { $0 }.compactMap { plan.interfaces[$0]?.vrf }
        if let other = circuits.first(where: { $0 != binding?.vrf }) {
            add(binding?.vrf ?? "-", other: other, entry: entry, "it leads from or to a circuit of another VRF")
        }
        // The pipeline drops such packets; that they could get so far is wrong all the same.
        let isToCore = record.kind == UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
        let isFromCore = place == ForwardingPlan.coreName
        if isToCore, isFromCore {
            if !isCopy || !swap.mayTransit {
                add("-", other: nil, entry: entry, "it leads from the core back there")
            }
        } else if !isToCore, !isFromCore, !swap.mayTransit {
            add("-", other: nil, entry: entry, "it leads from NNI to NNI and was not given for that")
        }
    }

    /// From whom MPLS over UDP is taken: the core's interfaces have the same.
    private mutating func findTunnels() {
        var found: Set<TunnelEntrance> = []
        for record in tables.interfaces.records.values {
            let interface = reader.interfaces[Int(record.index)]
            guard interface.kind == UInt8(STILE_INTERFACE_CORE.rawValue) else { continue }
            for position in 0..<Int(interface.local_count) {
                let service = reader.localServices[Int(interface.local_first) + position]
                guard let entrance = TunnelEntrance(service) else { continue }
                entriesChecked += 1
                found.insert(entrance)
            }
        }
        tunnels = found.sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }

    /// Circuits whose frames the VLAN slots lead to this VRF.
    private mutating func circuitEntrances(_ name: String, _ vrf: VRFPlan) -> [VRFDoor] {
        var doors: [VRFDoor] = []
        for index in tables.interfaces.positions.values {
            let record = reader.interfaces[Int(index)]
            guard record.vrf == vrf.number.rawValue else { continue }
            entriesChecked += 1
            entranceRecords.insert(index)
            let interface = plan.interface(numbered: InterfaceNumber(rawValue: record.counter))
            doors.append(VRFDoor(interface: interface?.name ?? "", prefixes: 0))
            if record.kind != UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue) || interface?.vrf != name {
                add(name, other: interface?.vrf, entry: "interface record \(index)", "frames enter the VRF by it")
            }
        }
        return doors.sorted { $0.interface < $1.interface }
    }

    /// Labels of all NNIs and core interfaces that lead to this VRF.
    private mutating func labelEntrances(_ name: String, _ vrf: VRFPlan) -> [VRFDoor] {
        var doors: [VRFDoor] = []
        for (nni, record) in tables.interfaces.records {
            let interface = reader.interfaces[Int(record.index)]
            let isOfCore = interface.kind == UInt8(STILE_INTERFACE_CORE.rawValue)
            guard isOfCore || interface.kind == UInt8(STILE_INTERFACE_NNI.rawValue) else { continue }
            for place in LabelsOfInterface(interface, reader).all {
                let entry = reader.labelEntries[Int(place.entry)]
                let label = MPLSLabel(rawValue: place.label)
                if let pop = PopEntry(entry) {
                    let unit = reader.interfaces[Int(pop.interface)]
                    guard unit.vrf == vrf.number.rawValue else { continue }
                    let subject = bindings[place.entry]?.owner.subject.part
                    doors.append(
                        VRFDoor(
                            interface: plan.names[unit.counter] ?? nni, label: label, prefixes: 0,
                            subject: subject, way: way(of: pop)))
                    check(pop, unit, label: "label \(place.text) on \(nni)", vrf: name, interface)
                    continue
                }
                let validity = STILE_FLAG_VALID.rawValue | STILE_FLAG_BY_SOURCE.rawValue
                guard UInt32(entry.flags) & validity != 0, SwapEntry(entry) == nil, entry.vrf == vrf.number.rawValue
                else {
                    continue
                }
                entriesChecked += 1
                entranceRecords.insert(UInt32(entry.interface))
                doors.append(
                    VRFDoor(
                        interface: plan.names[entry.counter] ?? nni, label: label, prefixes: 0,
                        subject: bindings[place.entry]?.owner.subject.part))
                let unit = reader.interfaces[Int(entry.interface)]
                let isUnitHere =
                    isOfCore
                    ? unit.kind == UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
                        && UInt32(entry.flags) & STILE_FLAG_TRANSIT.rawValue == 0
                    : unit.kind == UInt8(STILE_INTERFACE_UNIT.rawValue) && unit.nni_counter == interface.counter
                if unit.vrf != entry.vrf || !isUnitHere {
                    add(
                        name, other: names[unit.vrf], entry: "label \(place.text) on \(nni)",
                        "its unit belongs to another VRF or NNI")
                }
            }
        }
        return doors.sorted { ($0.interface, $0.label?.rawValue ?? 0) < ($1.interface, $1.label?.rawValue ?? 0) }
    }

    /// Where a label leads that has its packets' next hop; `nil`: nowhere now.
    private func way(of pop: PopEntry) -> String? {
        guard let egress = reader.egress(of: reader.nextHop(pop.nextHop)) else { return nil }
        let label = reader.nextHop(pop.nextHop)
        let interface = plan.names[egress.counter] ?? ""
        return label.isLabelled ? "\(interface) with label \(label.label)" : interface
    }

    /// A label's packets leave by its next hop without a lookup: that is the VRF's own, and may be left by from where they came.
    private mutating func check(
        _ pop: PopEntry, _ unit: stile_interface, label: String, vrf name: String, _ interface: stile_interface
    ) {
        entriesChecked += 1
        entranceRecords.insert(UInt32(pop.interface))
        let isOfCore = interface.kind == UInt8(STILE_INTERFACE_CORE.rawValue)
        let isUnitHere =
            isOfCore
            ? unit.kind == UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
            : unit.kind == UInt8(STILE_INTERFACE_UNIT.rawValue) && unit.nni_counter == interface.counter
        if !isUnitHere { add(name, other: nil, entry: label, "its unit belongs to another NNI") }
        let nextHop = reader.nextHop(pop.nextHop)
        guard nextHop.rawValue != 0 else { return }
        // The pipeline drops such packets; that they could get so far is wrong all the same.
        let owner = owner(of: nextHop)
        if owner != unit.vrf { add(name, other: names[owner], entry: label, "its next hop belongs to another VRF") }
        guard let egress = reader.egress(of: nextHop),
            nextHop.isLabelled || UInt32(egress.egress_features) & STILE_EGRESS_TO_OPERATOR.rawValue != 0
        else { return }
        let isToCore = egress.kind == UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
        let mayTransit = UInt32(pop.flags) & STILE_FLAG_TRANSIT.rawValue != 0
        if isOfCore, isToCore {
            add(name, other: nil, entry: label, "it leads from the core back there")
        } else if !isOfCore, !isToCore || nextHop.isMarked, !mayTransit {
            add(name, other: nil, entry: label, "it leads from NNI to NNI without transit")
        }
    }

    /// Interfaces and labels that routes of this VRF lead to.
    private mutating func exits(_ name: String, _ vrf: VRFPlan) -> [VRFDoor] {
        var prefixes: [UInt32: (count: Int, example: IPPrefix)] = [:]
        tables.writer.routes.forEach(vrf: vrf.number.rawValue) { prefix, nextHop in
            prefixes[nextHop] = (prefixes[nextHop, default: (0, prefix)].count + 1, prefix)
        }
        var doors: [String: VRFDoor] = [:]
        for (number, use) in prefixes {
            entriesChecked += UInt64(use.count)
            let nextHop = reader.nextHop(number)
            let owner = owner(of: nextHop)
            // The pipeline drops such a packet; that it could get so far is wrong all the same.
            if owner != vrf.number.rawValue {
                add(
                    name, other: names[owner], prefix: use.example, entry: "next hop \(number)",
                    "it belongs to another VRF")
            }
            guard nextHop.isGroup else {
                add(nextHop, use.count, to: &doors)
                continue
            }
            for member in reader.members(of: nextHop) {
                let owner = self.owner(of: member)
                if owner != vrf.number.rawValue {
                    add(
                        name, other: names[owner], prefix: use.example, entry: "next hop \(number)",
                        "one of its members belongs to another VRF")
                }
                add(member, use.count, to: &doors)
            }
        }
        return doors.sorted { $0.key < $1.key }.map(\.value)
    }

    private func add(_ nextHop: NextHop, _ prefixes: Int, to doors: inout [String: VRFDoor]) {
        guard let egress = reader.egress(of: nextHop) else { return }
        let interface = plan.names[egress.counter] ?? ""
        let label = nextHop.isLabelled ? MPLSLabel(rawValue: nextHop.label) : nil
        let key = "\(interface) \(label?.description ?? "")"
        doors[key] = VRFDoor(interface: interface, label: label, prefixes: (doors[key]?.prefixes ?? 0) + prefixes)
    }

    /// The number of the VRF whose packets may use a next hop.
    private func owner(of nextHop: NextHop) -> UInt16 {
        reader.egress(of: nextHop)?.vrf ?? nextHop.interface
    }

    /// The VRFs that route maps give packets of this one to. Their next hops are this VRF's own.
    private mutating func policyRouteTargets(_ name: String, _ vrf: VRFPlan) -> [String] {
        var targets: Set<String> = []
        for index in entranceRecords {
            let interface = reader.interfaces[Int(index)]
            guard interface.services != 0 else { continue }
            let services = reader.services[Int(interface.services)]
            for number in services.route_maps_out.entries {
                entriesChecked += 1
                check(nextHopsOf: reader.routeMapEntries[Int(number)], number, vrf: name, vrf)
            }
            for number in services.route_maps_in.entries {
                entriesChecked += 1
                let entry = reader.routeMapEntries[Int(number)]
                check(nextHopsOf: entry, number, vrf: name, vrf)
                guard UInt32(entry.action) == STILE_ROUTE_MAP_VRF.rawValue, entry.vrf != vrf.number.rawValue else {
                    continue
                }
                let target = names[entry.vrf]
                if let target { targets.insert(target) }
                if target.map({ configuration.allowsPolicyRoute(to: $0, from: name) }) != true {
                    add(
                        name, other: target, entry: "route map entry \(number)",
                        "it gives packets to a VRF that does not allow it")
                }
            }
        }
        return targets.sorted()
    }

    private mutating func check(
        nextHopsOf entry: stile_route_map_entry, _ number: UInt32, vrf name: String, _ vrf: VRFPlan
    ) {
        let nextHops = withUnsafeBytes(of: entry.next_hops) { Array($0.bindMemory(to: UInt32.self)) }
        for nextHop in nextHops.prefix(Int(entry.next_hop_count)) {
            // Number 0 stands for a neighbor that has no port now.
            let owner = owner(of: reader.nextHop(nextHop))
            guard nextHop != 0, owner != vrf.number.rawValue else { continue }
            add(
                name, other: names[owner], entry: "route map entry \(number)",
                "its next hop belongs to another VRF")
        }
    }

    private mutating func add(
        _ vrf: String, other: String?, prefix: IPPrefix? = nil, entry: String, _ message: String
    ) {
        violations.append(
            IsolationViolation(vrf: vrf, otherVrf: other, prefix: prefix, entry: entry, message: message))
    }
}

extension stile_route_maps {
    /// The entries, by their indexes in the tables.
    fileprivate var entries: [UInt32] {
        Array(ipv4_first..<ipv4_first + UInt32(ipv4_count)) + Array(ipv6_first..<ipv6_first + UInt32(ipv6_count))
    }
}

extension TunnelEntrance {
    /// `nil`: the service is no tunnel, or has no addresses of its family.
    fileprivate init?(_ service: stile_local_service) {
        let isIPv4 = service.family == 4
        let use = UInt32(service.use)
        guard use == STILE_SERVICE_TUNNEL.rawValue || use == STILE_SERVICE_TUNNEL_WITHOUT_CHECKSUM.rawValue,
            let remote = Self.address(octets(of: service.remote), isIPv4: isIPv4),
            let local = Self.address(octets(of: service.local), isIPv4: isIPv4),
            let prefix = IPPrefix(covering: remote, length: Int(service.remote_bits))
        else { return nil }
        let needsChecksum = !isIPv4 && use == STILE_SERVICE_TUNNEL.rawValue
        self.init(from: prefix, to: local, needsChecksum: needsChecksum)
    }

    private static func address(_ octets: [UInt8], isIPv4: Bool) -> IPAddress? {
        isIPv4
            ? .ipv4(IPv4Address(octets[0], octets[1], octets[2], octets[3]))
            : IPv6Address(octets: octets).map { .ipv6($0) }
    }
}
