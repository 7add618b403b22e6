import Addressing

/// The statements of an `ip vrf` block.
enum VRFStatements {
    static let table = StatementTable<VRFDraft>(
        PrefixListStatements.ofVRF + [
            .line("description|desc") { line, vrf throws(Finding) in
                try line.assign(&vrf.description, line.freeText("a description"))
            },
            .line("rd") { line, vrf throws(Finding) in
                let token = try line.next("a route distinguisher, such as 42:1")
                guard let value = RouteDistinguisher(token.text) else {
                    throw line.invalid(token, expected: "a route distinguisher: ASN:number or A.B.C.D:number")
                }
                try line.assign(&vrf.routeDistinguisher, value)
            },
            .line("route-target", "import") { line, vrf throws(Finding) in
                try vrf.importTargets.formUnion(routeTargets(&line))
            },
            .line("route-target", "export") { line, vrf throws(Finding) in
                try vrf.exportTargets.formUnion(routeTargets(&line))
            },
            .line("route-target", "both") { line, vrf throws(Finding) in
                let targets = try routeTargets(&line)
                vrf.importTargets.formUnion(targets)
                vrf.exportTargets.formUnion(targets)
            },
            .line("optE") { line, vrf throws(Finding) in
                guard !line.isAtEnd else {
                    vrf.everyNeighbor = line.wordsRange
                    return
                }
                repeat {
                    vrf.neighbors.append(try line.address("the address of an Option E neighbor"))
                } while !line.isAtEnd
            },
            .line("optE", "transit") { line, vrf throws(Finding) in vrf.transit = line.wordsRange },
            .line("optE", "accept-connected") { line, vrf throws(Finding) in
                vrf.acceptsConnectedSubnets = line.wordsRange
            },
            .block("address-family", "ipv4") { line, vrf throws(Finding) in
                try addressFamily(.ipv4, &line, &vrf)
            },
            .block("address-family", "ipv6") { line, vrf throws(Finding) in
                try addressFamily(.ipv6, &line, &vrf)
            },
            .line("no", "mpls", "ip", "propagate-ttl") { line, vrf throws(Finding) in
                try line.assign(&vrf.propagatesTTL, false)
            },
            .line("mpls", "ip", "propagate-ttl") { line, vrf throws(Finding) in
                try line.assign(&vrf.propagatesTTL, true)
            },
            .line("loopback") { line, vrf throws(Finding) in
                let address = try line.address("the address of the box in the VRF").value
                try line.assign(&vrf.loopbacks[address.family], address)
            },
            .line("maximum", "routes") { line, vrf throws(Finding) in
                try line.assign(&vrf.maximumRoutes, line.maximum("routes", withRestart: false))
            },
            .line("memory", "reserve") { line, vrf throws(Finding) in
                try line.assign(&vrf.reservedMemoryMebibytes, line.number("mebibytes", in: 1...4096))
            },
            .line("policy-route", "from") { line, vrf throws(Finding) in
                repeat {
                    let name = try line.name("a VRF")
                    if !vrf.policyRouteSources.contains(where: { $0.value == name.value }) {
                        vrf.policyRouteSources.append(name)
                    }
                } while !line.isAtEnd
            },
            .line("flow", "monitor") { line, vrf throws(Finding) in
                try FlowMonitorStatements.assign(line.name("a flow monitor"), to: &vrf.flowMonitor, line)
            },
        ])

    /// Inside `address-family`, whose line alone says that the VRF carries the family.
    static let addressFamilyTable = StatementTable<VRFDraft>([
        .refused(
            "route-target",
            hint: "a VRF's route targets hold for all its address families: put the line under 'ip vrf' itself")
    ])

    private static func addressFamily(
        _ family: AddressFamily, _ line: inout LineReader, _ vrf: inout VRFDraft
    ) throws(Finding) -> Mode {
        _ = line.take("unicast")
        vrf.addressFamilies.insert(family)
        return .vrfAddressFamily(vrf.name)
    }

    private static func routeTargets(_ line: inout LineReader) throws(Finding) -> Set<RouteTarget> {
        var targets: Set<RouteTarget> = []
        repeat {
            let token = try line.next("a route target, such as 42:1")
            guard let target = RouteTarget(token.text) else {
                throw line.invalid(token, expected: "a route target: ASN:number or A.B.C.D:number")
            }
            targets.insert(target)
        } while !line.isAtEnd
        return targets
    }
}
