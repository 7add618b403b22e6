import Addressing

extension ConfigurationDraft: StatementSubject {
    typealias Printed = Configuration
}

/// The statements outside all blocks.
enum GlobalStatements {
    static let table = StatementTable<ConfigurationDraft>(
        boxStatements + [
            .block("dataplane", help: "the threads and the memory of the data plane", example: "dataplane") {
                line, draft throws(Finding) in
                draft.dataplane.declared = draft.dataplane.declared ?? line.wordsRange
                return .dataplane
            },
            .block("port", help: "a port and its device", example: "port ten1/9") { line, draft throws(Finding) in
                let name = try line.port().value
                draft.ports[name] = draft.ports[name] ?? PortDraft(declared: line.wordsRange)
                return .port(name)
            },
            .block(
                "interface|int", help: "an interface: an NNI, one of the core, a circuit, a unit, a port, or loopback0",
                example: "interface ten1/9"
            ) { line, draft throws(Finding) in
                if line.take("loopback0|lo0") {
                    draft.loopback = draft.loopback ?? LoopbackDraft(declared: line.wordsRange)
                    return .loopback
                }
                let name = try line.interface().value
                draft.interfaces[name] = draft.interfaces[name] ?? InterfaceDraft(declared: line.wordsRange)
                return .interface(name)
            },
            .block("ip", "vrf", help: "a VRF", example: "ip vrf three", read: vrf),
            .block(
                "vrf", "definition", help: "likewise", example: "vrf definition three", prints: .like("ip vrf three"),
                read: vrf),
            .block(
                "object-group", "network", help: "IPv4 networks under one name", example: "object-group network three"
            ) { line, draft throws(Finding) in
                try objectGroup(.networks(.ipv4, []), &line, &draft)
            },
            .block(
                "object-group", "v6-network", help: "IPv6 networks under one name",
                example: "object-group v6-network three"
            ) { line, draft throws(Finding) in
                try objectGroup(.networks(.ipv6, []), &line, &draft)
            },
            .block("object-group", "port", help: "ports under one name", example: "object-group port three") {
                line, draft throws(Finding) in
                try objectGroup(.ports([]), &line, &draft)
            },
            .line(
                "ip", "access-list", "resequence", help: "an access list's entries get new numbers",
                example: "ip access-list resequence web 10 10", prints: .carriedOut
            ) { line, draft throws(Finding) in
                draft.resequencings.append(try resequencing(.ipv4, &line))
            },
            .line(
                "ipv6", "access-list", "resequence", help: "an IPv6 access list's entries get new numbers",
                example: "ipv6 access-list resequence web6 10 10", prints: .carriedOut
            ) { line, draft throws(Finding) in
                draft.resequencings.append(try resequencing(.ipv6, &line))
            },
            .line(
                "ip", "access-list", "log-update", "threshold",
                help: "packets of a flow after which an entry that logs says so again",
                example: "ip access-list log-update threshold 1000",
                prints: .line { $0.accessListLogThresholds[.ipv4].map { "ip access-list log-update threshold \($0)" } }
            ) { line, draft throws(Finding) in
                try line.assign(&draft.accessListLogThresholds[.ipv4], logThreshold(&line))
            },
            .line(
                "ipv6", "access-list", "log-update", "threshold", help: "the same for IPv6",
                example: "ipv6 access-list log-update threshold 1000",
                prints: .line {
                    $0.accessListLogThresholds[.ipv6].map { "ipv6 access-list log-update threshold \($0)" }
                }
            ) { line, draft throws(Finding) in
                try line.assign(&draft.accessListLogThresholds[.ipv6], logThreshold(&line))
            },
            .block(
                "ip", "access-list", "standard|std", help: "a list that looks at sources alone",
                example: "ip access-list standard three"
            ) { line, draft throws(Finding) in
                try accessList(family: .ipv4, kind: .standard, &line, &draft.ipv4AccessLists)
            },
            .block(
                "ip", "access-list", "extended|ext", help: "a list that looks at all of a header",
                example: "ip access-list extended three"
            ) { line, draft throws(Finding) in
                try accessList(family: .ipv4, kind: .extended, &line, &draft.ipv4AccessLists)
            },
            .block("ipv6", "access-list", help: "a list for IPv6", example: "ipv6 access-list three") {
                line, draft throws(Finding) in
                try accessList(family: .ipv6, kind: .extended, &line, &draft.ipv6AccessLists)
            },
            .block(
                "class-map", help: "a class of packets, which meet all of its criteria or any",
                example: "class-map match-all three", read: classMap),
            .block("policy-map", help: "what is done with classes", example: "policy-map three") {
                line, draft throws(Finding) in
                let name = try line.name("a policy map").value
                draft.policyMaps[name] = draft.policyMaps[name] ?? PolicyMapDraft(name: name, declared: line.wordsRange)
                return .policyMap(name)
            },
            .block("flow", "exporter", help: "where flow records are sent", example: "flow exporter three") {
                line, draft throws(Finding) in
                let name = try line.name("a flow exporter").value
                draft.flowExporters[name] = draft.flowExporters[name] ?? FlowExporterDraft(declared: line.wordsRange)
                return .flowExporter(name)
            },
            .block("flow", "monitor", help: "how flows are metered", example: "flow monitor three") {
                line, draft throws(Finding) in
                let name = try line.name("a flow monitor").value
                draft.flowMonitors[name] = draft.flowMonitors[name] ?? FlowMonitorDraft(declared: line.wordsRange)
                return .flowMonitor(name)
            },
            .block("table-map", help: "a table between code points and traffic classes", example: "table-map three") {
                line, draft throws(Finding) in
                let name = try line.name("a table map").value
                draft.tableMaps[name] = draft.tableMaps[name] ?? TableMapDraft(declared: line.wordsRange)
                return .tableMap(name)
            },
            .block("route-map", help: "an entry of a route map", example: "route-map three permit 10", read: routeMap),
            .block("router", "bgp", help: "BGP, with the AS of the box", example: "router bgp 42") {
                line, draft throws(Finding) in
                try line.assign(&draft.bgp.autonomousSystem, line.autonomousSystem())
                return .bgp
            },
            .line(
                "ip", "route", "vrf", help: "a static route: to a neighbor on a circuit, or to Null0",
                example: "ip route vrf one 10.9.0.0/16 10.1.0.7", prints: .inOrder
            ) { line, draft throws(Finding) in
                draft.staticRoutes.append(try staticRoute(family: .ipv4, &line))
            },
            .line(
                "ipv6", "route", "vrf", help: "an IPv6 static route",
                example: "ipv6 route vrf one 2001:db8:9::/48 2001:db8:1::7", prints: .inOrder
            ) { line, draft throws(Finding) in
                draft.staticRoutes.append(try staticRoute(family: .ipv6, &line))
            },
        ] + CoreStatements.global + RoutingEngineStatements.global + MetricsStatements.global + LoggingStatements.global
            + PrefixListStatements.global
            + RoutePolicyListStatements.global + CommonLabelStatements.global)

