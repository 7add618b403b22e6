import Addressing

/// The box's counters are for its own operator: no customer and no other operator is to reach where they are shown.
struct MetricsCheck: ConfigurationCheck {
    private let metrics: Located<MetricsDraft>?
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        metrics = text.draft.metrics
        interfaces = text.interfaces
    }

    func check(_ configuration: inout Configuration) {
        switch metrics?.value {
        case nil: return
        case .off: configuration.metrics = nil
        case .listen(let address, let port):
            check(address)
            var settings = MetricsSettings()
            settings.address = address.value
            settings.port = port
            configuration.metrics = settings
        }
    }

    private func check(_ address: Located<IPAddress>) {
        guard address.value.isOneUnicastAddress else {
            return report(
                .unusableAddress, "\(address.value) is no address to listen on", at: address.range,
                expected: ["one unicast address of the machine"],
                hint: "all addresses would be those towards customers and other operators as well")
        }
        for (name, interface) in interfaces where interface.core == nil {
            guard interface.addresses.contains(where: { $0.value.address == address.value }) else { continue }
            return report(
                .metricsOnInterface, "\(address.value) is the address of interface \(name)", at: address.range,
                hint: "whoever is on that link would read the box's counters: take an address of the management network"
            )
        }
    }
}
