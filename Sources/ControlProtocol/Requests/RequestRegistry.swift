/// Every request of the control socket. What is not here, nobody can ask.
public enum RequestRegistry {
    public static let all: [any ControlRequest.Type] = [
        ShowInterfaces.self,
        ShowPorts.self,
        ShowVRFs.self,
        ShowLabels.self,
        ShowLabelSpaces.self,
        ShowReceivedLabels.self,
        ShowTransports.self,
        ShowMultipoint.self,
        ShowFPM.self,
        ShowBGPSummary.self,
        ShowBGPNeighbors.self,
        ShowBGPRoutes.self,
        ShowRouteTargetMembership.self,
        ShowRoutes.self,
        ShowNeighbors.self,
        ShowDrops.self,
        ShowAccessLists.self,
        ShowPolicyMap.self,
        ShowRouteMaps.self,
        ShowAccounting.self,
        ShowPipeline.self,
        ShowFlowExporters.self,
        ShowFlowMonitors.self,
        ShowStatus.self,
        ShowRunningConfiguration.self,
        ShowCommits.self,
        ShowCommit.self,
        ShowIsolation.self,
        ExplainPacket.self,
        CheckConfiguration.self,
        DiffConfiguration.self,
        ReplaceConfiguration.self,
        ConfirmCommit.self,
        RollbackConfiguration.self,
        ClearBGPSession.self,
        ClearAccessLists.self,
        ClearPolicyMap.self,
        ClearFlowMonitors.self,
        ClearFlowCounters.self,
        ClearRouteMaps.self,
    ]

    private static let byMethod = Dictionary(all.map { ($0.method, $0) }) { first, _ in first }

    /// The request that a JSON-RPC method stands for.
    static func request(_ method: String) -> (any ControlRequest.Type)? { byMethod[method] }
}
