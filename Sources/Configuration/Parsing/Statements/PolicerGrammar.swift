/// What stands behind `police cir`:
/// `RATE [bc OCTETS] [pir RATE] [be OCTETS] [account OCTETS] [conform-color CLASS [exceed-color CLASS]]
/// [conform-action …] [exceed-action …] [violate-action …]`.
enum PolicerGrammar {
    /// From 8 kbit/s to 1 Tbit/s, in bits per second.
    private static let rates: ClosedRange<UInt64> = 8000...1_000_000_000_000
    /// A bucket must hold an Ethernet packet of full size, or none would ever conform; in octets.
    private static let bursts: ClosedRange<UInt64> = 1500...100_000_000_000

    /// What lies around a packet: Ethernet, two tags, FCS, preamble and gap are 46 octets.
    private static let accounts: ClosedRange<Int16> = -64...64

    static func read(_ line: inout LineReader) throws(Finding) -> Policer {
        let rate: UInt64 = try line.number("bits per second", in: rates)
        var policer = Policer(committedRateBitsPerSecond: rate, committedBurstOctets: quarterSecond(of: rate))
        if line.take("bc") { policer.committedBurstOctets = try line.number("octets", in: bursts) }
        if line.take("pir") {
            let peak: UInt64 = try line.number("bits per second", in: rates)
            guard peak >= rate else {
                throw Finding(
                    .impossibleRate, "the peak rate of \(peak) bit/s is below the committed rate of \(rate) bit/s",
                    at: line.range(of: line.tokens[line.position - 1]), expected: ["a rate from \(rate) on"])
            }
            policer.peakRateBitsPerSecond = peak
            policer.excessBurstOctets = quarterSecond(of: peak)
        }
        if line.take("be") { policer.excessBurstOctets = try line.number("octets", in: bursts) }
        if line.take("account") { policer.accountOctets = try line.number("octets", in: accounts) }
        if line.take("conform-color") {
            policer.conformColour = try line.name("a class map").value
            if line.take("exceed-color") { policer.exceedColour = try line.name("a class map").value }
        }
        if line.take("conform-action") { policer.conformAction = try action(&line) }
        if line.take("exceed-action") { policer.exceedAction = try action(&line) }
        let hasThreeColours = policer.excessBurstOctets != nil
        if hasThreeColours { policer.violateAction = policer.exceedAction }
        let violateStart = line.position
        if line.take("violate-action") {
            guard hasThreeColours else {
                throw Finding(
                    .impossibleRate, "without 'be' or 'pir' no packet violates",
                    at: line.range(of: line.tokens[violateStart]), hint: "add 'be OCTETS' or 'pir RATE'")
            }
            policer.violateAction = try action(&line)
        }
        return policer
    }

    /// The burst where none is given: what the rate brings in a quarter of a second, but never below one packet.
    private static func quarterSecond(of rateBitsPerSecond: UInt64) -> UInt64 {
        max(bursts.lowerBound, rateBitsPerSecond / 32)
    }

    private enum ActionWord {
        case transmit, drop, dscp, trafficClass
    }

    private static func action(_ line: inout LineReader) throws(Finding) -> PolicerAction {
        let words: KeyValuePairs<Keyword, ActionWord> = [
            "transmit": .transmit, "drop": .drop, "set-dscp-transmit": .dscp,
            "set-mpls-experimental-imposition-transmit|set-mpls-exp-imposition-transmit": .trafficClass,
        ]
        switch try line.choose(words) {
        case .transmit: return .transmit
        case .drop: return .drop
        case .dscp: return .setDSCP(try line.dscp())
        case .trafficClass: return .setTrafficClass(try line.number("a traffic class", in: 0...7))
        }
    }
}

extension Policer {
    /// As it is printed.
    var statement: String {
        var text = "police cir \(committedRateBitsPerSecond) bc \(committedBurstOctets)"
        if let peakRateBitsPerSecond { text += " pir \(peakRateBitsPerSecond)" }
        if let excessBurstOctets { text += " be \(excessBurstOctets)" }
        if accountOctets != 0 { text += " account \(accountOctets)" }
        if let conformColour { text += " conform-color \(conformColour)" }
        if let exceedColour { text += " exceed-color \(exceedColour)" }
        text += " conform-action \(conformAction.text) exceed-action \(exceedAction.text)"
        if let violateAction { text += " violate-action \(violateAction.text)" }
        return text
    }
}

extension PolicerAction {
    fileprivate var text: String {
        switch self {
        case .transmit: "transmit"
        case .drop: "drop"
        case .setDSCP(let value): "set-dscp-transmit \(PacketVocabulary.text(ofCodePoint: value))"
        case .setTrafficClass(let value): "set-mpls-experimental-imposition-transmit \(value)"
        }
    }
}
