import Foundation

extension ControlResponse {
    /// The response to a request of `method` with the `result` of a JSON-RPC document.
    /// - Throws: `DecodingError` when it is no such result; ``ControlError`` when it is one of another version.
    init(_ method: ControlMethod, resultOf document: Data) throws {
        func result<Value: ControlResult>(_ type: Value.Type) throws -> Value {
            let value: Value
            do {
                value = try ControlCoding.decode(Carrier<Value>.self, from: document).result
            } catch {
                // A result of another version is not to be reported as malformed.
                let carrier = try? ControlCoding.decode(Carrier<SchemaOnly>.self, from: document)
                if let schema = carrier?.result.schema { try check(schema, is: Value.schemaIdentifier) }
                throw error
            }
            try check(value.schema, is: Value.schemaIdentifier)
            return value
        }
        self =
            switch method {
            case .showInterfaces: .interfaces(try result(InterfacesResult.self))
            case .showPorts: .ports(try result(PortsResult.self))
            case .showVRFs: .vrfs(try result(VRFsResult.self))
            case .showLabels: .labels(try result(LabelsResult.self))
            case .showBGPSummary: .bgpSummary(try result(BGPSummaryResult.self))
            case .showBGPNeighbors: .bgpNeighbors(try result(BGPNeighborsResult.self))
            case .showBGPRoutes: .bgpRoutes(try result(BGPRoutesResult.self))
            case .showRoutes: .routes(try result(RoutesResult.self))
            case .showNeighbors: .neighbors(try result(NeighborsResult.self))
            case .showDrops: .drops(try result(DropsResult.self))
            case .showAccessLists: .accessLists(try result(AccessListsResult.self))
            case .showPolicyMap: .policyMap(try result(PolicyMapResult.self))
            case .showRouteMaps: .routeMaps(try result(RouteMapsResult.self))
            case .showAccounting: .accounting(try result(AccountingResult.self))
            case .showPipeline: .pipeline(try result(PipelineResult.self))
            case .showFlowExporters: .flowExporters(try result(FlowExportersResult.self))
            case .showFlowMonitors: .flowMonitors(try result(FlowMonitorsResult.self))
            case .showStatus: .status(try result(StatusResult.self))
            case .showRunningConfiguration: .runningConfiguration(try result(RunningConfigurationResult.self))
            case .showIsolation: .isolation(try result(IsolationResult.self))
            case .explainPacket: .explanation(try result(ExplanationResult.self))
            case .configurationCheck: .configurationCheck(try result(ConfigurationCheckResult.self))
            case .configurationDiff: .configurationDiff(try result(ConfigurationDiffResult.self))
            case .configurationReplace: .configurationReplace(try result(ConfigurationReplaceResult.self))
            case .bgpClear: .bgpClear(try result(BGPClearResult.self))
            case .clearAccessLists, .clearPolicyMap, .clearRouteMaps, .clearFlowCounters:
                .countersCleared(try result(CountersClearedResult.self))
            case .clearFlowMonitors: .flowsEnded(try result(FlowsEndedResult.self))
            }
    }

    private struct Carrier<Value: Decodable>: Decodable {
        let result: Value
    }

    private struct SchemaOnly: Decodable {
        let schema: String
    }
}

private func check(_ schema: String, is expected: String) throws(ControlError) {
    guard schema == expected else {
        throw ControlError(.internalError, "stile reads \(expected), but the daemon sends \(schema)")
    }
}
