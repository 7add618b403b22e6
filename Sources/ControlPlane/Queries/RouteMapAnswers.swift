import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables

extension ShowRouteMaps: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> RouteMapsResult {
        let table = RouteMapTable(
            attached: plane.attachedRouteMaps, counters: plane.operatorCounters.shown,
            nextHops: RouteMapNextHops(
                index: plane.index, plan: plane.plan, tables: plane.tables, dataplane: plane.dataplane))
        return RouteMapsResult(
            takenAt: .now, routeMaps: try plane.configuration.routeMaps(named: name).map(table.status))
    }
}

extension ClearRouteMaps: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> CountersClearedResult {
        let attached = plane.attachedRouteMaps
        let counters = try plane.configuration.routeMaps(named: name).flatMap { map in
            attached.places(of: map).flatMap { place in
                place.entries.compactMap { attached.instance(ofEntry: $0.sequence, in: place) }
            }
        }
        plane.operatorCounters.clear { $0.clearClasses(counters, in: $1) }
        return CountersClearedResult(clearedAt: .now, counters: counters.count)
    }
}

extension Configuration {
    /// All route maps in the order of their names, or the one that is named.
    fileprivate func routeMaps(named name: String?) throws(ControlError) -> [RouteMap] {
        guard let name else { return routeMaps.values.sorted { $0.name < $1.name } }
        guard let map = routeMaps[name] else {
            throw ControlError(.noSuchObject, "there is no route map \(name)")
        }
        return [map]
    }
}

/// The entries of route maps, what they took where they are attached, and where they send it.
private struct RouteMapTable {
    let attached: AttachedRouteMaps
    let counters: ShownCounters
    let nextHops: RouteMapNextHops

    func status(of map: RouteMap) -> RouteMapStatus {
        let places = attached.places(of: map)
        return RouteMapStatus(name: map.name, entries: map.entries.map { status(of: $0, at: places) })
    }

    private func status(of entry: RouteMapEntry, at places: [AttachedRouteMap]) -> RouteMapEntryStatus {
        RouteMapEntryStatus(
            sequence: entry.sequence, action: entry.permits ? .permit : .deny, description: entry.description,
            match: entry.matchLines, set: entry.setLines,
            attachments: places.filter { $0.entries.contains { $0.sequence == entry.sequence } }.map {
                status(of: entry, in: $0)
            })
    }

    private func status(of entry: RouteMapEntry, in place: AttachedRouteMap) -> RouteMapAttachment {
        let numbers = counters.counters(ofClass: attached.instance(ofEntry: entry.sequence, in: place))
        let vrfs = attached.index.vrfs(servedOn: place.interface)
        let family = place.place.family
        let addresses = entry.nextHops[family] ?? []
        return RouteMapAttachment(
            interface: place.interface.name.description, family: family == .ipv4 ? .ipv4 : .ipv6,
            direction: place.place.direction == .input ? .input : .output,
            matched: numbers.count(STILE_GREEN) + numbers.count(STILE_YELLOW),
            withoutNextHop: numbers.count(STILE_YELLOW),
            nextHops: vrfs.flatMap { vrf in
                addresses.map { nextHops.gateway($0, vrf: vrf) }
                    + (entry.recursiveNextHops[family].map { [nextHops.recursive($0, vrf: vrf)] } ?? [])
            })
    }
}

/// The next hops of route maps as the workers see them.
private struct RouteMapNextHops {
    let index: ConfigurationIndex
    let plan: ForwardingPlan
    let tables: InstalledTables
    let dataplane: DataplaneLink

    private var reader: TablesReader { tables.writer.reader }

    /// A host on a circuit.
    func gateway(_ address: IPAddress, vrf: String) -> RouteMapNextHop {
        let circuit = index.circuit(ofVRF: vrf, towards: address)?.name.description
        let port = circuit.flatMap { plan.interfaces[$0]?.port }
        let key: NextHopKey? = circuit.flatMap { plan.interfaces[$0]?.number }.flatMap { circuit in
            plan.vrfs[vrf].map { .gateway(vrf: $0.number, circuit: circuit, address, address.family) }
        }
        let number = key.flatMap { tables.nextHops.number(of: $0) }
        return RouteMapNextHop(
            vrf: vrf, address: address, interface: circuit,
            isUp: number.map { reader.isResolved(reader.nextHop($0)) } == true && port.map(dataplane.isUsable) == true)
    }

    /// Where an address is routed in a VRF.
    func recursive(_ address: IPAddress, vrf name: String) -> RouteMapNextHop {
        let vrf = plan.vrfs[name]?.number.rawValue ?? 0
        let number =
            switch address {
            case .ipv4(let address): reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: vrf))
            case .ipv6(let address): reader.fib.lookup(ipv6: address.rawValue, root: reader.ipv6Root(ofVRF: vrf))
            }
        // Of a group any member is enough, and each packet takes the one of its flow.
        let route = reader.nextHop(number)
        let nextHop = route.isGroup ? reader.members(of: route).first { reader.isResolved($0) } ?? .none : route
        let egress = reader.egress(of: nextHop)
        return RouteMapNextHop(
            vrf: name, address: address, isRecursive: true,
            interface: egress.flatMap { plan.names[$0.counter] },
            isUp: reader.isResolved(nextHop) && egress.map { dataplane.isUsable(port: $0.port) } == true)
    }
}
