import Addressing

/// What an `interface` block is printed from.
struct PrintedInterface {
    let interface: Interface
    /// Whether a unit must say what it is bound to, because the port has several NNIs and core interfaces.
    let saysBinding: Bool

    fileprivate var nni: NNI? {
        if case .nni(let nni) = interface.kind { nni } else { nil }
    }

    fileprivate var isOfCore: Bool { if case .core = interface.kind { true } else { false } }

    fileprivate var isOfCustomerCarrier: Bool {
        if case .attachmentCircuit(let circuit) = interface.kind { circuit.carriesLabels } else { false }
    }

    fileprivate var hostDevice: String? {
        if case .core(let core) = interface.kind { core.hostDevice } else { nil }
    }

    fileprivate var binding: InterfaceName? {
        guard saysBinding else { return nil }
        return switch interface.kind {
        case .unit(let unit): unit.nni
        case .coreUnit(let unit): unit.link
        case .nni, .core, .attachmentCircuit, .carrier: nil
        }
    }

    fileprivate var encapsulation: VLANEncapsulation? {
        switch interface.kind {
        case .nni(let nni): nni.encapsulation
        case .core(let core): core.encapsulation
        case .attachmentCircuit(let circuit): circuit.encapsulation
        case .unit, .coreUnit, .carrier: nil
        }
    }
}

extension InterfaceDraft: StatementSubject {
    typealias Printed = PrintedInterface
}

extension VLANEncapsulation {
    fileprivate var statement: String? {
        switch self {
        case .untagged: nil
        case .dot1q(let vlan): "encapsulation dot1q \(vlan)"
        case .qinq(let outer, let inner): "encapsulation dot1q \(outer) second-dot1q \(inner)"
        }
    }
}

extension SourceCheck {
    fileprivate var text: String { "reachable-via \(mode.rawValue)" + (allowsDefault ? " allow-default" : "") }
}

/// The statements of an `interface` block.
enum InterfaceStatements {
    static let table = StatementTable<InterfaceDraft>(
        roleStatements + [
            .line(
                "description|desc", help: "a text for people", example: "description to the far end",
                prints: .line(rank: 0) { $0.interface.description.map { "description \(printed(freeText: $0))" } }
            ) { line, interface throws(Finding) in
                try line.assign(&interface.description, line.freeText("a description"))
            },
            .line(
                "mtu", help: "the longest IP packet that leaves here, in octets", example: "mtu 1400",
                prints: .line { $0.interface.mtuOctets.map { "mtu \($0)" } }
            ) { line, interface throws(Finding) in
                try line.assign(&interface.mtuOctets, line.number("octets", in: PortStatements.mtuRange))
            },
            .line(
                "shutdown|shut", help: "no packet passes", example: "shutdown",
                prints: .line("shutdown", rank: 9) { $0.interface.isShutdown }
            ) { line, interface throws(Finding) in
                try line.assign(&interface.isShutdown, true)
            },
            .line(
                "no", "shutdown|shut", help: "packets pass, which holds anyway", example: "no shutdown", prints: .never
            ) { line, interface throws(Finding) in
                try line.assign(&interface.isShutdown, false)
            },
            .line(
                "ip", "access-group", help: "the access list that IPv4 packets meet, coming in or going out",
                example: "ip access-group web in",
                prints: .lines {
                    lines("ip access-group", $0.interface.accessGroups.ipv4Input, $0.interface.accessGroups.ipv4Output)
                }
            ) { line, interface throws(Finding) in
                try accessGroup(family: .ipv4, &line, &interface)
            },
            .line(
                "ipv6", "traffic-filter", help: "the access list that IPv6 packets meet",
                example: "ipv6 traffic-filter web6 in",
                prints: .lines {
                    lines(
                        "ipv6 traffic-filter", $0.interface.accessGroups.ipv6Input, $0.interface.accessGroups.ipv6Output
                    )
                }
            ) { line, interface throws(Finding) in
                try accessGroup(family: .ipv6, &line, &interface)
            },
            .line(
                "ip", "verify", "unicast", "source", "reachable-via",
                help: "the source of an IPv4 packet must have a route: by this interface, or by any",
                example: "ip verify unicast source reachable-via rx allow-default",
                prints: .line { $0.interface.ipv4SourceCheck.map { "ip verify unicast source \($0.text)" } }
            ) { line, interface throws(Finding) in
                try sourceCheck(&line, &interface.sourceChecks[.ipv4])
            },
            .line(
                "ipv6", "verify", "unicast", "source", "reachable-via", help: "the same for IPv6",
                example: "ipv6 verify unicast source reachable-via any",
                prints: .line { $0.interface.ipv6SourceCheck.map { "ipv6 verify unicast source \($0.text)" } }
            ) { line, interface throws(Finding) in
                try sourceCheck(&line, &interface.sourceChecks[.ipv6])
            },
            .line(
                "mpls", "diffserv-mode",
                help: "what a label's traffic class and the packet's code point have to do with each other",
                example: "mpls diffserv-mode uniform",
                prints: .line(rank: 7) { $0.interface.diffServMode.map { "mpls diffserv-mode \($0.rawValue)" } }
            ) { line, interface throws(Finding) in
                let mode = try line.choose([
                    "uniform": DiffServMode.uniform, "pipe": .pipe, "short-pipe": .shortPipe,
                ])
                try line.assign(&interface.diffServMode, mode)
            },
            .line(
                "ip", "policy", "route-map",
                help: "the route map that IPv4 packets meet, coming in or, with out, going out",
                example: "ip policy route-map office", prints: .lines { lines($0.interface.routeMaps, .ipv4) }
            ) { line, interface throws(Finding) in
                try routeMap(family: .ipv4, &line, &interface)
            },
            .line(
                "ipv6", "policy", "route-map", help: "the route map that IPv6 packets meet",
                example: "ipv6 policy route-map office", prints: .lines { lines($0.interface.routeMaps, .ipv6) }
            ) { line, interface throws(Finding) in
                try routeMap(family: .ipv6, &line, &interface)
            },
            .line(
                "service-policy", help: "the policy map for what comes in or goes out",
                example: "service-policy input limit", prints: .lines(rank: 8, servicePolicies)
            ) { line, interface throws(Finding) in
                let direction = try line.choose(["input": TrafficDirection.input, "output": .output])
                let name = try line.name("a policy map")
                try line.assign(&interface.servicePolicies[direction], name)
            },
        ])

