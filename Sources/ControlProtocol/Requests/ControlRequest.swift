/// A request with its parameters.
public enum ControlRequest: Hashable, Sendable {
    case showInterfaces(InterfaceQuery)
    case showPorts
    case showVRFs
    case showLabels
    case showBGPSummary
    case showBGPNeighbors(BGPNeighborsQuery)
    case showBGPRoutes(BGPRoutesQuery)
    case showRoutes(RoutesQuery)
    case showNeighbors
    case showDrops(InterfaceQuery)
    case showAccessLists(AccessListsQuery)
    case showPolicyMap(InterfaceQuery)
    case showRouteMaps(RouteMapsQuery)
    case showAccounting(AccountingQuery)
    case showPipeline
    case showFlowExporters
    case showFlowMonitors
    case showStatus
    case showRunningConfiguration
    case showIsolation
    case explainPacket(PacketQuery)
    case configurationCheck(ConfigurationText)
    case configurationDiff(ConfigurationText)
    case configurationReplace(ConfigurationText)
    case bgpClear(BGPClearOrder)
    case clearAccessLists(AccessListsQuery)
    case clearPolicyMap(InterfaceQuery)
    case clearFlowMonitors(FlowMonitorQuery)
    case clearFlowCounters
    case clearRouteMaps(RouteMapsQuery)

    public var method: ControlMethod {
        switch self {
        case .showInterfaces: .showInterfaces
        case .showPorts: .showPorts
        case .showVRFs: .showVRFs
        case .showLabels: .showLabels
        case .showBGPSummary: .showBGPSummary
        case .showBGPNeighbors: .showBGPNeighbors
        case .showBGPRoutes: .showBGPRoutes
        case .showRoutes: .showRoutes
        case .showNeighbors: .showNeighbors
        case .showDrops: .showDrops
        case .showAccessLists: .showAccessLists
        case .showPolicyMap: .showPolicyMap
        case .showRouteMaps: .showRouteMaps
        case .showAccounting: .showAccounting
        case .showPipeline: .showPipeline
        case .showFlowExporters: .showFlowExporters
        case .showFlowMonitors: .showFlowMonitors
        case .showStatus: .showStatus
        case .showRunningConfiguration: .showRunningConfiguration
        case .showIsolation: .showIsolation
        case .explainPacket: .explainPacket
        case .configurationCheck: .configurationCheck
        case .configurationDiff: .configurationDiff
        case .configurationReplace: .configurationReplace
        case .bgpClear: .bgpClear
        case .clearAccessLists: .clearAccessLists
        case .clearPolicyMap: .clearPolicyMap
        case .clearFlowMonitors: .clearFlowMonitors
        case .clearFlowCounters: .clearFlowCounters
        case .clearRouteMaps: .clearRouteMaps
        }
    }

    /// The value of `params`; `nil` for a method without parameters.
    var parameters: (any Encodable)? {
        switch self {
        case .showPorts, .showVRFs, .showLabels, .showBGPSummary, .showNeighbors, .showPipeline,
            .showFlowExporters, .showFlowMonitors, .showStatus, .showRunningConfiguration, .showIsolation,
            .clearFlowCounters:
            nil
        case .showInterfaces(let query), .showDrops(let query), .showPolicyMap(let query), .clearPolicyMap(let query):
            query
        case .showAccessLists(let query), .clearAccessLists(let query): query
        case .showRouteMaps(let query), .clearRouteMaps(let query): query
        case .showAccounting(let query): query
        case .clearFlowMonitors(let query): query
        case .showBGPNeighbors(let query): query
        case .showBGPRoutes(let query): query
        case .showRoutes(let query): query
        case .explainPacket(let query): query
        case .configurationCheck(let text), .configurationDiff(let text), .configurationReplace(let text): text
        case .bgpClear(let order): order
        }
    }
}
