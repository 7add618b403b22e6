import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables
import Pipeline
import Routing

extension ExplainPacket: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> ExplanationResult {
        try ExplainedTables(
            loaded: plane.loaded, plan: plane.plan, tables: plane.tables, policies: plane.attachedPolicies,
            routeMaps: plane.attachedRouteMaps, transports: plane.transports,
            toldLabels: ToldLabels(routing: plane.routing, index: plane.index)
        ).explanation(of: self)
    }
}

/// What the pipeline does with packets over the live tables, and from the tables' entries back to the configuration.
struct ExplainedTables {
    let loaded: LoadedConfiguration
    let plan: ForwardingPlan
    let tables: InstalledTables
    let policies: AttachedPolicies
    let routeMaps: AttachedRouteMaps
    let transports: CoreTransports
    let toldLabels: ToldLabels

    var configuration: Configuration { loaded.configuration }

    /// Runs the pipeline's own stages over the live tables.
    fileprivate func explanation(of query: ExplainPacket) throws(ControlError) -> ExplanationResult {
        let name = InterfaceName(query.interface)?.description ?? query.interface
        guard let interface = plan.interfaces[name] else {
            throw ControlError(.noSuchObject, "there is no interface \(query.interface)")
        }
        if interface.isCoreUnit {
            throw ControlError(
                .invalidParameters, "packets reach \(name) by label: say an interface of the core, and the label")
        }
        if let nni = interface.nniName {
            throw ControlError(
                .invalidParameters, "packets reach \(name) by label: say the NNI, \(nni), and the label")
        }
        guard interface.isInstallable else {
            throw ControlError(.refused, "interface \(name) is not in the tables: its port is absent or shut down")
        }
        // Where a label is valid from its neighbor's addresses alone, the packet is one that the neighbor sends.
        let sender = query.labels.first.flatMap { outermost in
            let inSpace =
                query.labels.count == 2 ? tables.labels.sources(of: query.labels[1], under: outermost, on: name) : nil
            return (inSpace ?? tables.labels.sources(of: outermost, under: nil, on: name))?.first
        }
        let tunnel = try tunnel(of: query)
        let explained = ExplainedFrame(query: query, interface: interface, sender: sender, tunnel: tunnel)
        guard let frame = explained.octets else {
            throw ControlError(
                .invalidParameters, "source and destination must be of one family and the length must fit the headers")
        }
        let explanation: Explanation
        do {
            explanation = try Explanation.of(
                frame: frame, arrivingOn: interface.port, tables: tables.writer.reader)
        } catch {
            throw ControlError(.invalidParameters, "the packet cannot be explained: \(error)")
        }
        return result(explanation, of: query)
    }

    /// What the packet is said to come by.
    private func tunnel(of query: ExplainPacket) throws(ControlError) -> UDPTunnel? {
        guard let source = query.tunnelSource else { return nil }
        guard let own = plan.core.loopbacks[source.family] else {
            throw ControlError(
                .invalidParameters, "no tunnel ends here: loopback0 has no address of the family of \(source)")
        }
        return UDPTunnel(source: source, destination: own, hasChecksum: source.family == .ipv6)
    }

    private func result(_ explanation: Explanation, of query: ExplainPacket) -> ExplanationResult {
        let steps = explanation.steps.map(step)
        let entries = explanation.steps.flatMap(\.entries)
        var vrf: String?
        let reader = tables.writer.reader
        var nextHop = NextHop.none
        var egress: stile_interface?
        for entry in entries {
            switch entry {
            case .vrf(let number): vrf = vrfName(number)
            case .nextHop(let number), .group(_, _, _, let number): nextHop = reader.nextHop(number)
            case .adjacency(_, let interface): egress = interface == 0 ? nil : reader.interfaces[Int(interface)]
            default: continue
            }
        }
        var reason: String?
        var dropClass: DropClass?
        var help: String?
        let verdict: ExplanationResult.Verdict
        switch explanation.verdict {
        case .drop(let dropped):
            (verdict, reason, dropClass, help) = (.dropped, dropped.identifier, DropClass(dropped), dropped.helpText)
            if dropped == .labelNotValidHere, let told = toldLabels.all.first(where: { $0.label == query.labels.last })
            {
                help = told.text
            }
        case .punt(let puntClass): (verdict, reason) = (.punted, puntClass.identifier)
        case .transmit, .fragmented, .replicated, .pending: verdict = .forwarded
        }
        // Copies leave by several, which the step says.
        let leaves = verdict == .forwarded && explanation.verdict != .replicated ? egress : nil
        return ExplanationResult(
            generation: tables.writer.generation, path: Self.path(explanation.path), steps: steps, verdict: verdict,
            reason: reason,
            dropClass: dropClass, help: help, icmpError: explanation.answer == nil ? nil : Self.icmpName(reason),
            vrf: vrf, egressInterface: leaves.flatMap(name(of:)),
            egressPort: leaves.flatMap { leaves in
                // A core unit has no port of its own.
                if case .transmit(let port) = explanation.verdict { return plan.ports[port]?.name.description }
                return plan.ports[leaves.port]?.name.description
            },
            egressLabel: leaves != nil
                && (nextHop.isLabelled || nextHop.isSwap && nextHop.label != STILE_LABEL_NONE)
                ? MPLSLabel(rawValue: nextHop.label) : nil,
            outerEgressLabel: leaves == nil ? nil : tables.links.key(of: nextHop.link)?.outer)
    }

