/// A rate as it is written on the command line: `2.5Mpps`, `800kpps`, `10%`, `1Gbps`; a bare number is packets a second.
public struct RateText: Hashable, Sendable {
    public let rate: StreamRate

    public init?(_ text: String) {
        let number = text.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number), value > 0, value.isFinite else { return nil }
        var unit = String(text.dropFirst(number.count))
        if unit == "%" {
            guard value <= 100 else { return nil }
            rate = .lineRatePercent(value)
            return
        }
        var factor = 1.0
        switch unit.first {
        case "k": factor = 1e3
        case "M": factor = 1e6
        case "G": factor = 1e9
        default: break
        }
        if factor > 1 { unit.removeFirst() }
        switch unit {
        case "", "pps": rate = .packetsPerSecond(value * factor)
        case "bps", "bit/s": rate = .bitsPerSecond(value * factor)
        default: return nil
        }
    }
}
