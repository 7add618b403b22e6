/// Answer to `clear.flow.monitors`: the flows that were in the caches end, and their records leave within a second.
public struct FlowsEndedResult: ControlResult {
    public static let schemaIdentifier = "stile.clear.flow.monitors/1"
    public private(set) var schema = FlowsEndedResult.schemaIdentifier

    public let clearedAt: Timestamp
    /// Whose flows end, in the order of the names.
    public let vrfs: [String]
    /// Flows that were in the workers' caches, of all VRFs.
    public let activeFlows: UInt64

    public init(clearedAt: Timestamp, vrfs: [String], activeFlows: UInt64) {
        self.clearedAt = clearedAt
        self.vrfs = vrfs
        self.activeFlows = activeFlows
    }
}
