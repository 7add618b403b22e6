import Addressing

/// Every port has a device, and no two ports the same.
struct PortCheck: ConfigurationCheck {
    private let ports: [PortName: PortDraft]
    private let damaged: Set<Mode>
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        ports = text.draft.ports
        damaged = text.draft.damaged
    }

    func check(_ configuration: inout Configuration) {
        var owners: [PortDevice: PortName] = [:]
        for (name, port) in ports.sorted(by: { $0.value.declared.line < $1.value.declared.line }) {
            report.record(.port(name), at: port.declared)
            guard let device = port.device else {
                if !damaged.contains(.port(name)) {
                    report(
                        .portWithoutDevice, "port \(name) has no device", at: port.declared,
                        hint: "add 'pci 0000:03:00.0' or 'device net_af_packet0,iface=veth0'")
                }
                continue
            }
            if let owner = owners[device.value] {
                report(.duplicateDevice, "port \(owner) has this device already", at: device.range)
            }
            owners[device.value] = name
            var result = Port(name: name, device: device.value)
            result.receiveQueues = port.receiveQueues?.value ?? 1
            result.mtuOctets = port.mtuOctets?.value
            result.macAddress = port.macAddress?.value
            configuration.ports[name] = result
        }
    }
}
