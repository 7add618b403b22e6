extension RoutesResult: DirectlyWritten {
    var sizeEstimate: Int { 512 + routes.count * 256 }

    func write(to json: inout JSONText) {
        json.object { json in
            if let nextCursor {
                json.key("next_cursor")
                json.string(nextCursor)
            }
            json.key("routes")
            json.array(routes) { json, route in route.write(to: &json) }
            json.key("schema")
            json.string(schema)
        }
    }
}

extension VRFRoute {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            json.key("administrative_distance")
            json.number(administrativeDistance)
            json.key("changed_at")
            json.time(changedAt)
            json.key("is_installed")
            json.bool(isInstalled)
            json.key("next_hops")
            json.array(nextHops) { json, hop in hop.write(to: &json) }
            json.key("prefix")
            json.prefix(prefix)
            json.key("source")
            json.string(source.rawValue)
            json.key("vrf")
            json.string(vrf)
        }
    }
}

extension RouteNextHop {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            if let address {
                json.key("address")
                json.address(address)
            }
            json.key("interface")
            json.string(interface)
            json.key("is_resolved")
            json.bool(isResolved)
            if let label {
                json.key("label")
                json.number(label.rawValue)
            }
        }
    }
}

extension BGPRoutesResult: DirectlyWritten {
    var sizeEstimate: Int { 512 + routes.count * 512 }

    func write(to json: inout JSONText) {
        json.object { json in
            json.key("family")
            json.string(family.rawValue)
            if let nextCursor {
                json.key("next_cursor")
                json.string(nextCursor)
            }
            json.key("routes")
            json.array(routes) { json, route in route.write(to: &json) }
            json.key("schema")
            json.string(schema)
            json.key("view")
            json.string(view.rawValue)
        }
    }
}

extension BGPRoute {
    fileprivate func write(to json: inout JSONText) {
        json.object { json in
            json.key("autonomous_system_path")
            json.string(autonomousSystemPath)
            json.key("changed_at")
            json.time(changedAt)
            json.key("communities")
            json.array(communities) { $0.string($1) }
            json.key("is_stale")
            json.bool(isStale)
            if let label {
                json.key("label")
                json.number(label.rawValue)
            }
            if let localPreference {
                json.key("local_preference")
                json.number(localPreference)
            }
            if let multiExitDiscriminator {
                json.key("multi_exit_discriminator")
                json.number(multiExitDiscriminator)
            }
            json.key("neighbor")
            json.address(neighbor)
            json.key("next_hop")
            json.address(nextHop)
            json.key("origin")
            json.string(origin)
            json.key("prefix")
            json.prefix(prefix)
            if let routeDistinguisher {
                json.key("route_distinguisher")
                json.text(routeDistinguisher)
            }
            json.key("route_targets")
            json.array(routeTargets) { $0.text($1) }
            json.key("vrfs")
            json.array(vrfs) { $0.string($1) }
        }
    }
}