    private static let boxStatements: [Statement<ConfigurationDraft>] = [
        .line(
            "hostname", help: "the name of the box", example: "hostname asbr1",
            prints: .line(rank: 0) { $0.hostname.map { "hostname \($0)" } }
        ) { line, draft throws(Finding) in
            try line.assign(&draft.hostname, line.name("the box").value)
        },
        .line(
            "mpls", "label", "range", help: "the labels that VRFs get", example: "mpls label range 1000 1999",
            prints: .line {
                $0.mpls.labelRange == MPLSSettings.everyLabel
                    ? nil : "mpls label range \($0.mpls.labelRange.lowerBound) \($0.mpls.labelRange.upperBound)"
            }
        ) { line, draft throws(Finding) in
            let everyLabel = MPLSSettings.everyLabel
            let lowest: UInt32 = try line.number("the lowest label", in: everyLabel)
            let highest: UInt32 = try line.number("the highest label", in: lowest...everyLabel.upperBound)
            try line.assign(&draft.labelRange, lowest...highest)
        },
        .line(
            "mpls", "label", "quarantine", help: "seconds for which a label that was given up is given to nobody",
            example: "mpls label quarantine 60",
            prints: .line {
                $0.mpls.labelQuarantineSeconds == MPLSSettings.defaultLabelQuarantineSeconds
                    ? nil : "mpls label quarantine \($0.mpls.labelQuarantineSeconds)"
            }
        ) { line, draft throws(Finding) in
            let seconds: UInt32 = try line.number("seconds", in: 0...604_800)
            try line.assign(&draft.labelQuarantineSeconds, seconds)
        },
        .line(
            "mpls", "label", "withdrawal-delay",
            help: "seconds for which a label that was withdrawn goes on being valid",
            example: "mpls label withdrawal-delay 10",
            prints: .line {
                $0.mpls.labelWithdrawalSeconds == MPLSSettings.defaultLabelWithdrawalSeconds
                    ? nil : "mpls label withdrawal-delay \($0.mpls.labelWithdrawalSeconds)"
            }
        ) { line, draft throws(Finding) in
            let seconds: UInt32 = try line.number("seconds", in: 0...3600)
            try line.assign(&draft.labelWithdrawalSeconds, seconds)
        },
        .line(
            "no", "mpls", "ip", "propagate-ttl", help: "the TTL of packets is not copied into labels",
            example: "no mpls ip propagate-ttl", prints: .line("no mpls ip propagate-ttl") { !$0.mpls.propagatesTTL }
        ) { line, draft throws(Finding) in
            try line.assign(&draft.propagatesTTL, false)
        },
        .line(
            "mpls", "ip", "propagate-ttl", help: "it is copied, which holds anyway", example: "mpls ip propagate-ttl",
            prints: .never
        ) { line, draft throws(Finding) in
            try line.assign(&draft.propagatesTTL, true)
        },
    ]

    @Sendable
    private static func vrf(_ line: inout LineReader, _ draft: inout ConfigurationDraft) throws(Finding) -> Mode {
        let name = try line.name("a VRF").value
        draft.vrfs[name] = draft.vrfs[name] ?? VRFDraft(name: name, declared: line.wordsRange)
        return .vrf(name)
    }

