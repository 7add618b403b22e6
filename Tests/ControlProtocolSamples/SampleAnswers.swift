import Addressing
import ControlProtocol

extension Samples {
    /// One answer for each method.
    public static func answer(to request: ControlRequest) -> ControlResponse {
        switch request {
        case .showInterfaces: .interfaces(interfaces)
        case .showPorts: .ports(ports)
        case .showVRFs: .vrfs(vrfs)
        case .showLabels: .labels(labels)
        case .showBGPSummary: .bgpSummary(bgpSummary)
        case .showBGPNeighbors: .bgpNeighbors(bgpNeighbors)
        case .showBGPRoutes: .bgpRoutes(bgpRoutes)
        case .showRoutes: .routes(routes)
        case .showNeighbors: .neighbors(neighbors)
        case .showDrops: .drops(drops)
        case .showAccessLists: .accessLists(accessLists)
        case .showPolicyMap: .policyMap(policyMap)
        case .showRouteMaps: .routeMaps(routeMaps)
        case .showAccounting: .accounting(accounting)
        case .showPipeline: .pipeline(pipeline)
        case .showFlowExporters: .flowExporters(flowExporters)
        case .showFlowMonitors: .flowMonitors(flowMonitors)
        case .showStatus: .status(status)
        case .showRunningConfiguration: .runningConfiguration(runningConfiguration)
        case .showIsolation: .isolation(isolation)
        case .explainPacket: .explanation(explanation)
        case .configurationCheck: .configurationCheck(configurationCheck)
        case .configurationDiff: .configurationDiff(configurationDiff)
        case .configurationReplace: .configurationReplace(configurationReplace)
        case .bgpClear: .bgpClear(bgpClear)
        case .clearAccessLists, .clearPolicyMap, .clearRouteMaps, .clearFlowCounters: .countersCleared(countersCleared)
        case .clearFlowMonitors: .flowsEnded(flowsEnded)
        }
    }

    /// One request for each method, every parameter given.
    public static func request(_ method: ControlMethod) -> ControlRequest {
        let text = ConfigurationText(text: "hostname \"ä\"\n", fileName: "stile.conf")
        return switch method {
        case .showInterfaces: .showInterfaces(InterfaceQuery(interface: "ten1/0"))
        case .showPorts: .showPorts
        case .showVRFs: .showVRFs
        case .showLabels: .showLabels
        case .showBGPSummary: .showBGPSummary
        case .showBGPNeighbors: .showBGPNeighbors(BGPNeighborsQuery(neighbor: address("1.2.3.4")))
        case .showBGPRoutes:
            .showBGPRoutes(
                BGPRoutesQuery(
                    family: .vpnv6, view: .advertised, neighbor: address("1.2.3.4"), prefix: prefix("2001:db8::/32"),
                    page: Page(cursor: "42:1 10.0.0.0/8", limit: 10)))
        case .showRoutes:
            .showRoutes(RoutesQuery(vrf: "one", family: .ipv4, prefix: prefix("10.0.0.0/8"), page: Page(limit: 1)))
        case .showNeighbors: .showNeighbors
        case .showDrops: .showDrops(InterfaceQuery())
        case .showAccessLists:
            .showAccessLists(AccessListsQuery(name: "web", page: Page(cursor: "4 2000 web", limit: 1)))
        case .showPolicyMap: .showPolicyMap(InterfaceQuery(interface: "ten1/0.2"))
        case .showRouteMaps: .showRouteMaps(RouteMapsQuery(name: "office"))
        case .showAccounting: .showAccounting(AccountingQuery(vrf: "one"))
        case .showPipeline: .showPipeline
        case .showFlowExporters: .showFlowExporters
        case .showFlowMonitors: .showFlowMonitors
        case .showStatus: .showStatus
        case .showRunningConfiguration: .showRunningConfiguration
        case .showIsolation: .showIsolation
        case .explainPacket:
            .explainPacket(
                PacketQuery(
                    interface: "ten1/0", labels: [label(1001)], source: address("10.2.0.1"),
                    destination: address("10.1.0.2"), ipProtocol: 6, sourcePort: 1, destinationPort: 443, timeToLive: 2,
                    labelTimeToLive: 3, lengthBytes: 1500, doNotFragment: true, dscp: 46, trafficClass: 5,
                    tcpFlags: 18, icmpType: 8, icmpCode: 0))
        case .configurationCheck: .configurationCheck(text)
        case .configurationDiff: .configurationDiff(text)
        case .configurationReplace: .configurationReplace(text)
        case .bgpClear: .bgpClear(BGPClearOrder(neighbor: address("2001:db8::4"), isSoft: true))
        case .clearAccessLists: .clearAccessLists(AccessListsQuery(name: "web"))
        case .clearPolicyMap: .clearPolicyMap(InterfaceQuery(interface: "ten1/0.2"))
        case .clearFlowMonitors: .clearFlowMonitors(FlowMonitorQuery(name: "customers"))
        case .clearFlowCounters: .clearFlowCounters
        case .clearRouteMaps: .clearRouteMaps(RouteMapsQuery())
        }
    }
}
