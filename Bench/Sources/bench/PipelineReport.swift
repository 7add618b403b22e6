/// The JSON of `Bench/run pipeline`.
struct PipelineReport: Codable {
    struct Case: Codable {
        var path: String
        /// Routes of each VRF.
        var routes: Int
        var vrfs: Int
        var nextHops: Int
        /// `ipv4` or `ipv6`; of given frames, which may be both: `ipv4`.
        var family: String
        /// Whether the circuits' frames have two tags.
        var serviceTag: Bool
        var services: String
        /// Medians over all bursts, TSC cycles, receive and transmit left out.
        var cyclesPerPacket: Double
        var referenceCyclesPerPacket: Double
        /// Of the two medians.
        var swiftToReference: Double
        /// What one burst in ten is not above: the figure that other programs on the machine disturb least.
        var cyclesPerPacketTenthPercentile: Double
        var referenceCyclesPerPacketTenthPercentile: Double
        /// Packets that left, of those that came in.
        var forwardedShare: Double
        var fibBytes: Int
        /// By `Stage.identifier`; they add up to `cyclesPerPacket`.
        var stages: [String: Double]
        /// Of what DPDK's l3fwd does with the same packets, where it can: unlabelled IPv4 of one VRF; by the loop's name.
        var l3fwdCyclesPerPacket: [String: Double]?
        /// The upper limit and aim for this case, where it names one.
        var limitCycles: Double?
        var aimCycles: Double?
    }

    var schema = "stile.bench.pipeline/1"
    var environment: EnvironmentReport
    var seed: UInt64?
    var cases: [Case]
}

extension PipelineReport.Case {
    /// Whether the other one was measured with the same tables, by another way.
    func isOfSameTables(as other: Self) -> Bool {
        (routes, vrfs, nextHops, family, serviceTag) == (
            other.routes, other.vrfs, other.nextHops, other.family, other.serviceTag
        )
    }
}
