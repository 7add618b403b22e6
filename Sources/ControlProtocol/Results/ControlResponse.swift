/// The answer to a ``ControlRequest``, one case for each form of result.
public enum ControlResponse: Hashable, Sendable {
    case interfaces(InterfacesResult)
    case ports(PortsResult)
    case vrfs(VRFsResult)
    case labels(LabelsResult)
    case bgpSummary(BGPSummaryResult)
    case bgpNeighbors(BGPNeighborsResult)
    case bgpRoutes(BGPRoutesResult)
    case routes(RoutesResult)
    case neighbors(NeighborsResult)
    case drops(DropsResult)
    case accessLists(AccessListsResult)
    case policyMap(PolicyMapResult)
    case routeMaps(RouteMapsResult)
    case accounting(AccountingResult)
    case pipeline(PipelineResult)
    case flowExporters(FlowExportersResult)
    case flowMonitors(FlowMonitorsResult)
    case status(StatusResult)
    case runningConfiguration(RunningConfigurationResult)
    case isolation(IsolationResult)
    case explanation(ExplanationResult)
    case configurationCheck(ConfigurationCheckResult)
    case configurationDiff(ConfigurationDiffResult)
    case configurationReplace(ConfigurationReplaceResult)
    case bgpClear(BGPClearResult)
    case countersCleared(CountersClearedResult)
    case flowsEnded(FlowsEndedResult)

    /// The result whatever its form.
    public var result: any ControlResult {
        switch self {
        case .interfaces(let result): result
        case .ports(let result): result
        case .vrfs(let result): result
        case .labels(let result): result
        case .bgpSummary(let result): result
        case .bgpNeighbors(let result): result
        case .bgpRoutes(let result): result
        case .routes(let result): result
        case .neighbors(let result): result
        case .drops(let result): result
        case .accessLists(let result): result
        case .policyMap(let result): result
        case .routeMaps(let result): result
        case .accounting(let result): result
        case .pipeline(let result): result
        case .flowExporters(let result): result
        case .flowMonitors(let result): result
        case .status(let result): result
        case .runningConfiguration(let result): result
        case .isolation(let result): result
        case .explanation(let result): result
        case .configurationCheck(let result): result
        case .configurationDiff(let result): result
        case .configurationReplace(let result): result
        case .bgpClear(let result): result
        case .countersCleared(let result): result
        case .flowsEnded(let result): result
        }
    }
}
