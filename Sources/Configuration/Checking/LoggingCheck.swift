import Addressing

/// Collectors of the log are few, and each is one host.
struct LoggingCheck: ConfigurationCheck {
    private let collectors: [Located<LogCollectorSettings>]
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        collectors = text.draft.logCollectors
    }

    func check(_ configuration: inout Configuration) {
        for collector in collectors where !collector.value.address.isOneUnicastAddress {
            report(
                .unusableAddress, "\(collector.value.address) is no address of a collector", at: collector.range,
                expected: ["the unicast address of a host"])
        }
        var kept: Set<LogCollectorSettings> = []
        for collector in collectors {
            if kept.count == LogCollectorSettings.most, !kept.contains(collector.value) {
                report(
                    .tooManyLogCollectors, "there may be \(LogCollectorSettings.most) collectors of the log",
                    at: collector.range, hint: "let one of them pass the lines on")
                break
            }
            kept.insert(collector.value)
        }
        configuration.logCollectors = kept.sorted()
    }
}

extension IPAddress {
    /// Whether it can stand for one machine: not for all of its addresses, for a group, or for somebody on some link.
    var isOneUnicastAddress: Bool {
        switch self {
        case .ipv4(let address): address.rawValue != 0 && address.rawValue != .max && !address.isMulticast
        // One that stands for an IPv4 address is to be written as that.
        case .ipv6(let address):
            address.rawValue != 0 && !address.isMulticast && !address.isLinkLocal && address.mappedIPv4 == nil
        }
    }
}
