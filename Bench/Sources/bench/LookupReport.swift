/// The JSON of `Bench/run lookup`.
struct LookupReport: Codable {
    struct Case: Codable {
        var family: String
        var routes: Int
        var vrfs: Int
        var nextHops: Int
        /// "random": uniformly random destinations inside random routes; "in-cache": 1,024 destinations.
        var destinations: String
        /// TSC cycles per lookup, medians over bursts of 64, by table: "stile", "rte_fib", "rte_lpm", "rte_fib6".
        var cyclesPerLookup: [String: Double]
        var tenthPercentileCycles: [String: Double]
        /// Octets of our FIB for each route.
        var bytesPerRoute: Double
        /// How many tables DPDK's library got into memory, where it is fewer than VRFs: its figure is for those.
        var dpdkTables: Int?
    }

    var schema = "stile.bench.lookup/1"
    var environment: EnvironmentReport
    var seed: UInt64
    var cases: [Case]
    /// Octets of the FIB of a VRF of ten routes; the limit is 4,096.
    var tenRouteBytes: Int
    /// Octets of 4,096 VRFs of 1,000 routes each; the limit is 2 GiB.
    var manyTablesBytes: Int
}