    private static func path(_ path: Explanation.Path) -> ExplanationResult.Path {
        switch path {
        case .common: .common
        case .commonIngress: .commonIngress
        case .stages: .stages
        }
    }

    private static func icmpName(_ reason: String?) -> String {
        switch reason {
        case "label_ttl_expired", "ip_ttl_expired": "time exceeded"
        case "fragmentation_needed": "fragmentation needed"
        case "packet_too_big": "packet too big"
        default: "destination unreachable"
        }
    }

    private func step(_ step: Explanation.Step) -> ExplanationStep {
        let decision =
            switch step.decision {
            case .passed: "passed"
            case .dropped(let reason): "dropped: \(reason.identifier)"
            case .punted(let puntClass): "to the control process: \(puntClass.identifier)"
            case .transmitted(let port): "sent by \(plan.ports[port]?.name.description ?? "port \(port)")"
            case .fragmented: "sent in fragments"
            case .replicated(let ports):
                "copies sent by \(ports.map { plan.ports[$0]?.name.description ?? "port \($0)" }.joined(separator: ", "))"
            }
        let texts = step.entries.map(text)
        // What asks for a next hop, rather than the interface that it is on.
        let nextHops = step.entries.filter { if case .nextHop = $0 { true } else { false } }
        let lines = (step.entries.compactMap(location) + nextHops.compactMap(location)).map { "\($0.file):\($0.line)" }
        return ExplanationStep(
            stage: step.stage.identifier, decision: decision,
            entry: texts.isEmpty ? nil : texts.joined(separator: ", "), configurationLine: lines.last)
    }

    /// A table entry in words.
    private func text(_ entry: Explanation.Entry) -> String {
        switch entry {
        case .interface(let index):
            return "interface \(name(ofRecord: index) ?? "record \(index)")"
        case .labelEntry(let index):
            let label = tables.labels.label(ofEntry: index)
            guard let binding = label?.binding else {
                if let space = tables.labels.space(ofEntry: index) {
                    return "label \(space.context) on \(space.nni): names a label space"
                }
                return tables.labels.fixedLabel(ofEntry: index).map { "label \($0.label) on \($0.place): to several" }
                    ?? "label entry \(index)"
            }
            let sources = tables.labels.sources(of: binding.label, under: binding.context, on: binding.nni)?.map(
                \.description)
            let from = sources.map { ", from \($0.isEmpty ? "nobody yet" : $0.joined(separator: " and "))" } ?? ""
            let part = binding.owner.subject.part.map { ", \($0)" } ?? ""
            let subject = binding.vrf.map { "vrf \($0)\(part)" } ?? "\(binding.owner.subject)"
            return "label \(binding.label) on \(binding.nni): \(subject)\(from)"
        case .vrf(let number): return "vrf \(vrfName(number) ?? "\(number)")"
        case .nextHop(let number):
            return "next hop \(number)" + (tables.nextHops.key(of: number).map { ": \(text($0))" } ?? "")
        case .group(_, let origin, let bucket, let member):
            let from =
                switch origin {
                case .any: ""
                case .nni: " of what came in by an NNI"
                case .core: " of what came from the core"
                }
            return "the flow's hash is in bucket \(bucket)\(from), which has \(text(.nextHop(member)))"
        case .adjacency(let index, let interface):
            return "adjacency \(index) by \(name(ofRecord: UInt32(interface)) ?? "nothing")"
        case .accessRule(let index): return text(ofAccessRule: index)
        case .policyClass(let index): return text(ofPolicyClass: index)
        case .routeMapEntry(let index, let isWithoutNextHop):
            return text(ofRouteMapEntry: index) + (isWithoutNextHop ? ", no next hop is up" : "")
        }
    }

    private func text(_ key: NextHopKey) -> String {
        switch key {
        case .receive: "the box's own address"
        case .discard: "Null0"
        case .subnet(_, let circuit, _): "subnet of \(name(of: circuit))"
        case .gateway(let vrf, let circuit, let address, _):
            "\(address) on \(name(of: circuit))"
                + (neighbor(behind: address, inVRF: vrf).map { ", the far end of \($0) by optAB" } ?? "")
        case .overCore(_, let provider, let label, let isMarked):
            text(ofTransportTo: provider, [label]) + (isMarked ? ", of another border router's NNI" : "")
        case .labelled(_, let neighbor, let label, let outer):
            "\(neighbor) with label \(label)" + (outer.map { " under \($0)" } ?? "")
        case .group(_, let members): "one of \(members.map(text).joined(separator: " | "))"
        case .swap(let target):
            switch target.way {
            case .provider(let provider): text(ofTransportTo: provider, target.labels)
            case .neighbor: "\(target)"
            }
        }
    }