    /// The statements that decide what the interface is and to whom it belongs.
    private static let roleStatements: [Statement<InterfaceDraft>] = [
        .line(
            "encapsulation|encap", "mpls", "optE", help: "it is an NNI: the link to a far-end ASBR",
            example: "encap mpls optE", prints: .line("encap mpls optE", rank: 2) { $0.nni?.option == .optionE }
        ) { line, interface throws(Finding) in
            interface.optionE = interface.optionE ?? line.wordsRange
        },
        .line(
            "encapsulation|encap", "mpls", "optB",
            help: "it is an NNI: the link to a far-end ASBR to which VPN routes are relayed",
            example: "encap mpls optB", prints: .line("encap mpls optB", rank: 2) { $0.nni?.option == .optionB }
        ) { line, interface throws(Finding) in
            interface.optionB = interface.optionB ?? line.wordsRange
        },
        .line(
            "encapsulation|encap", "mpls", "optC",
            help: "it is an NNI: the link to a far-end ASBR with which the ways to PEs are exchanged",
            example: "encap mpls optC", prints: .line("encap mpls optC", rank: 2) { $0.nni?.option == .optionC }
        ) { line, interface throws(Finding) in
            interface.optionC = interface.optionC ?? line.wordsRange
        },
        .line(
            "encapsulation|encap", "mpls", "core", help: "it is a link into the operator's own network",
            example: "encap mpls core", prints: .line("encap mpls core", rank: 2) { $0.isOfCore }
        ) { line, interface throws(Finding) in
            interface.core = interface.core ?? line.wordsRange
        },
        .line(
            "encapsulation|encap", "mpls", "csc",
            help: "it is a circuit of a VRF whose customer is a carrier itself: its packets have labels",
            example: "encap mpls csc", prints: .line("encap mpls csc", rank: 2) { $0.isOfCustomerCarrier }
        ) { line, interface throws(Finding) in
            interface.carrierCircuit = interface.carrierCircuit ?? line.wordsRange
        },
        .line(
            "host-device", help: "the network device that a routing engine on the host, such as FRR, has for it",
            example: "host-device core0", prints: .line(rank: 3) { $0.hostDevice.map { "host-device \($0)" } }
        ) { line, interface throws(Finding) in
            try line.assign(&interface.hostDevice, line.networkDevice())
        },
        .line(
            "encapsulation|encap", "dot1q",
            help: "the VLAN, or the outer and the inner one, by which frames belong to it",
            example: "encapsulation dot1q 7", prints: .line(rank: 1) { $0.encapsulation?.statement }
        ) { line, interface throws(Finding) in
            let outer: UInt16 = try line.number("a VLAN", in: vlanRange)
            guard line.take("second-dot1q") else {
                try line.assign(&interface.encapsulation, .dot1q(outer))
                return
            }
            let inner: UInt16 = try line.number("the inner VLAN", in: vlanRange)
            try line.assign(&interface.encapsulation, .qinq(outer: outer, inner: inner))
        },
        .line(
            "vrf", "definition", help: "the VRF that it belongs to", example: "vrf definition one",
            prints: .line(rank: 4) { $0.interface.vrf.map { "vrf definition \($0)" } }, read: vrf),
        .line(
            "vrf", "forwarding", help: "likewise", example: "vrf forwarding one", prints: .like("vrf definition one"),
            read: vrf),
        .line(
            "ip", "vrf", "forwarding", help: "likewise", example: "ip vrf forwarding one",
            prints: .like("vrf definition one"), read: vrf),
        .line(
            "ip", "address", help: "an IPv4 address with its subnet's length; all but the first are secondary",
            example: "ip address 10.1.0.1/24", prints: .lines(rank: 4, ipv4Addresses), read: ipv4Address),
        .line(
            "ipv6", "address", help: "an IPv6 address with its subnet's length",
            example: "ipv6 address 2001:db8:1::1/64", prints: .lines(rank: 4, ipv6Addresses)
        ) { line, interface throws(Finding) in
            let address = try line.interfaceAddress(family: .ipv6)
            guard !interface.ipv6Addresses.contains(where: { $0.value == address.value }) else { return }
            interface.ipv6Addresses.append(address)
        },
        .line(
            "optE", "source-mac", help: "labels are valid from their neighbor's Ethernet addresses alone",
            example: "optE source-mac", prints: .line("optE source-mac", rank: 3) { $0.nni?.checksSourceMAC == true }
        ) { line, interface throws(Finding) in
            interface.checksSourceMAC = interface.checksSourceMAC ?? line.wordsRange
        },
        .line(
            "optE", "bind", help: "the NNI or core interface that a unit is bound to, where its port has several",
            example: "optE bind ten1/2", prints: .line(rank: 3) { $0.binding.map { "optE bind \($0)" } }
        ) { line, interface throws(Finding) in
            try line.assign(&interface.binding, line.interface().value)
        },
    ]

