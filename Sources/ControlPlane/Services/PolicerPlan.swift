import CTableLayout
import Configuration

/// A policer in the units of the tables: a bucket is not filled with octets but with the time that they take.
struct PolicerPlan: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// RFC 2697.
        case singleRate
        /// RFC 2698.
        case twoRate
    }

    struct Action: Hashable, Sendable {
        let action: UInt8
        let value: UInt8
    }

    var kind: Kind
    /// Added to the IP length of each packet, in octets.
    var accountOctets: Int16 = 0
    /// Time units that an octet takes at the committed rate.
    var committedCost: UInt64
    /// Time units that the committed burst takes.
    var committedDepth: UInt64
    /// At the peak rate; 0 for a single-rate policer.
    var peakCost: UInt64
    /// Of the excess burst at the committed rate, or of the peak burst at the peak rate.
    var excessDepth: UInt64
    /// For green, yellow and red.
    var actions: [Action]
    /// What comes green, and what comes yellow; `nil`: not colour-aware.
    var colours: Colours?

    struct Colours: Hashable, Sendable {
        var conform: ClassMapPlan
        var exceed: ClassMapPlan?
    }

    /// The deepest bucket: so that sums of times cannot overflow.
    static let deepestBucket: UInt64 = 1 << 60

    /// Whether a burst is deeper than the tables can say, and was cut.
    private(set) var isCut = false

    init(_ policer: Policer) {
        let committed = Self.cost(ofRate: policer.committedRateBitsPerSecond)
        let peak = policer.peakRateBitsPerSecond.map(Self.cost(ofRate:))
        kind = peak == nil ? .singleRate : .twoRate
        committedCost = committed
        peakCost = peak ?? 0
        let excess = policer.excessBurstOctets ?? (peak == nil ? 0 : policer.committedBurstOctets)
        let depths = [
            Self.depth(ofBurst: policer.committedBurstOctets, cost: committed),
            Self.depth(ofBurst: excess, cost: peak ?? committed),
        ]
        (committedDepth, excessDepth) = (depths[0].depth, depths[1].depth)
        isCut = depths.contains(where: \.isCut)
        // Without an excess burst there are two colours, and what exceeds is red (RFC 2697 §1).
        actions = [
            policer.conformAction, policer.exceedAction, policer.violateAction ?? policer.exceedAction,
        ].map(Action.init)
    }

    /// How long an octet takes at a rate in bit/s, in units of 2^-18 ns, to the nearest.
    static func cost(ofRate bitsPerSecond: UInt64) -> UInt64 {
        let rate = max(1, bitsPerSecond)
        let second: UInt64 = 8_000_000_000 << UInt64(STILE_POLICER_TIME_BITS)
        return max(1, (second + rate / 2) / rate)
    }

    private static func depth(ofBurst octets: UInt64, cost: UInt64) -> (depth: UInt64, isCut: Bool) {
        let (depth, overflow) = octets.multipliedReportingOverflow(by: cost)
        return overflow || depth > deepestBucket ? (deepestBucket, true) : (depth, false)
    }

    /// The policer as the tables hold it, but for its class maps.
    var record: stile_policer {
        var record = stile_policer()
        switch kind {
        case .singleRate: record.kind = UInt8(STILE_POLICER_SINGLE_RATE.rawValue)
        case .twoRate: record.kind = UInt8(STILE_POLICER_TWO_RATE.rawValue)
        }
        record.is_colour_aware = colours == nil ? 0 : 1
        record.account_octets = accountOctets
        setOctets(actions.map(\.action), in: &record.action)
        setOctets(actions.map(\.value), in: &record.action_value)
        record.committed_cost = committedCost
        record.committed_depth = committedDepth
        record.peak_cost = peakCost
        record.excess_depth = excessDepth
        return record
    }
}

extension PolicerPlan.Action {
    init(_ action: PolicerAction) {
        switch action {
        case .transmit: self.init(action: UInt8(STILE_ACTION_TRANSMIT.rawValue), value: 0)
        case .drop: self.init(action: UInt8(STILE_ACTION_DROP.rawValue), value: 0)
        case .setDSCP(let value): self.init(action: UInt8(STILE_ACTION_SET_DSCP.rawValue), value: value)
        case .setTrafficClass(let value):
            self.init(action: UInt8(STILE_ACTION_SET_TRAFFIC_CLASS.rawValue), value: value)
        }
    }
}
