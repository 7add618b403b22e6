import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables

extension ControlPlane {
    /// `show.route_maps`.
    func routeMaps(_ query: RouteMapsQuery) throws(ControlError) -> RouteMapsResult {
        RouteMapsResult(
            takenAt: takenAt,
            routeMaps: try selectedRouteMaps(query).map { map in
                let places = attachments(of: map)
                return RouteMapStatus(name: map.name, entries: map.entries.map { status(of: $0, at: places) })
            })
    }

    /// `clear.route_maps`.
    func clearRouteMaps(_ query: RouteMapsQuery) throws(ControlError) -> CountersClearedResult {
        let counters = try selectedRouteMaps(query).flatMap { map in
            attachments(of: map).flatMap { attachment in
                attachment.entries.compactMap { instance(ofEntry: $0.sequence, in: attachment) }
            }
        }
        if let reader = dataplane.reader {
            baselines.clearClasses(counters, in: reader)
            saveBaselines()
        }
        return CountersClearedResult(clearedAt: takenAt, counters: counters.count)
    }

    private func selectedRouteMaps(_ query: RouteMapsQuery) throws(ControlError) -> [RouteMap] {
        guard let name = query.name else { return configuration.routeMaps.values.sorted { $0.name < $1.name } }
        guard let map = configuration.routeMaps[name] else {
            throw ControlError(.noSuchObject, "there is no route map \(name)")
        }
        return [map]
    }

    /// A route map where it is attached.
    private struct Attachment {
        let interface: Interface
        let compiler: RouteMapCompiler
        /// Those that packets of the family can meet.
        let entries: [RouteMapEntry]

        var place: AttachmentPlace { compiler.place }
    }

    private func attachments(of map: RouteMap) -> [Attachment] {
        index.interfaces.flatMap { interface in
            AttachmentPlace.allCases.filter { interface.routeMaps[$0] == map.name }.map { place in
                let compiler = RouteMapCompiler(index: index, map: map, place: place)
                return Attachment(interface: interface, compiler: compiler, entries: compiler.entries)
            }
        }
    }

    private func instance(ofEntry sequence: UInt16, in attachment: Attachment) -> UInt32? {
        numbers.classInstances.numbers[
            attachment.compiler.instanceName(on: attachment.interface, sequence: sequence)]
    }

    private func status(of entry: RouteMapEntry, at places: [Attachment]) -> RouteMapEntryStatus {
        RouteMapEntryStatus(
            sequence: entry.sequence, action: entry.permits ? .permit : .deny, description: entry.description,
            match: entry.matchLines, set: entry.setLines,
            attachments: places.filter { $0.entries.contains { $0.sequence == entry.sequence } }.map {
                status(of: entry, in: $0)
            })
    }

    private func status(of entry: RouteMapEntry, in attachment: Attachment) -> RouteMapAttachment {
        let counters =
            instance(ofEntry: entry.sequence, in: attachment).map {
                baselines.counters(ofClass: $0, in: dataplane.reader)
            } ?? ClassCounters()
        func count(_ colour: stile_colour) -> TrafficCount {
            TrafficCount(packets: counters.packets[Int(colour.rawValue)], bytes: counters.octets[Int(colour.rawValue)])
        }
        let vrfs = index.vrfs(servedOn: attachment.interface)
        let family = attachment.place.family
        let addresses = entry.nextHops[family] ?? []
        return RouteMapAttachment(
            interface: attachment.interface.name.description, family: family == .ipv4 ? .ipv4 : .ipv6,
            direction: attachment.place.direction == .input ? .input : .output,
            matched: count(STILE_GREEN) + count(STILE_YELLOW), withoutNextHop: count(STILE_YELLOW),
            nextHops: vrfs.flatMap { vrf in
                addresses.map { nextHop($0, vrf: vrf) }
                    + (entry.recursiveNextHops[family].map { [recursiveNextHop($0, vrf: vrf)] } ?? [])
            })
    }

    /// A next hop as the workers see it.
    private func nextHop(_ address: IPAddress, vrf: String) -> RouteMapNextHop {
        let circuit = index.circuit(ofVRF: vrf, towards: address)?.name.description
        let port = circuit.flatMap { plan.interfaces[$0]?.port }
        let number = circuit.flatMap { tables.nextHopNumbers[.gateway(vrf: vrf, circuit: $0, address)] }
        let reader = tables.writer.reader
        return RouteMapNextHop(
            vrf: vrf, address: address, interface: circuit,
            isUp: number.map { reader.isResolved(reader.nextHop($0)) } == true && port.map(dataplane.isUsable) == true)
    }
}

extension ControlPlane {
    /// Where an address is routed in a VRF, as the workers find it.
    private func recursiveNextHop(_ address: IPAddress, vrf name: String) -> RouteMapNextHop {
        let reader = tables.writer.reader
        let vrf = plan.vrfs[name]?.number ?? 0
        let number =
            switch address {
            case .ipv4(let address): reader.fib.lookup(ipv4: address.rawValue, root: reader.ipv4Root(ofVRF: vrf))
            case .ipv6(let address): reader.fib.lookup(ipv6: address.rawValue, root: reader.ipv6Root(ofVRF: vrf))
            }
        let nextHop = reader.nextHop(number)
        let egress = reader.egress(of: nextHop)
        return RouteMapNextHop(
            vrf: name, address: address, isRecursive: true,
            interface: egress.flatMap { plan.names[$0.counter] },
            isUp: reader.isResolved(nextHop) && egress.map { dataplane.isUsable(port: $0.port) } == true)
    }
}

/// From an entry in the tables back to the configuration.
extension ControlPlane {
    /// The entry in words.
    func text(ofRouteMapEntry index: UInt32) -> String {
        guard let (map, entry) = routeMapEntry(index) else { return "route map entry \(index)" }
        let statements = entry.setLines.isEmpty ? "by destination" : entry.setLines.joined(separator: ", ")
        return "route map \(map.name): \(entry.permits ? "permit" : "deny") \(entry.sequence) (\(statements))"
    }

    func location(ofRouteMapEntry index: UInt32) -> SourceLocation? {
        routeMapEntry(index).flatMap { map, entry in
            loaded.sources[.routeMapEntry(routeMap: map.name, sequence: entry.sequence)]
        }
    }

    private func routeMapEntry(_ index: UInt32) -> (RouteMap, RouteMapEntry)? {
        let instance = tables.writer.reader.routeMapEntries[Int(index)].instance
        for map in configuration.routeMaps.values {
            for attachment in attachments(of: map) {
                for entry in attachment.entries
                where self.instance(ofEntry: entry.sequence, in: attachment) == instance {
                    return (map, entry)
                }
            }
        }
        return nil
    }
}
