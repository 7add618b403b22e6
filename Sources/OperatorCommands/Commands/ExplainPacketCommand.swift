import Addressing
import ControlProtocol

/// `explain packet …`.
enum ExplainPacketCommand {
    static let syntax = CommandSyntax(
        path: ["explain", "packet"], help: "what the pipeline does with a packet, stage by stage",
        clauses: [
            .init(word: "in", valueName: "INTERFACE", help: "where it comes in", names: .interface),
            .init(
                word: "label", valueName: "LABEL", help: "a label, the top first; none: unlabelled", isRepeatable: true),
            .init(
                word: "tunnel", valueName: "ADDRESS",
                help: "the labels come by MPLS over UDP, from this PE to the loopback"),
            .init(word: "src", valueName: "ADDRESS", help: "its source"),
            .init(word: "dst", valueName: "ADDRESS", help: "its destination"),
            .init(word: "protocol", valueName: "PROTOCOL", help: "tcp, udp, icmp, icmpv6 or a number; udp"),
            .init(word: "sport", valueName: "PORT", help: "source port of TCP or UDP"),
            .init(word: "dport", valueName: "PORT", help: "destination port of TCP or UDP"),
            .init(word: "ttl", valueName: "TTL", help: "time to live of the IP header; 64"),
            .init(word: "label-ttl", valueName: "TTL", help: "time to live of the label entries; 64"),
            .init(word: "length", valueName: "BYTES", help: "length of the IP packet; 100"),
            .init(word: "df", valueName: nil, help: "IPv4: do not fragment"),
            .init(word: "dscp", valueName: "CODEPOINT", help: "differentiated services code point, 0 to 63; 0"),
            .init(word: "exp", valueName: "CLASS", help: "traffic class of the label entries, 0 to 7; 0"),
            .init(word: "tcp-flag", valueName: "FLAG", help: "fin, syn, rst, psh, ack or urg", isRepeatable: true),
            .init(word: "icmp-type", valueName: "TYPE", help: "type of an ICMP or ICMPv6 message"),
            .init(word: "icmp-code", valueName: "CODE", help: "its code; 0"),
        ], operation: operation)

    /// Numbers of IANA's "Assigned Internet Protocol Numbers".
    private static let protocols: [String: UInt8] = ["icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "sctp": 132]

    /// RFC 9293 §3.1.
    private static let tcpFlags: [String: UInt8] = ["fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32]

    @Sendable
    private static func operation(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        guard let interface = arguments.interface("in") else {
            throw UsageError(message: "where the packet comes in is missing", expected: ["in INTERFACE"])
        }
        var query = ExplainPacket(
            interface: interface, labels: try labels(arguments), source: try arguments.requiredAddress("src"),
            destination: try arguments.requiredAddress("dst"))
        guard query.source.family == query.destination.family else {
            throw UsageError(message: "source and destination are of different families")
        }
        query.tunnelSource = try arguments.address("tunnel")
        query.ipProtocol =
            try arguments.value("protocol", "a protocol's name or number") { protocols[$0] ?? UInt8($0) }
            ?? query.ipProtocol
        query.sourcePort = try arguments.number("sport", as: UInt16.self)
        query.destinationPort = try arguments.number("dport", as: UInt16.self)
        query.timeToLive = try arguments.number("ttl", as: UInt8.self) ?? query.timeToLive
        query.labelTimeToLive = try arguments.number("label-ttl", as: UInt8.self) ?? query.labelTimeToLive
        query.lengthBytes = try arguments.number("length", as: UInt16.self) ?? query.lengthBytes
        query.doNotFragment = arguments.has("df")
        query.dscp =
            try arguments.value("dscp", "a number from 0 to 63") { UInt8($0).flatMap { $0 < 64 ? $0 : nil } } ?? 0
        query.trafficClass =
            try arguments.value("exp", "a number from 0 to 7") { UInt8($0).flatMap { $0 < 8 ? $0 : nil } } ?? 0
        for flag in arguments.texts("tcp-flag") {
            guard let mask = tcpFlags[flag] else {
                throw UsageError(message: "tcp-flag: '\(flag)' is not a flag", expected: tcpFlags.keys.sorted())
            }
            query.tcpFlags |= mask
        }
        query.icmpType = try arguments.number("icmp-type", as: UInt8.self)
        query.icmpCode = try arguments.number("icmp-code", as: UInt8.self)
        return .request(query)
    }

    private static func labels(_ arguments: CommandArguments) throws(UsageError) -> [MPLSLabel] {
        let texts = arguments.texts("label")
        guard texts.count <= ExplainPacket.deepestStack else {
            throw UsageError(message: "at most \(ExplainPacket.deepestStack) labels")
        }
        var labels: [MPLSLabel] = []
        for text in texts {
            guard let value = UInt32(text), let label = MPLSLabel(rawValue: value) else {
                throw UsageError(message: "label: '\(text)' is not a label", expected: ["a number from 0 to 1048575"])
            }
            labels.append(label)
        }
        return labels
    }
}
