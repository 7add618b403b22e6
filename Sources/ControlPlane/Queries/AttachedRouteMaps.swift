import Configuration

/// A route map where it is attached.
struct AttachedRouteMap {
    let interface: Interface
    let compiler: RouteMapCompiler
    /// Those that packets of the family can meet.
    let entries: [RouteMapEntry]

    var place: AttachmentPlace { compiler.place }
}

/// Where route maps are attached, and which numbers their counters have.
struct AttachedRouteMaps {
    let index: ConfigurationIndex
    let numbers: TableNumbers

    func places(of map: RouteMap) -> [AttachedRouteMap] {
        index.interfaces.flatMap { interface in
            AttachmentPlace.allCases.filter { interface.routeMaps[$0] == map.name }.map { place in
                let compiler = RouteMapCompiler(index: index, map: map, place: place)
                return AttachedRouteMap(interface: interface, compiler: compiler, entries: compiler.entries)
            }
        }
    }

    /// The number of an entry's counters.
    func instance(ofEntry sequence: UInt16, in attached: AttachedRouteMap) -> UInt32? {
        numbers.classInstances.numbers[attached.compiler.instanceName(on: attached.interface, sequence: sequence)]
    }

    /// The entry that has the counters of this number.
    func entry(ofInstance instance: UInt32) -> (RouteMap, RouteMapEntry)? {
        for map in index.configuration.routeMaps.values {
            for attached in places(of: map) {
                for entry in attached.entries where self.instance(ofEntry: entry.sequence, in: attached) == instance {
                    return (map, entry)
                }
            }
        }
        return nil
    }
}

extension ControlPlane {
    var attachedRouteMaps: AttachedRouteMaps { AttachedRouteMaps(index: index, numbers: numbers) }
}
