import Addressing
import Configuration
import ControlProtocol
import ForwardingTables
import Routing

/// What the installed tables let in by each link: circuits, NNIs, and the core as one.
struct LinkChecks {
    let tables: InstalledTables
    let plan: ForwardingPlan
    let configuration: Configuration

    /// In the order of the names, the core last.
    var all: [LinkCheck] {
        var neighbors: [String: [IPAddress]] = [:]
        for (peer, interface) in plan.interfaceOfPeer { neighbors[interface, default: []].append(peer.address) }
        for interface in neighbors.keys { neighbors[interface]?.sort() }
        let options = self.options
        let labels = self.labels
        var checks: [LinkCheck] = []
        for (name, interface) in plan.interfaces.sorted(by: { $0.key < $1.key })
        where tables.interfaces.records[name] != nil {
            switch interface.kind {
            case .attachmentCircuit:
                checks.append(circuit(interface, neighbors[name] ?? [], labels[name] ?? []))
            case .nni:
                guard let option = options[name] else { continue }
                let ofNNI = labels[name] ?? []
                let unchecked = self.unchecked(of: interface, ofNNI)
                checks.append(link(name, option.rawValue, neighbors[name] ?? [], ofNNI, unchecked))
            case .unit, .core, .coreUnit: continue
            }
        }
        guard plan.coreInterfaces.contains(where: { tables.interfaces.records[$0] != nil }) else { return checks }
        let core = ForwardingPlan.coreName
        let ofCore = labels[core] ?? []
        let unchecked = [UncheckedProperty(.sendersRouter)] + swapped(ofCore) + sources(ofCore, at: core)
        return checks + [link(core, core, [], ofCore, unchecked)]
    }

    private func link(
        _ name: String, _ kind: String, _ neighbors: [IPAddress], _ labels: [LinkLabels],
        _ unchecked: [UncheckedProperty]
    ) -> LinkCheck {
        LinkCheck(
            interface: name, kind: kind, neighbors: neighbors, labels: labels,
            deepestStack: deepestStack(labels), unchecked: unchecked)
    }

    private func deepestStack(_ labels: [LinkLabels]) -> Int {
        labels.map { $0.labelsBelow + ($0.allowsEntropyLabel ? 3 : 1) + ($0.space == nil ? 0 : 1) }.max() ?? 0
    }

    private func circuit(_ interface: InterfacePlan, _ neighbors: [IPAddress], _ labels: [LinkLabels]) -> LinkCheck {
        let vrf = interface.vrf ?? ""
        let sender =
            interface.senders == nil && !labels.isEmpty ? [UncheckedProperty(.sendersAddress)] : []
        return LinkCheck(
            interface: interface.name, kind: interface.isCarrierCircuit ? "csc" : "circuit", vrf: vrf,
            neighbors: neighbors, labels: labels, deepestStack: deepestStack(labels),
            unchecked: [UncheckedProperty(.farEndSeparation)]
                + (labels.isEmpty ? [] : [UncheckedProperty(.labelBelow)]) + sender + sources(of: [(vrf, interface)]))
    }

    private func unchecked(of interface: InterfacePlan, _ labels: [LinkLabels]) -> [UncheckedProperty] {
        var unchecked: [UncheckedProperty] = []
        let vrfs = labels.compactMap(\.vrf)
        if !vrfs.isEmpty { unchecked.append(UncheckedProperty(.farEndSeparation, vrfs: vrfs)) }
        unchecked += swapped(labels) + sources(labels, at: interface.name)
        let guessed = Set(vrfs.filter { configuration.vrfs[$0]?.commonLabel != nil }).sorted()
        if !guessed.isEmpty { unchecked.append(UncheckedProperty(.commonLabel, vrfs: guessed)) }
        if interface.senders == nil, !labels.isEmpty { unchecked.append(UncheckedProperty(.sendersAddress)) }
        return unchecked
    }

    /// What is not known of packets that go on without a VRF.
    private func swapped(_ labels: [LinkLabels]) -> [UncheckedProperty] {
        let swapped = labels.filter { $0.vrf == nil }
        let isCustomers = swapped.contains { $0.labelsBelow == 0 && $0.payload != .sessions }
        return (isCustomers ? [UncheckedProperty(.customer)] : [])
            + (swapped.contains { $0.labelsBelow > 0 } ? [UncheckedProperty(.labelBelow)] : [])
    }