    private static func objectGroup(
        _ members: ObjectGroup.Members, _ line: inout LineReader, _ draft: inout ConfigurationDraft
    ) throws(Finding) -> Mode {
        let name = try line.name("an object group")
        if let earlier = draft.objectGroups[name.value], earlier.members.kind != members.kind {
            throw Finding(
                .conflictingStatement, "'\(name.value)' is a group of another kind on line \(earlier.declared.line)",
                at: name.range, hint: "give one of the two another name")
        }
        draft.objectGroups[name.value] =
            draft.objectGroups[name.value] ?? ObjectGroupDraft(declared: line.wordsRange, members: members)
        return .objectGroup(name.value)
    }

    private static func resequencing(
        _ family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> Resequencing {
        let name = try line.name("an access list")
        let start: UInt32 = try line.number("the first sequence number", in: 1...UInt32.max)
        let step: UInt32 = try line.number("the step", in: 1...UInt32.max)
        return Resequencing(name: name, family: family, start: start, step: step)
    }

    private static func logThreshold(_ line: inout LineReader) throws(Finding) -> UInt32 {
        try line.number("packets of one flow", in: 1...UInt32(Int32.max))
    }

    private static func accessList(
        family: AddressFamily, kind: AccessListKind, _ line: inout LineReader, _ lists: inout [String: AccessListDraft]
    ) throws(Finding) -> Mode {
        let name = try line.name("an access list")
        if let earlier = lists[name.value], earlier.kind != kind {
            throw Finding(
                .conflictingStatement,
                "'\(name.value)' is a \(earlier.kind.rawValue) list on line \(earlier.declared.line)",
                at: name.range, hint: "give one of the two another name")
        }
        lists[name.value] =
            lists[name.value] ?? AccessListDraft(declared: line.wordsRange, family: family, kind: kind)
        return .accessList(family, kind, name.value)
    }

    @Sendable
    private static func classMap(_ line: inout LineReader, _ draft: inout ConfigurationDraft) throws(Finding) -> Mode {
        let requiresAll = !line.take("match-any")
        if requiresAll { _ = line.take("match-all") }
        let name = try line.name("a class map")
        if let earlier = draft.classMaps[name.value], earlier.requiresAll != requiresAll {
            throw Finding(
                .conflictingStatement, "'\(name.value)' is of the other kind on line \(earlier.declared.line)",
                at: name.range, hint: "say match-any or match-all in both places")
        }
        draft.classMaps[name.value] =
            draft.classMaps[name.value] ?? ClassMapDraft(declared: line.wordsRange, requiresAll: requiresAll)
        return .classMap(name.value)
    }

    @Sendable
    private static func routeMap(_ line: inout LineReader, _ draft: inout ConfigurationDraft) throws(Finding) -> Mode {
        let name = try line.name("a route map").value
        let permits = try line.choose(["permit": true, "deny": false])
        let sequence: UInt16 = try line.number("a sequence number", in: 1...UInt16.max)
        var map = draft.routeMaps[name] ?? RouteMapDraft(declared: line.wordsRange)
        if let earlier = map.entries[sequence] {
            throw Finding(
                .duplicateSequence,
                "route map '\(name)' has the sequence number \(sequence) already, on line \(earlier.declared.line)",
                at: line.wordsRange, hint: "give one of the two another number, or join them")
        }
        map.entries[sequence] = RouteMapEntryDraft(declared: line.wordsRange, permits: permits)
        draft.routeMaps[name] = map
        return .routeMapEntry(routeMap: name, sequence: sequence)
    }

    private static func staticRoute(
        family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> StaticRouteDraft {
        let vrf = try line.name("a VRF")
        let prefix = try line.prefix(family: family)
        let nextHop: Located<StaticNextHop>
        if line.take("null0|null") {
            nextHop = Located(value: .discard, range: line.range(of: line.tokens[line.position - 1]))
        } else if family == .ipv6, !line.isAtEnd, InterfaceName(line.tokens[line.position].text) != nil {
            nextHop = try nextHopOnLink(&line)
        } else {
            let address = try line.address("the next hop or Null0,", family: family)
            nextHop = Located(value: .address(address.value), range: address.range)
        }
        let distance: UInt8 = line.isAtEnd ? 1 : try line.number("the administrative distance", in: 1...255)
        return StaticRouteDraft(
            route: StaticRoute(vrf: vrf.value, prefix: prefix.value, nextHop: nextHop.value, distance: distance),
            declared: line.wordsRange, vrf: vrf.range, nextHop: nextHop.range)
    }

    /// An interface and the link-local address of a router on it.
    private static func nextHopOnLink(_ line: inout LineReader) throws(Finding) -> Located<StaticNextHop> {
        let interface = try line.interface()
        let address = try line.address("a link-local address", family: .ipv6)
        guard case .ipv6(let nextHop) = address.value, nextHop.isLinkLocal else {
            throw line.invalid(
                line.tokens[line.position - 1], expected: "a link-local address",
                hint: "the interface of another address is known by its subnet: leave the interface out")
        }
        return Located(value: .onLink(interface.value, nextHop), range: interface.range)
    }
}
