import ControlProtocol

extension MetricsText {
    /// The ports with their devices' own counters.
    public mutating func write(_ result: PortsResult) {
        let ports = result.ports
        gauge(
            "stile_port_info", "A port's device, driver and state; always 1.",
            ports.map {
                MetricSample(
                    [
                        "port": $0.name, "device": $0.device, "driver": $0.driver, "state": $0.state.rawValue,
                        "mac_address": $0.macAddress?.description,
                    ], 1)
            })
        gauge(
            "stile_port_up", "Whether a port's link is up.",
            ports.map { MetricSample(["port": $0.name], $0.state == .up) })
        gauge(
            "stile_port_speed_bytes_per_second", "How fast a port's link is.",
            ports.compactMap { port in
                port.speedMegabitsPerSecond.map { MetricSample(["port": port.name], UInt64($0) * 125_000) }
            })
        gauge(
            "stile_port_mtu_bytes", "The largest IP packet of a port.",
            ports.map { MetricSample(["port": $0.name], $0.mtuBytes) })
        let counters: [(name: String, help: String, value: (PortStatus) -> UInt64)] = [
            ("receive_packets", "Frames that the device has received.", \.rxPackets),
            ("receive_bytes", "Octets that the device has received.", \.rxBytes),
            ("transmit_packets", "Frames that the device has sent.", \.txPackets),
            ("transmit_bytes", "Octets that the device has sent.", \.txBytes),
            ("receive_missed_packets", "Frames that the device dropped for want of a descriptor.", \.rxMissedPackets),
            ("receive_errors", "Frames that the device received with errors.", \.rxErrors),
            ("transmit_errors", "Frames that the device could not send.", \.txErrors),
        ]
        for (name, help, value) in counters {
            counter("stile_port_\(name)", help, ports.map { MetricSample(["port": $0.name], value($0)) })
        }
    }
}
