import Addressing

extension ObjectGroupDraft: StatementSubject {
    typealias Printed = ObjectGroup
}

/// The statements of an `object-group` block. Which of them it takes depends on what it is a group of.
enum ObjectGroupStatements {
    static let table = StatementTable<ObjectGroupDraft>([
        .line("host", help: "an address", example: "host 192.0.2.7", prints: .inOrder) { line, group throws(Finding) in
            let (family, _) = try networks(of: group, line)
            try add(IPPrefix(host: try line.address("the host's address,", family: family).value), line, &group)
        },
        .line("network", help: "a network", example: "network 10.0.0.0/8", prints: .inOrder) {
            line, group throws(Finding) in
            let (family, _) = try networks(of: group, line)
            try add(try line.prefix(family: family).value, line, &group)
        },
        .line("port", help: "ports", example: "port range 1000 2000", prints: .inOrder) { line, group throws(Finding) in
            guard case .ports(let ports) = group.members else { throw misplaced(line, "networks: 'host' or 'network'") }
            guard let match = try AccessRuleGrammar.ports(&line), match.group == nil else {
                throw line.missing(["eq", "neq", "lt", "gt", "range"])
            }
            if !ports.contains(match) { group.members = .ports(ports + [match]) }
        },
    ])

    private static func networks(
        of group: ObjectGroupDraft, _ line: LineReader
    ) throws(Finding) -> (AddressFamily, [IPPrefix]) {
        guard case .networks(let family, let networks) = group.members else { throw misplaced(line, "ports: 'port'") }
        return (family, networks)
    }

    private static func add(
        _ network: IPPrefix, _ line: LineReader, _ group: inout ObjectGroupDraft
    ) throws(Finding) {
        let (family, networks) = try networks(of: group, line)
        guard network.length > 0 else {
            throw Finding(
                .invalidValue, "a network of all addresses makes the group pointless", at: line.wordsRange,
                hint: "write 'any' in the access list")
        }
        if !networks.contains(network) { group.members = .networks(family, networks + [network]) }
    }

    private static func misplaced(_ line: LineReader, _ what: String) -> Finding {
        Finding(.conflictingStatement, "this is a group of \(what)", at: line.wordsRange)
    }
}
