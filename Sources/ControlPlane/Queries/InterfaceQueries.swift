import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables
import Pipeline

extension ControlPlane {
    /// How many interfaces are read in one turn of the event loop.
    private static let interfacesAtOnce = 500

    /// `show.interfaces`.
    nonisolated func interfaces(_ query: InterfaceQuery) async throws(ControlError) -> InterfacesResult {
        let (plan, takenAt) = await planNow
        var statuses: [InterfaceStatus] = []
        for portion in try Self.selected(query, of: plan).portions(of: Self.interfacesAtOnce) {
            statuses += await self.statuses(of: portion)
        }
        return InterfacesResult(takenAt: takenAt, interfaces: statuses)
    }

    /// `show.drops`.
    nonisolated func drops(_ query: InterfaceQuery) async throws(ControlError) -> DropsResult {
        let (plan, takenAt) = await planNow
        // Counter 0 has what belongs to no interface and came by no port.
        var drops = query.interface == nil ? await self.drops(counter: 0, interface: "-") : []
        let ports = Self.selectedPorts(query, of: plan)
        var interfaces: [InterfacePlan] = []
        do throws(ControlError) {
            interfaces = try Self.selected(query, of: plan)
        } catch {
            // A port may have subinterfaces only.
            guard !ports.isEmpty else { throw error }
        }
        for portion in interfaces.portions(of: Self.interfacesAtOnce) { drops += await self.drops(of: portion) }
        // What came by a port and is of no interface.
        for port in ports { drops += await self.drops(counter: port.counter, interface: "port \(port.name)") }
        if query.interface == nil { drops += await counters.drops }
        return DropsResult(takenAt: takenAt, drops: drops)
    }

    private var planNow: (ForwardingPlan, Timestamp) { (plan, takenAt) }

    private func statuses(of interfaces: ArraySlice<InterfacePlan>) -> [InterfaceStatus] {
        interfaces.map(interfaceStatus)
    }

    private func drops(of interfaces: ArraySlice<InterfacePlan>) -> [InterfaceDrop] {
        interfaces.flatMap { drops(counter: $0.number, interface: $0.name) }
    }

    /// `show.ports`.
    func ports() -> PortsResult {
        let ports = plan.ports.sorted { $0.value.name < $1.value.name }
        return PortsResult(takenAt: takenAt, ports: ports.map { portStatus($0.value, index: $0.key) })
    }

    /// The plans of all ports with counters, in the order of their names, or of the one that is asked for.
    private static func selectedPorts(_ query: InterfaceQuery, of plan: ForwardingPlan) -> [PortPlan] {
        let ports = plan.ports.values.filter { $0.counter != 0 }.sorted { $0.name < $1.name }
        guard let wanted = query.interface else { return ports }
        return ports.filter { $0.name == PortName(wanted) }
    }

    /// The plans of all interfaces in the order of their names, or of the one that is asked for.
    private static func selected(
        _ query: InterfaceQuery, of plan: ForwardingPlan
    ) throws(ControlError) -> [InterfacePlan] {
        guard let wanted = query.interface else { return inOrder(plan.interfaces.values) }
        let name = InterfaceName(wanted)?.description ?? wanted
        guard let interface = plan.interfaces[name] else {
            throw ControlError(.noSuchObject, "there is no interface \(wanted)")
        }
        return [interface]
    }

    /// Configured names in their order, an NNI's implied units after it.
    private static func inOrder(_ plans: some Collection<InterfacePlan>) -> [InterfacePlan] {
        // The names are read once each, not for each comparison.
        let named = plans.map { (name: InterfaceName($0.name.prefix { $0 != " " }), plan: $0) }
        return named.sorted { first, second in
            guard let one = first.name, let other = second.name, one != other else {
                return first.plan.name < second.plan.name
            }
            return one < other
        }.map(\.plan)
    }

