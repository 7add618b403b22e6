import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables

/// How many interfaces are read in one turn of the event loop.
let interfacesAtOnce = 500

extension ShowInterfaces: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> InterfacesResult {
        let (plan, takenAt) = await plane.planNow
        var statuses: [InterfaceStatus] = []
        for portion in try plan.interfaces(named: interface).portions(of: interfacesAtOnce) {
            statuses += await plane.statuses(of: portion)
        }
        return InterfacesResult(takenAt: takenAt, interfaces: statuses)
    }
}

extension ControlPlane {
    /// What a long answer begins with.
    var planNow: (ForwardingPlan, Timestamp) { (plan, .now) }

    fileprivate func statuses(of interfaces: ArraySlice<InterfacePlan>) -> [InterfaceStatus] {
        let table = InterfaceTable(
            configuration: configuration, plan: plan, tables: tables, counters: operatorCounters.shown,
            dataplane: dataplane)
        return interfaces.map(table.status)
    }
}

/// What interfaces are and do now.
private struct InterfaceTable {
    let configuration: Configuration
    let plan: ForwardingPlan
    let tables: InstalledTables
    let counters: ShownCounters
    let dataplane: DataplaneLink

    func status(of interface: InterfacePlan) -> InterfaceStatus {
        let numbers = counters.counters(ofInterface: interface.number.rawValue)
        let configured = InterfaceName(interface.name).flatMap { configuration.interfaces[$0] }
        let kind: InterfaceStatus.Kind
        var nni: String?
        var isImplied = false
        switch interface.kind {
        case .attachmentCircuit: kind = .attachmentCircuit
        case .nni: kind = .nni
        case .core: kind = .core
        case .coreUnit(let implied): (kind, nni, isImplied) = (.unit, ForwardingPlan.coreName, implied)
        case .unit(let of, let implied): (kind, nni, isImplied) = (.unit, of, implied)
        }
        return InterfaceStatus(
            name: interface.name, number: Int(interface.number.rawValue), kind: kind,
            description: configured?.description,
            port: interface.isCoreUnit ? "" : plan.ports[interface.port]?.name.description ?? "",
            portState: interface.isShutdown ? .shutdown : state(of: interface),
            encapsulation: interface.isUnit ? "label" : Self.encapsulationText(interface.encapsulation),
            vrf: interface.vrf,
            nni: nni, isImplied: isImplied, addresses: interface.addresses, macAddress: interface.hardwareAddress,
            mtuBytes: Int(interface.mtu), rxPackets: numbers.rxPackets, rxBytes: numbers.rxBytes,
            txPackets: numbers.txPackets, txBytes: numbers.txBytes,
            drops: counters.drops(counter: interface.number.rawValue, interface: interface.name).map {
                DropCount(reason: $0.reason, dropClass: $0.dropClass, packets: $0.packets)
            }, services: services(of: interface))
    }

    /// A core unit has the state of the best of the core's interfaces.
    private func state(of interface: InterfacePlan) -> PortState {
        guard interface.isCoreUnit else { return dataplane.state(ofPort: interface.port, plan) }
        let states = plan.coreInterfaces.compactMap { plan.interfaces[$0] }.map {
            $0.isShutdown ? .shutdown : dataplane.state(ofPort: $0.port, plan)
        }
        return states.contains(.up) ? .up : states.first ?? .absent
    }

    private static func encapsulationText(_ encapsulation: VLANEncapsulation) -> String {
        switch encapsulation {
        case .untagged: "untagged"
        case .dot1q(let identifier): "dot1q \(identifier)"
        case .qinq(let outer, let inner): "dot1q \(outer) second-dot1q \(inner)"
        }
    }

    /// The services of an interface as the tables have them; of an NNI those that its implied units share.
    private func services(of interface: InterfacePlan) -> InterfaceServices? {
        var owner = interface.name
        if case .unit(let nni, isImplied: true) = interface.kind { owner = nni }
        guard let configured = InterfaceName(owner).flatMap({ configuration.interfaces[$0] }) else { return nil }
        let groups = configured.accessGroups
        let checks = interface.services.sourceChecks
        let records = tables.services.records
        let isRefused =
            interface.services.refusesAll
            || records.place(of: interface).map { $0.index != 0 && $0.index == records.refusing } ?? true
        let services = InterfaceServices(
            attachedTo: owner, sourceCheckIpv4: checks[.ipv4].flatMap(Self.text),
            sourceCheckIpv6: checks[.ipv6].flatMap(Self.text), accessListInIpv4: groups.ipv4Input,
            accessListInIpv6: groups.ipv6Input, accessListOutIpv4: groups.ipv4Output,
            accessListOutIpv6: groups.ipv6Output, policyIn: configured.inputPolicy, policyOut: configured.outputPolicy,
            routeMapIpv4: configured.routeMaps[AttachmentPlace(.ipv4, .input)],
            routeMapIpv6: configured.routeMaps[AttachmentPlace(.ipv6, .input)],
            routeMapOutIpv4: configured.routeMaps[AttachmentPlace(.ipv4, .output)],
            routeMapOutIpv6: configured.routeMaps[AttachmentPlace(.ipv6, .output)],
            isRefused: isRefused)
        return services == InterfaceServices(attachedTo: owner) ? nil : services
    }

    private static func text(_ check: SourceCheckPlan) -> String? {
        let mode: String
        switch UInt32(check.mode) {
        case STILE_SOURCE_CHECK_STRICT.rawValue: mode = "strict"
        case STILE_SOURCE_CHECK_LOOSE.rawValue: mode = "loose"
        case STILE_SOURCE_CHECK_FEASIBLE.rawValue: mode = "feasible"
        default: return nil
        }
        return check.allowsDefault ? "\(mode) allow-default" : mode
    }
}
