import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables

extension ShowPorts: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> PortsResult {
        let (plan, dataplane) = (plane.plan, plane.dataplane)
        let ports = plan.ports.sorted { $0.value.name < $1.value.name }
        return PortsResult(
            takenAt: .now, ports: ports.map { dataplane.status(of: $0.value, index: $0.key, plan) })
    }
}

extension DataplaneLink {
    /// How a port of the plan is.
    func state(ofPort index: UInt16, _ plan: ForwardingPlan) -> PortState {
        guard let port = plan.ports[index] else { return .absent }
        guard !port.isShutdown else { return .shutdown }
        guard isAlive, let state = reader?.portStatus(Int(index))?.state else { return .absent }
        switch stile_port_state(state) {
        case STILE_PORT_UP: return .up
        case STILE_PORT_DOWN: return .down
        case STILE_PORT_FAILED: return .failed
        default: return .absent
        }
    }

    fileprivate func status(of port: PortPlan, index: UInt16, _ plan: ForwardingPlan) -> PortStatus {
        let status = reader?.portStatus(Int(index)) ?? stile_port_status()
        let driver = terminatedText(in: status.driver)
        let error = terminatedText(in: status.error)
        let state = state(ofPort: index, plan)
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
