import Addressing

/// The names that access lists and policies use for the numbers in packets, as IANA's registries give them, in the
/// spelling that IOS made usual.
public enum PacketVocabulary {
    static let tcp: UInt8 = 6
    /// The protocols with ports where TCP has them: TCP, UDP, SCTP.
    static let portProtocols: Set<UInt8> = [tcp, 17, 132]

    static func icmpProtocol(_ family: AddressFamily) -> UInt8 { family == .ipv4 ? 1 : 58 }

    /// Protocol numbers by name: "Assigned Internet Protocol Numbers".
    static func protocols(_ family: AddressFamily) -> [String: UInt8] {
        family == .ipv4 ? ipv4Protocols : ipv6Protocols
    }

    private static let ipv4Protocols = commonProtocols.merging(["icmp": 1, "igmp": 2, "ipinip": 4]) { _, own in own }
    private static let ipv6Protocols = commonProtocols.merging(["icmp": 58]) { _, own in own }
    private static let commonProtocols: [String: UInt8] = [
        "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ahp": 51, "eigrp": 88, "ospf": 89, "pim": 103, "vrrp": 112,
        "sctp": 132,
    ]

    /// The name under which a protocol is printed; `nil` where only its number will do.
    public static func name(ofProtocol number: UInt8, _ family: AddressFamily) -> String? {
        protocols(family).first { $0.value == number }?.key
    }

    /// A port by its name or number. Printing always uses the number.
    static func port(_ token: Token) -> UInt16? {
        ports[token.folded] ?? canonicalNumber(token.text, as: UInt16.self)
    }

    /// "Service Name and Transport Protocol Port Number Registry".
    private static let ports: [String: UInt16] = [
        "ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68,
        "tftp": 69, "www": 80, "http": 80, "pop3": 110, "sunrpc": 111, "ident": 113, "ntp": 123, "netbios-ns": 137,
        "netbios-dgm": 138, "netbios-ss": 139, "snmp": 161, "snmptrap": 162, "bgp": 179, "ldap": 389, "https": 443,
        "isakmp": 500, "syslog": 514, "ldp": 646, "bfd": 3784, "non500-isakmp": 4500,
    ]

    /// Message types and codes by name: "ICMP Parameters" and "ICMPv6 Parameters".
    static func icmpMessages(_ family: AddressFamily) -> [String: ICMPMatch] {
        family == .ipv4 ? icmpv4Messages : icmpv6Messages
    }

    private static let icmpv4Messages: [String: ICMPMatch] = [
        "echo-reply": ICMPMatch(type: 0), "unreachable": ICMPMatch(type: 3), "redirect": ICMPMatch(type: 5),
        "echo": ICMPMatch(type: 8), "time-exceeded": ICMPMatch(type: 11), "parameter-problem": ICMPMatch(type: 12),
        "timestamp-request": ICMPMatch(type: 13), "timestamp-reply": ICMPMatch(type: 14),
        "net-unreachable": ICMPMatch(type: 3, code: 0), "host-unreachable": ICMPMatch(type: 3, code: 1),
        "protocol-unreachable": ICMPMatch(type: 3, code: 2), "port-unreachable": ICMPMatch(type: 3, code: 3),
        "packet-too-big": ICMPMatch(type: 3, code: 4), "administratively-prohibited": ICMPMatch(type: 3, code: 13),
        "ttl-exceeded": ICMPMatch(type: 11, code: 0), "reassembly-timeout": ICMPMatch(type: 11, code: 1),
    ]
    private static let icmpv6Messages: [String: ICMPMatch] = [
        "unreachable": ICMPMatch(type: 1), "packet-too-big": ICMPMatch(type: 2), "time-exceeded": ICMPMatch(type: 3),
        "parameter-problem": ICMPMatch(type: 4), "echo-request": ICMPMatch(type: 128),
        "echo-reply": ICMPMatch(type: 129),
        "router-solicitation": ICMPMatch(type: 133), "router-advertisement": ICMPMatch(type: 134),
        "nd-ns": ICMPMatch(type: 135), "nd-na": ICMPMatch(type: 136), "redirect": ICMPMatch(type: 137),
        "port-unreachable": ICMPMatch(type: 1, code: 4), "hop-limit": ICMPMatch(type: 3, code: 0),
    ]

    /// The name under which a message is printed; `nil` where only numbers will do.
    static func name(ofICMP message: ICMPMatch, _ family: AddressFamily) -> String? {
        icmpMessages(family).first { $0.value == message }?.key
    }

    /// Code points by name (RFC 2474 §4.2.2.2, RFC 2597 §6, RFC 3246 §2.7).
    static let codePoints: [String: UInt8] = [
        "default": 0, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56, "af11": 10,
        "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22, "af31": 26, "af32": 28, "af33": 30, "af41": 34,
        "af42": 36, "af43": 38, "ef": 46,
    ]

    /// The name under which a code point is printed; `nil` where only the number will do.
    /// Its name, or the number where it has none.
    static func text(ofCodePoint number: UInt8) -> String { name(ofCodePoint: number) ?? "\(number)" }

    static func name(ofCodePoint number: UInt8) -> String? {
        codePoints.first { $0.value == number }?.key
    }
}

extension LineReader {
    /// A differentiated services code point by name or number.
    mutating func dscp() throws(Finding) -> UInt8 {
        let expected = "a code point: a name such as ef or af11, or 0 to 63"
        let token = try next(expected)
        guard let value = PacketVocabulary.codePoints[token.folded] ?? canonicalNumber(token.text, as: UInt8.self),
            value < 64
        else { throw invalid(token, expected: expected) }
        return value
    }
}
