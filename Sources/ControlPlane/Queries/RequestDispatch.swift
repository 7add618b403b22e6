import ControlProtocol

extension ControlPlane {
    /// Answers a request of the control socket.
    public func answer(_ request: ControlRequest) -> Result<ControlResponse, ControlError> {
        do throws(ControlError) {
            return .success(try response(to: request))
        } catch {
            return .failure(error)
        }
    }

    private func response(to request: ControlRequest) throws(ControlError) -> ControlResponse {
        switch request {
        case .showInterfaces(let query): .interfaces(try interfaces(query))
        case .showPorts: .ports(ports())
        case .showVRFs: .vrfs(vrfs())
        case .showLabels: .labels(labels())
        case .showBGPSummary: .bgpSummary(try bgpSummary())
        case .showBGPNeighbors(let query): .bgpNeighbors(try bgpNeighbors(query))
        case .showBGPRoutes(let query): .bgpRoutes(try bgpRoutes(query))
        case .showRoutes(let query): .routes(try routes(query))
        case .showNeighbors: .neighbors(linkNeighbors())
        case .showDrops(let query): .drops(try drops(query))
        case .showAccessLists(let query): .accessLists(try accessLists(query))
        case .showPolicyMap(let query): .policyMap(try policyMap(query))
        case .showRouteMaps(let query): .routeMaps(try routeMaps(query))
        case .showAccounting(let query): .accounting(try accounting(query))
        case .showPipeline: .pipeline(try pipeline())
        case .showFlowExporters: .flowExporters(flowExportersResult())
        case .showFlowMonitors: .flowMonitors(flowMonitorsResult())
        case .showStatus: .status(status())
        case .showRunningConfiguration:
            .runningConfiguration(
                RunningConfigurationResult(
                    text: configuration.canonicalText, appliedAt: Timestamp(secondsSince1970: appliedAt)))
        case .showIsolation: .isolation(isolation())
        case .explainPacket(let query): .explanation(try explanation(of: query))
        case .configurationCheck(let text): .configurationCheck(try check(text))
        case .configurationDiff(let text): .configurationDiff(try diff(text))
        case .configurationReplace(let text): .configurationReplace(try replace(with: text))
        case .bgpClear(let order): .bgpClear(try clear(order))
        case .clearAccessLists(let query): .countersCleared(try clearAccessLists(query))
        case .clearPolicyMap(let query): .countersCleared(try clearPolicyMap(query))
        case .clearFlowMonitors(let query): .flowsEnded(try clearFlowMonitors(query))
        case .clearFlowCounters: .countersCleared(clearFlowCounters())
        case .clearRouteMaps(let query): .countersCleared(try clearRouteMaps(query))
        }
    }

    var takenAt: ControlProtocol.Timestamp {
        ControlProtocol.Timestamp(secondsSince1970: WallClock.secondsSince1970)
    }
}

extension ControlProtocol.Timestamp {
    init(_ timestamp: RoutingTimestamp) {
        self.init(secondsSince1970: Int64(clamping: timestamp.millisecondsSince1970 / 1000))
    }
}