    private static func lines(_ words: String, _ input: String?, _ output: String?) -> [String] {
        [input.map { "\(words) \($0) in" }, output.map { "\(words) \($0) out" }].compactMap { $0 }
    }

    private static func lines(_ routeMaps: [AttachmentPlace: String], _ family: AddressFamily) -> [String] {
        guard !routeMaps.isEmpty else { return [] }
        return TrafficDirection.allCases.compactMap { direction in
            routeMaps[AttachmentPlace(family, direction)].map { map in
                "\(family.prefixWord) policy route-map \(map)" + (direction == .output ? " out" : "")
            }
        }
    }

    @Sendable
    private static func servicePolicies(_ printed: PrintedInterface) -> [String] {
        let (input, output) = (printed.interface.inputPolicy, printed.interface.outputPolicy)
        return [input.map { "service-policy input \($0)" }, output.map { "service-policy output \($0)" }]
            .compactMap { $0 }
    }

    @Sendable
    private static func ipv4Addresses(_ printed: PrintedInterface) -> [String] {
        let addresses = printed.interface.addresses.filter { $0.address.family == .ipv4 }
        return addresses.enumerated().map { "ip address \($1)" + ($0 > 0 ? " secondary" : "") }
    }

    @Sendable
    private static func ipv6Addresses(_ printed: PrintedInterface) -> [String] {
        printed.interface.addresses.filter { $0.address.family == .ipv6 }.map { "ipv6 address \($0)" }
    }

    /// IEEE 802.1Q reserves 0 (no VLAN) and 4095.
    private static let vlanRange: ClosedRange<UInt16> = 1...4094

    @Sendable
    private static func vrf(_ line: inout LineReader, _ interface: inout InterfaceDraft) throws(Finding) {
        try line.assign(&interface.vrf, line.name("a VRF"))
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
        try line.assign(&interface.accessGroups[AttachmentPlace(family, direction)], name)
    }

    /// Without a direction the map is for what comes in, as elsewhere.
    private static func routeMap(
        family: AddressFamily, _ line: inout LineReader, _ interface: inout InterfaceDraft
    ) throws(Finding) {
        let name = try line.name("a route map")
        let direction: TrafficDirection = line.take("out") ? .output : .input
        try line.assign(&interface.routeMaps[AttachmentPlace(family, direction)], name)
    }
}
