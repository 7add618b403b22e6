import Addressing

extension LoopbackDraft: StatementSubject {
    typealias Printed = Loopback
}

/// The statements of `interface loopback0`.
enum LoopbackStatements {
    static let table = StatementTable<LoopbackDraft>([
        .line(
            "description|desc", help: "a text for people", example: "description this box",
            prints: .line(rank: 0) { $0.description.map { "description \(printed(freeText: $0))" } }
        ) { line, loopback throws(Finding) in
            try line.assign(&loopback.description, line.freeText("a description"))
        },
        .line(
            "ip", "address", help: "the IPv4 address, with a length of 32", example: "ip address 10.0.0.1/32",
            prints: .line { $0.addresses[.ipv4].map { "ip address \($0)/32" } }
        ) { line, loopback throws(Finding) in
            try address(.ipv4, &line, &loopback)
        },
        .line(
            "ipv6", "address", help: "the IPv6 address, with a length of 128",
            example: "ipv6 address 2001:db8::1/128",
            prints: .line { $0.addresses[.ipv6].map { "ipv6 address \($0)/128" } }
        ) { line, loopback throws(Finding) in
            try address(.ipv6, &line, &loopback)
        },
    ])

    private static func address(
        _ family: AddressFamily, _ line: inout LineReader, _ loopback: inout LoopbackDraft
    ) throws(Finding) {
        let address = try line.interfaceAddress(family: family)
        guard address.value.prefixLength == family.bits else {
            throw Finding(
                .invalidValue, "the loopback's address is on no subnet", at: address.range,
                expected: ["\(address.value.address)/\(family.bits)"])
        }
        if let earlier = loopback.addresses[family], earlier.value != address.value.address {
            throw line.contradiction(of: earlier.range)
        }
        loopback.addresses[family] = Located(value: address.value.address, range: address.range)
    }
}

/// The statements outside of blocks that are about the operator's own network.
enum CoreStatements {
    static let global: [Statement<ConfigurationDraft>] = [
        .line(
            "ip", "route", help: "a route of the box's own packets: to a router on a core interface",
            example: "ip route 10.0.0.0/24 192.0.2.66", prints: .inOrder
        ) { line, draft throws(Finding) in
            draft.defaultTableRoutes.append(try route(.ipv4, &line))
        },
        .line(
            "ipv6", "route", help: "the same for IPv6", example: "ipv6 route 2001:db8:ff::/48 2001:db8:c::2",
            prints: .inOrder
        ) { line, draft throws(Finding) in
            draft.defaultTableRoutes.append(try route(.ipv6, &line))
        },
        .line(
            "mpls", "static", "binding", "ipv4",
            help: "the router, and the label on top, by which packets go to PEs of a prefix",
            example: "mpls static binding ipv4 10.0.0.7/32 output 192.0.2.66 label 16007", prints: .inOrder
        ) { line, draft throws(Finding) in
            draft.staticBindings.append(try binding(.ipv4, &line))
        },
        .line(
            "mpls", "static", "binding", "ipv6", help: "the same for PEs with IPv6 addresses",
            example: "mpls static binding ipv6 2001:db8:ff::7/128 output 2001:db8:c::2 label implicit-null",
            prints: .inOrder
        ) { line, draft throws(Finding) in
            draft.staticBindings.append(try binding(.ipv6, &line))
        },
        .line(
            "mpls", "static", "multipoint",
            help:
                "one of those who get a copy of what comes from the core with a label: a neighbor on an NNI, or a PE; inner-labels: "
                + "how many stand under it, 0 if it does not say",
            example: "mpls static multipoint label 1700 from 10.0.0.7 inner-labels 1 to 10.0.0.9 label 17",
            prints: .inOrder
        ) { line, draft throws(Finding) in
            draft.multipointBranches.append(try branch(&line))
        },
        .line(
            "transport", "udp",
            help:
                "PEs that are reached from the loopback by MPLS over UDP, and may send by it; IPv6 may be without checksums; "
                + "by-community: if their routes say so",
            example: "transport udp 10.0.1.0/24 by-community", prints: .inOrder
        ) { line, draft throws(Finding) in
            draft.udpTransports.append(try transport(&line))
        },
        .line(
            "mpls", "nni-mark",
            help: "the large community by which routes from NNIs are known in the core, and go to no other NNI",
            example: "mpls nni-mark 42:0:9", prints: .line { $0.mpls.nniMark.map { "mpls nni-mark \($0)" } }
        ) { line, draft throws(Finding) in
            try line.assign(&draft.nniMark, line.largeCommunity())
        },
    ]

    private static func route(
        _ family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> DefaultTableRouteDraft {
        let prefix = try line.prefix(family: family)
        let nextHop = try line.address("the next hop", family: family)
        return DefaultTableRouteDraft(
            route: DefaultTableRoute(prefix: prefix.value, nextHop: nextHop.value), declared: line.wordsRange,
            nextHop: nextHop.range)
    }

    private static func branch(_ line: inout LineReader) throws(Finding) -> MultipointBranchDraft {
        try line.expect("label")
        let label = try self.label(&line)
        try line.expect("from")
        let source = try line.address("the PE that the packets come from")
        var innerLabels: UInt8 = 0
        if line.take("inner-labels") {
            innerLabels = try line.number("a number of labels", in: 0...MultipointLabel.mostInnerLabels)
        }
        try line.expect("to")
        let address = try line.address("a neighbor on an NNI, or a PE")
        try line.expect("label")
        let branch = MultipointLabel.Branch(address: address.value, label: try self.label(&line).value)
        return MultipointBranchDraft(
            label: label, source: source, innerLabels: innerLabels,
            branch: Located(value: branch, range: address.range), declared: line.wordsRange)
    }

    private static func label(_ line: inout LineReader) throws(Finding) -> Located<MPLSLabel> {
        let range = MPLSSettings.everyLabel
        let expected = "a label, \(range.lowerBound) to \(range.upperBound)"
        let token = try line.next(expected)
        guard let number = canonicalNumber(token.text, as: UInt32.self), range.contains(number),
            let label = MPLSLabel(rawValue: number)
        else { throw line.invalid(token, expected: expected) }
        return line.located(label, token)
    }

    private static func transport(_ line: inout LineReader) throws(Finding) -> UDPTransportDraft {
        let prefix = try line.prefix().value
        let omitsChecksum = prefix.family == .ipv6 && line.take("zero-checksum")
        let isByCommunity = line.take("by-community")
        return UDPTransportDraft(
            transport: UDPTransport(prefix: prefix, omitsChecksum: omitsChecksum, isByCommunity: isByCommunity),
            declared: line.wordsRange)
    }

    private static func binding(
        _ family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> StaticBindingDraft {
        let prefix = try line.prefix(family: family)
        try line.expect("output")
        let nextHop = try line.address("the next hop", family: family)
        try line.expect("label")
        let label: StaticBinding.OutgoingLabel
        if line.take("implicit-null") {
            label = .implicitNull
        } else if line.take("explicit-null") {
            label = .explicitNull
        } else {
            let range = MPLSSettings.everyLabel
            let number: UInt32 = try line.number("a label, implicit-null or explicit-null", in: range)
            label = MPLSLabel(rawValue: number).map { .label($0) } ?? .implicitNull
        }
        return StaticBindingDraft(
            binding: StaticBinding(prefix: prefix.value, nextHop: nextHop.value, label: label),
            declared: line.wordsRange, nextHop: nextHop.range)
    }
}
