import ControlProtocol

extension MetricsText {
    /// Circuits, NNIs, units and core interfaces. A unit stands for one VRF on one NNI, and so for one label there: what its
    /// label has let in is what it has received.
    public mutating func write(_ result: InterfacesResult) {
        let interfaces = result.interfaces
        gauge(
            "stile_interface_info",
            "What an interface is, and its number in flow records; always 1. Of a unit: its NNI and its VRF.",
            interfaces.map {
                MetricSample(
                    [
                        "interface": $0.name, "number": "\($0.number)", "kind": $0.kind.rawValue, "vrf": $0.vrf,
                        "nni": $0.nni, "port": $0.port, "encapsulation": $0.encapsulation,
                        "description": $0.description,
                    ], 1)
            })
        gauge(
            "stile_interface_up", "Whether the port of an interface is up, and the interface is not shut down.",
            interfaces.map { MetricSample(["interface": $0.name, "vrf": $0.vrf], $0.portState == .up) })
        let counters: [(name: String, help: String, value: (InterfaceStatus) -> UInt64)] = [
            ("receive_packets", "Frames that an interface has received.", \.rxPackets),
            ("receive_bytes", "Octets of frames, without FCS, that an interface has received.", \.rxBytes),
            ("transmit_packets", "Frames that an interface has sent.", \.txPackets),
            ("transmit_bytes", "Octets of frames, without FCS, that an interface has sent.", \.txBytes),
        ]
        for (name, help, value) in counters {
            counter(
                "stile_interface_\(name)", help,
                interfaces.map { MetricSample(["interface": $0.name, "vrf": $0.vrf], value($0)) })
        }
    }
}