    /// What is not asked of the sources of those VRFs' packets that have labels in a place.
    private func sources(_ labels: [LinkLabels], at place: String) -> [UncheckedProperty] {
        sources(of: labels.compactMap(\.vrf).map { ($0, plan.unit(nni: place, vrf: $0)) })
    }

    /// By family, of VRFs with the interface or unit by which their packets come in.
    private func sources(of entrances: [(vrf: String, interface: InterfacePlan?)]) -> [UncheckedProperty] {
        AddressFamily.allCases.compactMap { family in
            let vrfs = entrances.filter { vrf, interface in
                plan.vrfs[vrf]?.families.contains(family) == true
                    && (interface?.services.sourceChecks[family]?.mode ?? 0) == 0
            }.map(\.vrf)
            guard !vrfs.isEmpty else { return nil }
            return UncheckedProperty(family == .ipv4 ? .ipv4Sources : .ipv6Sources, vrfs: vrfs)
        }
    }

    private var options: [String: NNIOption] {
        var options: [String: NNIOption] = [:]
        for interface in configuration.interfacesInOrder {
            if case .nni(let nni) = interface.kind { options[interface.name.description] = nni.option }
        }
        return options
    }

    /// The labels of each place that lead somewhere: those into VRFs first, by name.
    private var labels: [String: [LinkLabels]] {
        let bindings = tables.labels.bindingsByEntry
        var labels: [String: [LinkLabels]] = [:]
        for (place, table) in tables.interfaces.labelTables {
            var found: [Meaning: [MPLSLabel]] = [:]
            for offset in 0..<table.count {
                let index = table.first &+ offset
                guard let label = MPLSLabel(rawValue: table.base &+ offset),
                    let meaning = meaning(of: index, bindings[index])
                else { continue }
                found[meaning, default: []].append(label)
            }
            for (space, installed) in tables.labels.spaces where space.nni == place {
                for binding in installed.labels {
                    guard let vrf = binding.vrf else { continue }
                    found[Meaning(vrf: vrf, labelsBelow: 0, space: space.context), default: []].append(binding.label)
                }
            }
            labels[place] = found.sorted { $0.key < $1.key }.map {
                LinkLabels(
                    vrf: $0.key.vrf, space: $0.key.space, labelsBelow: $0.key.labelsBelow,
                    allowsFewerLabels: $0.key.allowsFewerLabels, allowsEntropyLabel: $0.key.allowsEntropyLabel,
                    payload: $0.key.payload, labels: Set($0.value).sorted())
            }
        }
        return labels
    }

    private struct Meaning: Hashable, Comparable {
        let vrf: String?
        let labelsBelow: Int
        var allowsFewerLabels = false
        var allowsEntropyLabel = false
        var payload = SwappedPayload.ip
        /// The label above them.
        var space: MPLSLabel?

        static func < (a: Self, b: Self) -> Bool {
            switch (a.vrf, b.vrf) {
            case (let first?, let second?): (first, a.space?.rawValue ?? 0) < (second, b.space?.rawValue ?? 0)
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): a.order < b.order
            }
        }

        private var order: (Int, Int, Int, String) {
            (labelsBelow, allowsFewerLabels ? 1 : 0, allowsEntropyLabel ? 1 : 0, payload.rawValue)
        }
    }

    /// `nil`: a packet with the label is dropped.
    private func meaning(of index: UInt32, _ binding: LabelBinding?) -> Meaning? {
        let entry = tables.writer.reader.labelEntries[Int(index)]
        if let swap = SwapEntry(entry) {
            guard binding != nil || swap.nextHop != 0 else { return nil }
            return Meaning(
                vrf: nil, labelsBelow: Int(swap.depth), allowsFewerLabels: swap.options.contains(.upTo),
                allowsEntropyLabel: swap.options.contains(.entropy),
                payload: SwappedPayload(swap))
        }
        if let replicate = ReplicateEntry(entry) {
            return replicate.list == 0 ? nil : Meaning(vrf: nil, labelsBelow: Int(replicate.depth))
        }
        return binding.flatMap(\.vrf).map { Meaning(vrf: $0, labelsBelow: 0) }
    }
}

extension SwappedPayload {
    /// What a label's entry lets pass under it.
    init(_ swap: SwapEntry) {
        self =
            swap.options.contains(.frame)
            ? .ethernet : swap.options.contains(.sessions) ? .sessions : swap.options.contains(.ipv6) ? .ipv6 : .ip
    }
}
