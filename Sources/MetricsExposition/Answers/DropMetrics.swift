import ControlProtocol

extension MetricsText {
    /// Drops by reason for the whole box, also those that have not happened: the first one of a kind must be seen as a step
    /// from zero.
    public mutating func write(totals: [DropCount]) {
        counter(
            "stile_dropped_packets", "Packets that were dropped, by reason and class of reason.",
            totals.map { MetricSample(["reason": $0.reason, "class": $0.dropClass.rawValue], $0.packets) })
    }

    /// By interface only reasons that have dropped anything: there are many reasons and many interfaces.
    /// - Parameter vrfs: of each interface that is in one.
    public mutating func write(_ result: DropsResult, vrfs: [String: String]) {
        var (ofInterfaces, ofPorts): ([MetricSample], [MetricSample]) = ([], [])
        for drop in result.drops {
            let (reason, dropClass) = (drop.reason, drop.dropClass.rawValue)
            if drop.interface.hasPrefix(Self.portPrefix) {
                let port = String(drop.interface.dropFirst(Self.portPrefix.count))
                ofPorts.append(MetricSample(["port": port, "reason": reason, "class": dropClass], drop.packets))
            } else if !Self.places.contains(drop.interface) {
                ofInterfaces.append(
                    MetricSample(
                        [
                            "interface": drop.interface, "vrf": vrfs[drop.interface], "reason": reason,
                            "class": dropClass,
                        ], drop.packets))
            }
        }
        counter(
            "stile_interface_dropped_packets",
            "Packets of an interface that were dropped, by reasons that have dropped any.", ofInterfaces)
        counter(
            "stile_port_dropped_packets",
            "Frames that came by a port, are of no interface and were dropped, by reasons that have dropped any.",
            ofPorts)
    }

    /// What `show drops` has in the column of interfaces for what came by a port and is of none of its interfaces.
    private static let portPrefix = "port "
    /// What it has there for what belongs to no interface and no port.
    private static let places: Set = ["-", "stiled"]
}
