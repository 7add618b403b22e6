import ControlProtocol
import Routing

extension ControlPlane {
    /// Answers a request of the control socket. What a client sends is read, checked and compared beside the event loop,
    /// on which sessions and packets wait; only the state of the box is asked for there.
    public nonisolated func answer(_ request: ControlRequest) async -> Result<ControlResponse, ControlError> {
        do throws(ControlError) {
            return .success(try await response(to: request))
        } catch {
            return .failure(error)
        }
    }

    private nonisolated func response(to request: ControlRequest) async throws(ControlError) -> ControlResponse {
        switch request {
        case .showInterfaces(let query): .interfaces(try await interfaces(query))
        case .showPorts: .ports(await ports())
        case .showVRFs: .vrfs(await vrfs())
        case .showLabels: .labels(await labels())
        case .showBGPSummary: .bgpSummary(try await bgpSummary())
        case .showBGPNeighbors(let query): .bgpNeighbors(try await bgpNeighbors(query))
        case .showBGPRoutes(let query): .bgpRoutes(try await bgpRoutes(query))
        case .showRoutes(let query): .routes(try await routes(query))
        case .showNeighbors: .neighbors(await linkNeighbors())
        case .showDrops(let query): .drops(try await drops(query))
        case .showAccessLists(let query): .accessLists(try await accessLists(query))
        case .showPolicyMap(let query): .policyMap(try await policyMap(query))
        case .showRouteMaps(let query): .routeMaps(try await routeMaps(query))
        case .showAccounting(let query): .accounting(try await accounting(query))
        case .showPipeline: .pipeline(try await pipeline())
        case .showFlowExporters: .flowExporters(await flowExportersResult())
        case .showFlowMonitors: .flowMonitors(await flowMonitorsResult())
        case .showStatus: .status(await status())
        case .showRunningConfiguration:
            .runningConfiguration(await runningConfiguration())
        case .showIsolation: .isolation(await isolation())
        case .explainPacket(let query): .explanation(try await explanation(of: query))
        case .configurationCheck(let text): .configurationCheck(try await check(text))
        case .configurationDiff(let text): .configurationDiff(try await diff(text))
        case .configurationReplace(let text): .configurationReplace(try await replace(with: text))
        case .bgpClear(let order): .bgpClear(try await clear(order))
        case .clearAccessLists(let query): .countersCleared(try await clearAccessLists(query))
        case .clearPolicyMap(let query): .countersCleared(try await clearPolicyMap(query))
        case .clearFlowMonitors(let query): .flowsEnded(try await clearFlowMonitors(query))
        case .clearFlowCounters: .countersCleared(await clearFlowCounters())
        case .clearRouteMaps(let query): .countersCleared(try await clearRouteMaps(query))
        }
    }

    var takenAt: Timestamp {
        Timestamp(secondsSince1970: WallClock.secondsSince1970)
    }
}

extension Timestamp {
    init(_ timestamp: Instant) {
        self.init(secondsSince1970: Int64(clamping: timestamp.millisecondsSince1970 / 1000))
    }
}
