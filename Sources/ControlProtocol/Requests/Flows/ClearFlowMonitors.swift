/// `clear.flow.monitors`: the flows in the workers' caches end now and are exported.
public struct ClearFlowMonitors: ControlRequest {
    public typealias Answer = FlowsEndedResult
    public static let method = "clear.flow.monitors"

    /// Only this flow monitor; all if `nil`.
    public var name: String?

    public init(name: String? = nil) { self.name = name }
}

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

extension FlowsEndedResult {
    public func text(_ style: TextStyle) -> String {
        guard !vrfs.isEmpty else { return "no VRF is metered\n" }
        let names = vrfs.joined(separator: ", ").withoutControlCharacters
        return "the flows of \(vrfs.count == 1 ? "VRF" : "VRFs") \(names) end and are exported\n"
    }
}
