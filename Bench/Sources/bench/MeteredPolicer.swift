import CDPDKLookup
import CTableLayout
import Pipeline

/// The policers that `bench policer` measures, each as the product has it and as DPDK's rte_meter.
enum MeteredPolicer: String, CaseIterable {
    case singleRate = "single_rate"
    case twoRate = "two_rate"
    case singleRateAware = "single_rate_colour_aware"
    case twoRateAware = "two_rate_colour_aware"

    var isTwoRate: Bool { self == .twoRate || self == .twoRateAware }
    var isAware: Bool { self == .singleRateAware || self == .twoRateAware }

    /// Rates in bits per second, bursts in octets.
    struct Rates {
        var committed: UInt64
        var committedBurst: UInt64
        /// Of two rates.
        var peak: UInt64
        /// Single rate: the excess burst; two rates: the peak burst.
        var excessBurst: UInt64

        /// A hundredth of a second deep, and room for some packets; the peak is twice the committed rate.
        init(committed: UInt64) {
            self.committed = committed
            committedBurst = max(committed / 800, 6_000)
            peak = 2 * committed
            excessBurst = 2 * committedBurst
        }
    }

    /// As stiled compiles it: costs and depths in units of 2⁻¹⁸ ns.
    func record(_ rates: Rates) -> stile_policer {
        func cost(_ rate: UInt64) -> UInt64 { (8_000_000_000 << UInt64(STILE_POLICER_TIME_BITS)) / rate }
        var policer = stile_policer()
        policer.kind = UInt8((isTwoRate ? STILE_POLICER_TWO_RATE : STILE_POLICER_SINGLE_RATE).rawValue)
        policer.is_colour_aware = isAware ? 1 : 0
        policer.committed_cost = cost(rates.committed)
        policer.committed_depth = policer.committed_cost * rates.committedBurst
        policer.peak_cost = isTwoRate ? cost(rates.peak) : 0
        policer.excess_depth = (isTwoRate ? policer.peak_cost : policer.committed_cost) * rates.excessBurst
        return policer
    }

    /// DPDK's; `nil`: it does not take these rates.
    func meter(_ rates: Rates) -> dpdk_meter_storage? {
        var storage = dpdk_meter_storage()
        let code = dpdk_meter_begin(
            &storage, isTwoRate ? DPDK_TWO_RATE : DPDK_SINGLE_RATE, isAware ? 1 : 0, rates.committed / 8,
            rates.committedBurst, rates.peak / 8, rates.excessBurst)
        return code == 0 ? storage : nil
    }
}
