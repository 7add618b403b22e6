import Addressing

extension VRFDraft: StatementSubject {
    typealias Printed = VRF
}

/// The statements of an `ip vrf` block.
enum VRFStatements {
    static let table = StatementTable<VRFDraft>(
        PrefixListStatements.ofVRF + RouteMapPolicyStatements.ofVRF + OptionABStatement.all + [
            .line(
                "description|desc", help: "a text for people", example: "description the office network",
                prints: .line(rank: 0) { $0.description.map { "description \(printed(freeText: $0))" } }
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.description, line.freeText("a description"))
            },
            .line(
                "rd", help: "its route distinguisher", example: "rd 42:1",
                prints: .line(rank: 0) { "rd \($0.routeDistinguisher)" }
            ) { line, vrf throws(Finding) in
                let token = try line.next("a route distinguisher, such as 42:1")
                guard let value = RouteDistinguisher(token.text) else {
                    throw line.invalid(token, expected: "a route distinguisher: ASN:number or A.B.C.D:number")
                }
                try line.assign(&vrf.routeDistinguisher, value)
            },
            .line(
                "route-target", "import",
                help:
                    "routes with one of these targets are taken; 'core' or 'nni [A.B.C.D]' behind it: only from there",
                example: "route-target import 42:2", prints: .lines(rank: 0, routeTargets)
            ) { line, vrf throws(Finding) in
                try routeTargets(&line, &vrf, [\.imported])
            },
            .line(
                "route-target", "export",
                help: "its routes get these targets; 'core' or 'nni [A.B.C.D]' behind it: only there",
                example: "route-target export 42:2",
                prints: .like("route-target export 42:2")
            ) { line, vrf throws(Finding) in
                try routeTargets(&line, &vrf, [\.exported])
            },
            .line(
                "route-target", "both", help: "both", example: "route-target both 42:1",
                prints: .like("route-target both 42:1")
            ) { line, vrf throws(Finding) in
                try routeTargets(&line, &vrf, [\.imported, \.exported])
            },
            .line(
                "optE", help: "it is eligible on every Option E neighbor, or on those that are named",
                example: "optE 192.0.2.2",
                prints: .line(rank: 1) { vrf in
                    switch vrf.optionE {
                    case .byUnitOnly: nil
                    case .everyNeighbor: "optE"
                    case .neighbors(let addresses):
                        "optE " + addresses.sorted().map(\.description).joined(separator: " ")
                    }
                }
            ) { line, vrf throws(Finding) in
                guard !line.isAtEnd else {
                    vrf.everyNeighbor = line.wordsRange
                    return
                }
                repeat {
                    vrf.neighbors.append(try line.address("the address of an Option E neighbor"))
                } while !line.isAtEnd
            },
            .line(
                "optB", help: "it takes part with every Option B neighbor, or with those that are named",
                example: "optB 198.51.100.2",
                prints: .line(rank: 1) { vrf in
                    switch vrf.optionB {
                    case .byUnitOnly: nil
                    case .everyNeighbor: "optB"
                    case .neighbors(let addresses):
                        "optB " + addresses.sorted().map(\.description).joined(separator: " ")
                    }
                }
            ) { line, vrf throws(Finding) in
                guard !line.isAtEnd else {
                    vrf.everyRelayNeighbor = line.wordsRange
                    return
                }
                repeat {
                    vrf.relayNeighbors.append(try line.address("the address of an Option B neighbor"))
                } while !line.isAtEnd
            },
            .line(
                "optE", "transit", help: "what comes in by an NNI may leave by an NNI", example: "optE transit",
                prints: .line("optE transit", rank: 1, if: \.allowsTransit)
            ) { line, vrf throws(Finding) in vrf.transit = line.wordsRange },
            .line(
                "optE", "accept-connected", help: "routes of NNIs to its own connected subnets are used",
                example: "optE accept-connected",
                prints: .line("optE accept-connected", rank: 1, if: \.acceptsConnectedSubnets)
            ) { line, vrf throws(Finding) in
                vrf.acceptsConnectedSubnets = line.wordsRange
            },
            .line(
                "label", "mode",
                help: "what its labels mean to the core and Option B: 'per-vrf', 'per-next-hop' or 'per-prefix'",
                example: "label mode per-next-hop",
                prints: .line(rank: 1) {
                    $0.labelMode == .perVRF ? nil : "label mode \($0.labelMode.rawValue)"
                }
            ) { line, vrf throws(Finding) in
                let mode = try line.choose([
                    "per-vrf": LabelMode.perVRF, "per-next-hop": .perNextHop, "per-prefix": .perPrefix,
                ])
                try line.assign(&vrf.labelMode, mode)
            },
            .block(
                "address-family", "ipv4", help: "it carries IPv4; without such a line it carries both families",
                example: "address-family ipv4",
                prints: .line("address-family ipv4", rank: 3) { $0.addressFamilies == [.ipv4] }
            ) { line, vrf throws(Finding) in
                try addressFamily(.ipv4, &line, &vrf)
            },
            .block(
                "address-family", "ipv6", help: "it carries IPv6", example: "address-family ipv6",
                prints: .line("address-family ipv6", rank: 3) { $0.addressFamilies == [.ipv6] }
            ) { line, vrf throws(Finding) in
                try addressFamily(.ipv6, &line, &vrf)
            },
            .line(
                "no", "mpls", "ip", "propagate-ttl", help: "the TTL of its packets is not copied into labels",
                example: "no mpls ip propagate-ttl",
                prints: .line("no mpls ip propagate-ttl", rank: 4) { !$0.propagatesTTL }
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.propagatesTTL, false)
            },
            .line(
                "mpls", "ip", "propagate-ttl", help: "it is copied, which holds anyway",
                example: "mpls ip propagate-ttl", prints: .never
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.propagatesTTL, true)
            },
            .line(
                "loopback", help: "an address of the box in the VRF", example: "loopback 192.0.2.65",
                prints: .lines(rank: 2) { $0.loopbacks.sorted { $0.key < $1.key }.map { "loopback \($0.value)" } }
            ) { line, vrf throws(Finding) in
                let address = try line.address("the address of the box in the VRF").value
                try line.assign(&vrf.loopbacks[address.family], address)
            },
            .line(
                "maximum", "routes", help: "the most routes it takes, and what becomes of more",
                example: "maximum routes 1000 80 warning-only",
                prints: .line { $0.maximumRoutes.map { "maximum routes \($0.statement)" } }
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.maximumRoutes, line.maximum("routes", withRestart: false))
            },
            .line(
                "maximum", "labels",
                help: "the most labels that its routes take up where 'label mode' gives them labels of their own",
                example: "maximum labels 1000",
                prints: .line { $0.maximumLabels.map { "maximum labels \($0)" } }
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.maximumLabels, line.number("labels", in: BGPPeerSettings.maximumLabelsRange))
            },
            .line(
                "memory", "reserve", help: "mebibytes that are kept for its routes", example: "memory reserve 2",
                prints: .line { $0.reservedMemoryMebibytes.map { "memory reserve \($0)" } }
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.reservedMemoryMebibytes, line.number("mebibytes", in: 1...4096))
            },
            .line(
                "policy-route", "from", help: "VRFs whose route maps may give packets to this one",
                example: "policy-route from two",
                prints: .line(rank: 7) {
                    $0.policyRouteSources.isEmpty
                        ? nil : "policy-route from " + $0.policyRouteSources.sorted().joined(separator: " ")
                }
            ) { line, vrf throws(Finding) in
                repeat {
                    let name = try line.name("a VRF")
                    if !vrf.policyRouteSources.contains(where: { $0.value == name.value }) {
                        vrf.policyRouteSources.append(name)
                    }
                } while !line.isAtEnd
            },
            .line(
                "flow", "monitor", help: "the flow monitor that meters its packets", example: "flow monitor customers",
                prints: .line { $0.flowMonitor.map { "flow monitor \($0)" } }
            ) { line, vrf throws(Finding) in
                try line.assign(&vrf.flowMonitor, line.name("a flow monitor"))
            },
        ] + CommonLabelStatements.ofVRF)

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

    /// Those of all three statements, side by side and in the order of the targets.
    @Sendable
    private static func routeTargets(_ vrf: VRF) -> [String] {
        var everywhere = RouteTargetPolicy()
        everywhere.imported = vrf.importTargets
        everywhere.exported = vrf.exportTargets
        return lines(everywhere, "") + vrf.sideTargets.sorted { $0.key < $1.key }.flatMap { lines($1, " \($0)") }
    }

    private static func lines(_ policy: RouteTargetPolicy, _ side: String) -> [String] {
        policy.imported.union(policy.exported).sorted().map { target in
            let keyword =
                !policy.exported.contains(target) ? "import" : !policy.imported.contains(target) ? "export" : "both"
            return "route-target \(keyword) \(target)\(side)"
        }
    }

    /// The targets of a line, and behind them where they hold: `core`, `nni` or `nni A.B.C.D`; everywhere without that.
    private static func routeTargets(
        _ line: inout LineReader, _ vrf: inout VRFDraft, _ lists: [WritableKeyPath<RouteTargetPolicy, Set<RouteTarget>>]
    ) throws(Finding) {
        var targets: Set<RouteTarget> = []
        var side: RouteTargetSide?
        repeat {
            if !targets.isEmpty, let found = try routeTargetSide(&line) {
                side = found
                break
            }
            targets.insert(try line.routeTarget())
        } while !line.isAtEnd
        for list in lists {
            if let side {
                vrf.sideTargets[side, default: RouteTargetPolicy()][keyPath: list].formUnion(targets)
            } else {
                vrf.targets[keyPath: list].formUnion(targets)
            }
        }
    }

    private static func routeTargetSide(_ line: inout LineReader) throws(Finding) -> RouteTargetSide? {
        if line.take("core") { return .core }
        guard line.take("nni") else { return nil }
        return line.isAtEnd ? .everyNNI : .nni(neighbor: try line.address("the address of an Option E neighbor").value)
    }
}
