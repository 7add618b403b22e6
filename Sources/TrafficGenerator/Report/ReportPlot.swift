extension TrafficReport {
    /// The plot that belongs to the kind of result; `nil` where there is nothing to draw.
    public var plot: LinePlot? {
        let title = notes.contains(Self.noNIC) ? " (no NIC)" : ""
        if let frameSizes {
            let cases = ForwardingCase.allCases.filter { one in frameSizes.contains { $0.forwardingCase == one } }
            return LinePlot(
                title: "RFC 2544 throughput" + title, xTitle: "frame size, octets", yTitle: "throughput, Mpps",
                series: cases.map { one in
                    LinePlot.Series(
                        name: one.rawValue,
                        points: frameSizes.filter { $0.forwardingCase == one }.compactMap { size in
                            size.throughputPacketsPerSecond.map {
                                LinePlot.Point(x: Double(size.frameBytes), y: $0 / 1e6)
                            }
                        })
                })
        }
        if let attack {
            return LinePlot(
                title: "Goodput under attack" + title, xTitle: "attack, % of all packets", yTitle: "goodput, %",
                series: [
                    LinePlot.Series(
                        name: "valid streams",
                        points: attack.map { LinePlot.Point(x: $0.attackShare * 100, y: $0.goodputRatio * 100) })
                ])
        }
        let measured = trials.filter { !$0.isGeneratorLimited && $0.input.loadPacketsPerSecond != nil }
        guard search != nil, !measured.isEmpty else { return nil }
        return LinePlot(
            title: "Loss by load" + title, xTitle: "offered load, Mpps", yTitle: "loss, %",
            series: [
                LinePlot.Series(
                    name: "trials",
                    points: measured.map {
                        LinePlot.Point(x: ($0.input.loadPacketsPerSecond ?? 0) / 1e6, y: $0.lossRatio * 100)
                    })
            ])
    }
}
