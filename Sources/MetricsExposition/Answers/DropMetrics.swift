import ControlProtocol

/// A reason for which packets are dropped, whether or not any has been.
public struct DroppingReason: Sendable {
    let reason: String
    let dropClass: DropClass

    public init(_ reason: String, _ dropClass: DropClass) {
        self.reason = reason
        self.dropClass = dropClass
    }
}

extension MetricsText {
    /// Drops by reason for the whole box, also those that have not happened: the first one of a kind must be seen as a step
    /// from zero. By interface only those that have: there are many reasons and many interfaces.
    /// - Parameters:
    ///   - reasons: all that the data plane knows.
    ///   - vrfs: of each interface that is in one.
    public mutating func write(_ result: DropsResult, reasons: [DroppingReason], vrfs: [String: String]) {
        var sums: [String: UInt64] = [:]
        var classes: [String: DropClass] = [:]
        for reason in reasons { classes[reason.reason] = reason.dropClass }
        for drop in result.drops {
            sums[drop.reason, default: 0] &+= drop.packets
            classes[drop.reason] = drop.dropClass
        }
        counter(
            "stile_dropped_packets", "Packets that were dropped, by reason and class of reason.",
            classes.sorted { $0.key < $1.key }.map { reason, dropClass in
                MetricSample(["reason": reason, "class": dropClass.rawValue], sums[reason] ?? 0)
            })
        counter(
            "stile_interface_dropped_packets",
            "Packets of an interface that were dropped, by reasons that have dropped any.",
            result.drops.map {
                MetricSample(
                    [
                        "interface": $0.interface, "vrf": vrfs[$0.interface], "reason": $0.reason,
                        "class": $0.dropClass.rawValue,
                    ], $0.packets)
            })
    }
}
