import Addressing

/// The statements of an `interface` block.
enum InterfaceStatements {
    static let table = StatementTable<InterfaceDraft>(
        roleStatements + [
            .line("description|desc") { line, interface throws(Finding) in
                try line.assign(&interface.description, line.freeText("a description"))
            },
            .line("mtu") { line, interface throws(Finding) in
                try line.assign(&interface.mtuOctets, line.number("octets", in: PortStatements.mtuRange))
            },
            .line("shutdown|shut") { line, interface throws(Finding) in
                try line.assign(&interface.isShutdown, true)
            },
            .line("no", "shutdown|shut") { line, interface throws(Finding) in
                try line.assign(&interface.isShutdown, false)
            },
            .line("ip", "access-group") { line, interface throws(Finding) in
                try accessGroup(family: .ipv4, &line, &interface)
            },
            .line("ipv6", "traffic-filter") { line, interface throws(Finding) in
                try accessGroup(family: .ipv6, &line, &interface)
            },
            .line("ip", "verify", "unicast", "source", "reachable-via") { line, interface throws(Finding) in
                try sourceCheck(&line, &interface.sourceChecks[.ipv4])
            },
            .line("ipv6", "verify", "unicast", "source", "reachable-via") { line, interface throws(Finding) in
                try sourceCheck(&line, &interface.sourceChecks[.ipv6])
            },
            .line("mpls", "diffserv-mode") { line, interface throws(Finding) in
                let mode = try line.choose([
                    "uniform": DiffServMode.uniform, "pipe": .pipe, "short-pipe": .shortPipe,
                ])
                try line.assign(&interface.diffServMode, mode)
            },
            .line("ip", "policy", "route-map") { line, interface throws(Finding) in
                try routeMap(family: .ipv4, &line, &interface)
            },
            .line("ipv6", "policy", "route-map") { line, interface throws(Finding) in
                try routeMap(family: .ipv6, &line, &interface)
            },
            .line("service-policy") { line, interface throws(Finding) in
                let direction = try line.choose(["input": TrafficDirection.input, "output": .output])
                let name = try line.name("a policy map")
                try assign(name, to: &interface.servicePolicies[direction], line)
            },
        ])

    /// The statements that decide what the interface is and to whom it belongs.
    private static let roleStatements: [Statement<InterfaceDraft>] = [
        .line("encapsulation|encap", "mpls", "optE") { line, interface throws(Finding) in
            interface.optionE = interface.optionE ?? line.wordsRange
        },
        .line("encapsulation|encap", "dot1q") { line, interface throws(Finding) in
            let outer: UInt16 = try line.number("a VLAN", in: vlanRange)
            guard line.take("second-dot1q") else {
                try line.assign(&interface.encapsulation, .dot1q(outer))
                return
            }
            let inner: UInt16 = try line.number("the inner VLAN", in: vlanRange)
            try line.assign(&interface.encapsulation, .qinq(outer: outer, inner: inner))
        },
        .line("vrf", "definition", read: vrf),
        .line("vrf", "forwarding", read: vrf),
        .line("ip", "vrf", "forwarding", read: vrf),
        .line("ip", "address", read: ipv4Address),
        .line("ipv6", "address") { line, interface throws(Finding) in
            let address = try line.interfaceAddress(family: .ipv6)
            guard !interface.ipv6Addresses.contains(where: { $0.value == address.value }) else { return }
            interface.ipv6Addresses.append(address)
        },
        .line("optE", "source-mac") { line, interface throws(Finding) in
            interface.checksSourceMAC = interface.checksSourceMAC ?? line.wordsRange
        },
        .line("optE", "bind") { line, interface throws(Finding) in
            try line.assign(&interface.binding, line.interface().value)
        },
    ]

    /// IEEE 802.1Q reserves 0 (no VLAN) and 4095.
    private static let vlanRange: ClosedRange<UInt16> = 1...4094

    @Sendable
    private static func vrf(_ line: inout LineReader, _ interface: inout InterfaceDraft) throws(Finding) {
        try assign(line.name("a VRF"), to: &interface.vrf, line)
    }

    @Sendable
    private static func ipv4Address(_ line: inout LineReader, _ interface: inout InterfaceDraft) throws(Finding) {
        let address = try line.interfaceAddress(family: .ipv4)
        let isSecondary = line.take("secondary")
        guard !interface.addresses.contains(where: { $0.value == address.value }) else { return }
        if !isSecondary, interface.primaryAddress == nil {
            interface.primaryAddress = address
        } else {
            interface.secondaryAddresses.append(address)
        }
    }

    private static func sourceCheck(
        _ line: inout LineReader, _ setting: inout Located<SourceCheck>?
    ) throws(Finding) {
        let mode = try line.choose(["rx": SourceCheck.Mode.strict, "any": .loose, "feasible": .feasible])
        try line.assign(&setting, SourceCheck(mode: mode, allowsDefault: line.take("allow-default")))
    }

    private static func accessGroup(
        family: AddressFamily, _ line: inout LineReader, _ interface: inout InterfaceDraft
    ) throws(Finding) {
        let name = try line.name("an access list")
        let direction = try line.choose(["in": TrafficDirection.input, "out": .output])
        try assign(name, to: &interface.accessGroups[AttachmentPlace(family, direction)], line)
    }

    /// Without a direction the map is for what comes in, as elsewhere.
    private static func routeMap(
        family: AddressFamily, _ line: inout LineReader, _ interface: inout InterfaceDraft
    ) throws(Finding) {
        let name = try line.name("a route map")
        let direction: TrafficDirection = line.take("out") ? .output : .input
        try assign(name, to: &interface.routeMaps[AttachmentPlace(family, direction)], line)
    }

    /// Keeps the place of the name, not of the whole line: it is the name that may turn out to be unknown.
    private static func assign(
        _ name: Located<String>, to setting: inout Located<String>?, _ line: LineReader
    ) throws(Finding) {
        if let earlier = setting, earlier.value != name.value {
            throw line.contradiction(of: earlier.range)
        }
        setting = setting ?? name
    }
}
