import Addressing

/// What stands behind `permit` and `deny`.
enum AccessRuleGrammar {
    /// A source alone: `any`, `host A`, `A`, `A/L` or `A WILDCARD`.
    static func standard(permits: Bool, _ line: inout LineReader) throws(Finding) -> AccessListRule {
        var rule = AccessListRule(permits: permits)
        rule.source = try addresses(family: .ipv4, allowsLoneAddress: true, &line)
        rule.logs = line.take("log")
        return rule
    }

    /// `PROTOCOL SOURCE [PORTS] DESTINATION [PORTS] [ICMP type] [TCP flags] [dscp X] [fragments] [log]`.
    static func extended(
        permits: Bool, family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> AccessListRule {
        var rule = AccessListRule(permits: permits, protocolNumber: try protocolNumber(family: family, &line))
        let hasPorts = rule.protocolNumber.map(PacketVocabulary.portProtocols.contains) ?? false
        rule.source = try addresses(family: family, allowsLoneAddress: false, &line)
        if hasPorts { rule.sourcePorts = try ports(&line) }
        rule.destination = try addresses(family: family, allowsLoneAddress: false, &line)
        if hasPorts { rule.destinationPorts = try ports(&line) }
        if rule.protocolNumber == PacketVocabulary.icmpProtocol(family) {
            rule.icmp = try icmpMessage(family: family, &line)
        }
        if rule.protocolNumber == PacketVocabulary.tcp { rule.tcpFlags = tcpFlags(&line) }
        if line.take("dscp") { rule.dscp = try line.dscp() }
        let fragmentsPosition = line.position
        rule.matchesFragmentsOnly = line.take("fragments")
        // Only the first fragment carries the upper-layer header (RFC 791, RFC 8200 §4.5).
        let needsUpperLayer =
            rule.sourcePorts != nil || rule.destinationPorts != nil || rule.icmp != nil || rule.tcpFlags != nil
        if rule.matchesFragmentsOnly, needsUpperLayer {
            throw Finding(
                .conflictingStatement, "later fragments carry no ports, flags or message types",
                at: line.range(of: line.tokens[fragmentsPosition]), hint: "write two entries")
        }
        rule.logs = line.take("log")
        return rule
    }

    private static func protocolNumber(
        family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> UInt8? {
        let anyProtocol: Keyword = family == .ipv4 ? "ip" : "ipv6"
        if line.take(anyProtocol) { return nil }
        let names = PacketVocabulary.protocols(family)
        let token = try line.next("a protocol")
        if let number = names[token.folded] ?? canonicalNumber(token.text, as: UInt8.self) { return number }
        let keywords = [anyProtocol] + names.keys.sorted().map { Keyword(stringLiteral: $0) }
        throw line.invalid(
            token, expected: anyProtocol.spelling, "tcp", "udp", "icmp", "another protocol's name", "0 to 255",
            hint: suggestion(for: token, among: keywords).map { "did you mean '\($0)'?" })
    }

    private static func addresses(
        family: AddressFamily, allowsLoneAddress: Bool, _ line: inout LineReader
    ) throws(Finding) -> AddressMatch {
        let expected =
            family == .ipv4
            ? "any, host A.B.C.D, object-group NAME, A.B.C.D/length or A.B.C.D and a wildcard"
            : "any, host X:X::X, object-group NAME or X:X::X/length"
        if line.take("any") { return .any }
        if line.take("object-group") { return .group(try line.name("an object group").value) }
        if line.take("host") {
            return .prefix(IPPrefix(host: try line.address("the host's address,", family: family).value))
        }
        let token = try line.next(expected)
        if token.text.contains("/") {
            line.position -= 1
            let prefix = try line.prefix(family: family).value
            return prefix.length == 0 ? .any : .prefix(prefix)
        }
        guard family == .ipv4, let address = IPv4Address(token.text) else {
            throw line.invalid(token, expected: expected)
        }
        if allowsLoneAddress, line.isAtEnd || line.tokens[line.position].folded == "log" {
            return .prefix(IPPrefix(host: .ipv4(address)))
        }
        let wildcardToken = try line.next("a wildcard, such as 0.0.0.255")
        guard let wildcard = IPv4Address(wildcardToken.text) else {
            throw line.invalid(wildcardToken, expected: "a wildcard, such as 0.0.0.255")
        }
        return match(address, ignoring: wildcard.rawValue)
    }

    /// The canonical form of an address and a wildcard.
    private static func match(_ address: IPv4Address, ignoring ignoredBits: UInt32) -> AddressMatch {
        let compared = IPv4Address(rawValue: address.rawValue & ~ignoredBits)
        guard let length = prefixLength(ofMask: ~ignoredBits),
            let prefix = IPPrefix(covering: .ipv4(compared), length: length)
        else { return .wildcard(compared, ignoredBits: ignoredBits) }
        return length == 0 ? .any : .prefix(prefix)
    }

    private enum PortOperator {
        case equal, notEqual, below, above, range
    }

    static func ports(_ line: inout LineReader) throws(Finding) -> PortMatch? {
        if line.take("portgroup") { return .group(try line.name("an object group").value) }
        let operators: KeyValuePairs<Keyword, PortOperator> = [
            "eq": .equal, "neq": .notEqual, "lt": .below, "gt": .above, "range": .range,
        ]
        guard !line.isAtEnd, operators.contains(where: { $0.key.matches(line.tokens[line.position]) }) else {
            return nil
        }
        switch try line.choose(operators) {
        case .equal:
            var ports: Set<UInt16> = [try port(in: 0...UInt16.max, &line)]
            while ports.count < 10, !line.isAtEnd, let next = PacketVocabulary.port(line.tokens[line.position]) {
                ports.insert(next)
                line.position += 1
            }
            return .equalToAny(ports.sorted())
        case .notEqual: return .notEqual(try port(in: 0...UInt16.max, &line))
        case .below: return .below(try port(in: 1...UInt16.max, &line))
        case .above: return .above(try port(in: 0...UInt16.max - 1, &line))
        case .range:
            let first = try port(in: 0...UInt16.max, &line)
            return .range(first...(try port(in: first...UInt16.max, &line)))
        }
    }

    private static func port(in range: ClosedRange<UInt16>, _ line: inout LineReader) throws(Finding) -> UInt16 {
        let expected = "a port's name or number, \(range.lowerBound) to \(range.upperBound)"
        let token = try line.next(expected)
        guard let port = PacketVocabulary.port(token), range.contains(port) else {
            throw line.invalid(token, expected: expected)
        }
        return port
    }

    private static func icmpMessage(
        family: AddressFamily, _ line: inout LineReader
    ) throws(Finding) -> ICMPMatch? {
        guard !line.isAtEnd else { return nil }
        let token = line.tokens[line.position]
        if let message = PacketVocabulary.icmpMessages(family)[token.folded] {
            line.position += 1
            return message
        }
        guard let type = canonicalNumber(token.text, as: UInt8.self) else { return nil }
        line.position += 1
        guard !line.isAtEnd, let code = canonicalNumber(line.tokens[line.position].text, as: UInt8.self) else {
            return ICMPMatch(type: type)
        }
        line.position += 1
        return ICMPMatch(type: type, code: code)
    }

    private static func tcpFlags(_ line: inout LineReader) -> TCPFlagMatch? {
        if line.take("established") { return .established }
        var flags: Set<TCPFlag> = []
        while !line.isAtEnd, let flag = TCPFlag(rawValue: line.tokens[line.position].folded) {
            flags.insert(flag)
            line.position += 1
        }
        return flags.isEmpty ? nil : .anySet(flags)
    }
}