    private func interfaceStatus(_ interface: InterfacePlan) -> InterfaceStatus {
        let counters = self.counters(of: interface.number)
        let configured = InterfaceName(interface.name).flatMap { configuration.interfaces[$0] }
        let kind: InterfaceStatus.Kind
        var nni: String?
        var isImplied = false
        switch interface.kind {
        case .attachmentCircuit: kind = .attachmentCircuit
        case .nni: kind = .nni
        case .unit(let of, let implied): (kind, nni, isImplied) = (.unit, of, implied)
        }
        return InterfaceStatus(
            name: interface.name, kind: kind, description: configured?.description,
            port: plan.ports[interface.port]?.name.description ?? "",
            portState: interface.isShutdown ? .shutdown : portState(interface.port),
            encapsulation: interface.isUnit ? "label" : Self.encapsulationText(interface.encapsulation),
            vrf: interface.vrf,
            nni: nni, isImplied: isImplied, addresses: interface.addresses, macAddress: interface.hardwareAddress,
            mtuBytes: Int(interface.mtu), rxPackets: counters.rxPackets, rxBytes: counters.rxBytes,
            txPackets: counters.txPackets, txBytes: counters.txBytes,
            drops: drops(counter: interface.number, interface: interface.name).map {
                DropCount(reason: $0.reason, dropClass: $0.dropClass, packets: $0.packets)
            }, services: services(of: interface))
    }

    private static func encapsulationText(_ encapsulation: VLANEncapsulation) -> String {
        switch encapsulation {
        case .untagged: "untagged"
        case .dot1q(let identifier): "dot1q \(identifier)"
        case .qinq(let outer, let inner): "dot1q \(outer) second-dot1q \(inner)"
        }
    }

    /// An interface's counters over all workers; zeros without a data plane.
    func counters(of interface: UInt16) -> InterfaceCounters {
        dataplane.reader?.counters(Int(interface)) ?? InterfaceCounters()
    }

    private func drops(counter: UInt16, interface: String) -> [InterfaceDrop] {
        let counters = counters(of: counter)
        return DropReason.allCases.compactMap { reason in
            let packets = counters.drops[Int(reason.rawValue)]
            guard packets > 0 else { return nil }
            return InterfaceDrop(
                interface: interface, reason: reason.identifier, dropClass: DropClass(reason), packets: packets,
                help: reason.helpText)
        }
    }

    func portState(_ index: UInt16) -> PortState {
        guard let port = plan.ports[index] else { return .absent }
        guard !port.isShutdown else { return .shutdown }
        guard dataplane.isAlive, let state = dataplane.reader?.portStatus(Int(index))?.state else { return .absent }
        switch stile_port_state(state) {
        case STILE_PORT_UP: return .up
        case STILE_PORT_DOWN: return .down
        case STILE_PORT_FAILED: return .failed
        default: return .absent
        }
    }

    private func portStatus(_ port: PortPlan, index: UInt16) -> PortStatus {
        let status = dataplane.reader?.portStatus(Int(index)) ?? stile_port_status()
        let driver = terminatedText(in: status.driver)
        let error = terminatedText(in: status.error)
        let state = portState(index)
        return PortStatus(
            name: port.name.description, device: port.device, state: state,
            error: state == .failed && !error.isEmpty ? error : nil, driver: driver.isEmpty ? nil : driver,
            speedMegabitsPerSecond: status.speed_mbps == 0 ? nil : status.speed_mbps,
            macAddress: port.hardwareAddress, mtuBytes: Int(port.mtu), rxQueues: Int(status.rx_queues),
            txQueues: Int(status.tx_queues), rxPackets: status.rx_packets, rxBytes: status.rx_bytes,
            txPackets: status.tx_packets, txBytes: status.tx_bytes, rxMissedPackets: status.rx_missed,
            rxErrors: status.rx_errors, txErrors: status.tx_errors)
    }
}

extension Array {
    /// The elements, so many at a time.
    func portions(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}

extension DropClass {
    init(_ reason: DropReason) {
        switch reason.class {
        case .interfaceError: self = .interfaceError
        case .security: self = .security
        case .policy: self = .policy
        case .noRoute: self = .noRoute
        case .resources: self = .resources
        }
    }
}
