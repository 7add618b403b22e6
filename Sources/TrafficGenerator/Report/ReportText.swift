import ControlProtocol
import Foundation

extension TrafficReport {
    /// The report as tables for people.
    public func text(_ style: TextStyle) -> String {
        var parts: [String] = []
        if let search { parts.append(Self.table(search, style)) }
        if let halfLoad { parts.append(Self.line(halfLoad)) }
        if let frameSizes { parts.append(Self.table(frameSizes, style)) }
        if let attack { parts.append(Self.table(attack, style)) }
        if let replay {
            parts.append(
                "\(replay.offeredPackets) frames sent in \(Self.number(replay.seconds, 3)) s, "
                    + "\(replay.refusedPackets) refused, \(replay.receivedPackets) received\n")
        }
        if search == nil, frameSizes == nil, attack == nil, let trial = trials.last {
            parts.append(Self.table(trial, style))
        }
        for note in notes { parts.append("note: \(note)\n") }
        return parts.joined(separator: "")
    }

    static func number(_ value: Double?, _ decimals: Int) -> String {
        value.map { String(format: "%.\(decimals)f", $0) } ?? "-"
    }

    private static func millions(_ packetsPerSecond: Double?) -> String { number(packetsPerSecond.map { $0 / 1e6 }, 4) }

    private static func table(_ trial: TrialResult, _ style: TextStyle) -> String {
        var table = TextTable(
            [
                .name("stream"), .name("vrf"), .number("offered"), .number("received"), .number("lost"),
                .number("loss %"), .number("reordered"), .number("duplicate"), .number("min us"), .number("median us"),
                .number("99% us"), .number("99.9% us"), .number("max us"),
            ], emptyText: "no streams")
        for stream in trial.streams {
            let loss = stream.offeredPackets == 0 ? 0 : Double(stream.lostPackets) / Double(stream.offeredPackets) * 100
            table.append([
                .init(stream.name), .init(stream.vrf), .init(stream.offeredPackets), .init(stream.receivedPackets),
                .init(stream.lostPackets, stream.lostPackets > 0 && stream.attack == nil ? .bad : .none),
                .init(number(loss, 4)), .init(stream.reorderedPackets), .init(stream.duplicatePackets),
                .init(microseconds(stream.latency?.minimumNanoseconds)),
                .init(microseconds(stream.latency?.medianNanoseconds)),
                .init(microseconds(stream.latency?.percentile99Nanoseconds)),
                .init(microseconds(stream.latency?.percentile999Nanoseconds)),
                .init(microseconds(stream.latency?.maximumNanoseconds)),
            ])
        }
        let rate =
            "offered \(millions(trial.offeredPacketsPerSecond)) Mpps over \(number(trial.transmitSeconds, 2)) s, "
        return table.text(style) + rate + "loss \(number(trial.lossRatio * 100, 4)) %\n"
    }

    private static func microseconds(_ nanoseconds: UInt64?) -> String {
        number(nanoseconds.map { Double($0) / 1000 }, 1)
    }

    private static func line(_ halfLoad: TrialResult) -> String {
        "at half the NDR, \(millions(halfLoad.input.loadPacketsPerSecond)) Mpps: "
            + "latency median \(microseconds(halfLoad.latency?.medianNanoseconds)) us, "
            + "99.9 % \(microseconds(halfLoad.latency?.percentile999Nanoseconds)) us, "
            + "loss \(number(halfLoad.lossRatio * 100, 4)) %"
            + (halfLoad.isGeneratorLimited ? ", generator-limited\n" : "\n")
    }

    private static func table(_ search: [GoalResult], _ style: TextStyle) -> String {
        var table = TextTable(
            [
                .name("goal"), .number("loss % at most"), .number("conditional throughput Mpps"),
                .number("lower bound Mpps"), .number("upper bound Mpps"), .name("remark"),
            ], emptyText: "no goals")
        for result in search {
            table.append([
                .init(result.goal.name), .init(number(result.goal.lossRatio * 100, 3)),
                .init(millions(result.conditionalThroughputPacketsPerSecond)),
                .init(millions(result.relevantLowerBoundPacketsPerSecond)),
                .init(millions(result.relevantUpperBoundPacketsPerSecond)),
                .init(result.irregularity?.rawValue ?? "", result.irregularity == nil ? .none : .warning),
            ])
        }
        return table.text(style)
    }

    private static func table(_ sizes: [FrameSizeResult], _ style: TextStyle) -> String {
        var table = TextTable(
            [
                .name("case"), .number("frame"), .number("throughput Mpps"), .number("median us"), .number("99.9% us"),
                .number("loss % at maximum"), .number("back-to-back"), .name("remark"),
            ], emptyText: "no frame sizes")
        for size in sizes {
            table.append([
                .init(size.forwardingCase.rawValue), .init(size.frameBytes),
                .init(millions(size.throughputPacketsPerSecond)),
                .init(number(size.latencyMedianNanoseconds.map { $0 / 1000 }, 1)),
                .init(number(size.latencyPercentile999Nanoseconds.map { Double($0) / 1000 }, 1)),
                .init(number(size.frameLoss.first?.lossPercent, 3)), .init(number(size.backToBackPackets, 0)),
                .init(size.isGeneratorLimited ? "generator_limited" : "", .warning),
            ])
        }
        return table.text(style)
    }

    private static func table(_ attack: [AttackResult], _ style: TextStyle) -> String {
        var table = TextTable(
            [
                .number("attack share %"), .number("goodput Mpps"), .number("goodput %"), .number("attack packets"),
                .number("leaked"), .name("leaked kinds"),
            ], emptyText: "no shares")
        for result in attack {
            table.append([
                .init(number(result.attackShare * 100, 1)), .init(millions(result.goodputPacketsPerSecond)),
                .init(number(result.goodputRatio * 100, 4)), .init(result.attackOfferedPackets),
                .init(result.leakedTotal, result.leakedTotal > 0 ? .bad : .good),
                .init(list: result.leakedPackets.filter { $0.value > 0 }.keys.sorted()),
            ])
        }
        return table.text(style)
    }
}
