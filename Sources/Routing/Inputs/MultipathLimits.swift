/// How many equal paths of a prefix a VRF uses at the same time (`maximum-paths`).
public struct MultipathLimits: Hashable, Sendable {
    /// Of customers' and NNIs' paths, where such a one is the best.
    public var external = 1
    /// Of those from the operator's own network, where such a one is the best.
    public var `internal` = 1
    /// Of both together, whichever is the best; `nil`: they are not mixed.
    public var mixed: Int?
    /// Whether the paths may begin with different AS (`bgp bestpath as-path multipath-relax`).
    public var relaxesASPath = false

    public init() {}
}