    /// Whether a static route or a customer's session may be what leads to an address in a VRF.
    private func isNextHopOtherwise(_ address: IPAddress, inVRF vrf: String) -> Bool {
        configuration.staticRoutes.contains { $0.vrf == vrf && $0.nextHop == .address(address) }
            || configuration.bgp?.session(with: NeighborName(vrf: vrf, address: address)) != nil
    }

    /// The Option AB neighbor whose far end in a VRF has an address; `nil`: there is none.
    private func neighbor(behind address: IPAddress, inVRF number: VRFNumber) -> IPAddress? {
        guard let vrf = vrfName(number.rawValue), !isNextHopOtherwise(address, inVRF: vrf) else { return nil }
        return configuration.vrfs[vrf]?.optionAB.filter { $0.value.values.contains(address) }.keys.min()
    }

    private func text(ofTransportTo provider: IPAddress, _ own: [MPLSLabel]) -> String {
        let label = own.last.map { "label \($0)" } ?? "no label of its own"
        switch transports.find(provider) {
        case .failure(let obstacle): return "\(provider) with \(label), and \(obstacle)"
        case .success(let transport):
            let labels = (transport.labels + own.dropLast()).map(\.description)
            let above = labels.isEmpty ? "" : " under \(labels.joined(separator: ", "))"
            let tunnel = transport.tunnel.map { " in UDP from \($0.source) to \($0.destination)" } ?? ""
            return "\(provider) with \(label)\(above)\(tunnel) by \(transport.router.address) on "
                + "\(name(of: transport.router.interface)) (\(transport.source))"
        }
    }

    private func name(of circuit: InterfaceNumber) -> String {
        plan.interface(numbered: circuit)?.name ?? "interface \(circuit)"
    }

    /// The configuration line that an entry comes from.
    private func location(_ entry: Explanation.Entry) -> SourceLocation? {
        switch entry {
        case .interface(let index):
            return location(ofInterface: name(ofRecord: index))
        case .labelEntry(let index):
            if let fixed = tables.labels.fixedLabel(ofEntry: index) {
                return loaded.sources[.multipointLabel(fixed.label)]
            }
            let label = tables.labels.label(ofEntry: index)
            return label.flatMap {
                location(
                    ofInterface: $0.installed.record?.name ?? $0.binding.nni)
            }
        case .vrf(let number): return vrfName(number).flatMap { loaded.sources[.vrf($0)] }
        case .nextHop(let number), .group(_, _, _, let number):
            switch tables.nextHops.key(of: number) {
            case .swap(let target):
                guard case .neighbor(let neighbor) = target.way else { return nil }
                return loaded.sources[.neighbor(NeighborName(address: neighbor.address))]
            case .labelled(_, let neighbor, _, _):
                return loaded.sources[.neighbor(NeighborName(address: neighbor.address))]
            case .subnet(_, let circuit, _): return location(ofInterface: name(of: circuit))
            case .gateway(let number, let circuit, let address, _):
                guard let vrf = vrfName(number.rawValue) else { return nil }
                let circuit = name(of: circuit)
                let route = configuration.staticRoutes.first {
                    guard $0.vrf == vrf else { return false }
                    if case .onLink(let interface, let nextHop) = $0.nextHop {
                        return interface.description == circuit && .ipv6(nextHop) == address
                    }
                    return $0.nextHop == .address(address)
                }
                if let route {
                    return loaded.sources[.staticRoute(vrf: vrf, prefix: route.prefix, nextHop: route.nextHop)]
                }
                return neighbor(behind: address, inVRF: number).flatMap {
                    loaded.sources[.optionAB(vrf: vrf, neighbor: $0)]
                }
            default: return nil
            }
        case .adjacency(_, let interface):
            return location(ofInterface: name(ofRecord: UInt32(interface)))
        case .accessRule(let index): return location(ofAccessRule: index)
        case .policyClass(let index): return location(ofPolicyClass: index)
        case .routeMapEntry(let index, _): return location(ofRouteMapEntry: index)
        }
    }

    /// The interface of a record in the tables; record 0 is none's.
    private func name(ofRecord index: UInt32) -> String? {
        let record = tables.writer.reader.interfaces[Int(index)]
        return name(of: record)
    }

    /// What is swapped into the core leaves by a unit of no VRF.
    private func name(of record: stile_interface) -> String? {
        let isOfCore = record.counter == 0 && record.kind == UInt8(STILE_INTERFACE_CORE_UNIT.rawValue)
        return isOfCore ? ForwardingPlan.coreName : plan.names[record.counter]
    }

    /// An implied unit comes from its VRF's definition.
    private func location(ofInterface name: String?) -> SourceLocation? {
        guard let name, let interface = plan.interfaces[name] else { return nil }
        switch interface.kind {
        case .unit(_, isImplied: true), .coreUnit(isImplied: true):
            return interface.vrf.flatMap { loaded.sources[.vrf($0)] }
        case .attachmentCircuit, .nni, .unit, .core, .coreUnit:
            return InterfaceName(name).flatMap { loaded.sources[.interface($0)] }
        }
    }

    private func vrfName(_ number: UInt16) -> String? { plan.vrfNames[number] }
}
