import Addressing
import ControlProtocol

extension ShowFPM: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> FPMResult {
        let engine = plane.engine
        var isConnected = false
        var since: Duration?
        switch engine.presence.state {
        case .neverConnected: break
        case .connected(let time): (isConnected, since) = (true, time)
        case .lost(let time): since = time
        }
        var routes: [EngineRouteStatus] = []
        for prefix in engine.ways.keys.sorted() {
            guard let way = engine.ways[prefix], let number = way.interface else { continue }
            routes.append(
                EngineRouteStatus(
                    prefix: prefix, nextHop: way.nextHop, interface: plane.plan.names[number.rawValue] ?? "",
                    labels: way.labels, isTransport: engine.isTransport(prefix, way),
                    isCurrent: !engine.unrepeated.contains(prefix)))
        }
        let past = since.map { engine.now - $0 }.map { WallClock.secondsSince1970 - $0.components.seconds }
        return FPMResult(
            port: engine.listener?.port, isConnected: isConnected,
            since: past.map { Timestamp(secondsSince1970: $0) }, connections: engine.counters.connections,
            messages: engine.counters.messages, malformed: engine.counters.malformed,
            bindings: UInt64(engine.table.bindings.count), routes: routes)
    }
}
