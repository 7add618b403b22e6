import Foundation

extension ControlRequest {
    /// The request of a known method with the `params` of a JSON-RPC document.
    /// - Throws: `DecodingError` when the method does not take them.
    init(_ method: ControlMethod, parametersOf document: Data) throws {
        func required<Parameters: Decodable>(_ type: Parameters.Type) throws -> Parameters {
            try ControlCoding.decode(Required<Parameters>.self, from: document).params
        }
        func optional<Parameters: Decodable>(_ type: Parameters.Type) throws -> Parameters? {
            try ControlCoding.decode(Optional<Parameters>.self, from: document).params
        }
        self =
            switch method {
            case .showInterfaces: .showInterfaces(try optional(InterfaceQuery.self) ?? InterfaceQuery())
            case .showPorts: .showPorts
            case .showVRFs: .showVRFs
            case .showLabels: .showLabels
            case .showBGPSummary: .showBGPSummary
            case .showBGPNeighbors: .showBGPNeighbors(try optional(BGPNeighborsQuery.self) ?? BGPNeighborsQuery())
            case .showBGPRoutes: .showBGPRoutes(try required(BGPRoutesQuery.self))
            case .showRoutes: .showRoutes(try optional(RoutesQuery.self) ?? RoutesQuery())
            case .showNeighbors: .showNeighbors
            case .showDrops: .showDrops(try optional(InterfaceQuery.self) ?? InterfaceQuery())
            case .showAccessLists: .showAccessLists(try optional(AccessListsQuery.self) ?? AccessListsQuery())
            case .showPolicyMap: .showPolicyMap(try optional(InterfaceQuery.self) ?? InterfaceQuery())
            case .showRouteMaps: .showRouteMaps(try optional(RouteMapsQuery.self) ?? RouteMapsQuery())
            case .showAccounting: .showAccounting(try optional(AccountingQuery.self) ?? AccountingQuery())
            case .showPipeline: .showPipeline
            case .showFlowExporters: .showFlowExporters
            case .showFlowMonitors: .showFlowMonitors
            case .showStatus: .showStatus
            case .showRunningConfiguration: .showRunningConfiguration
            case .showIsolation: .showIsolation
            case .explainPacket: .explainPacket(try required(PacketQuery.self))
            case .configurationCheck: .configurationCheck(try required(ConfigurationText.self))
            case .configurationDiff: .configurationDiff(try required(ConfigurationText.self))
            case .configurationReplace: .configurationReplace(try required(ConfigurationText.self))
            case .bgpClear: .bgpClear(try required(BGPClearOrder.self))
            case .clearAccessLists: .clearAccessLists(try optional(AccessListsQuery.self) ?? AccessListsQuery())
            case .clearPolicyMap: .clearPolicyMap(try optional(InterfaceQuery.self) ?? InterfaceQuery())
            case .clearFlowMonitors: .clearFlowMonitors(try optional(FlowMonitorQuery.self) ?? FlowMonitorQuery())
            case .clearFlowCounters: .clearFlowCounters
            case .clearRouteMaps: .clearRouteMaps(try optional(RouteMapsQuery.self) ?? RouteMapsQuery())
            }
    }

    private struct Required<Parameters: Decodable>: Decodable {
        let params: Parameters
    }

    private struct Optional<Parameters: Decodable>: Decodable {
        let params: Parameters?
    }
}
