import Addressing
import ControlProtocol

/// `explain packet …`.
enum ExplainPacketCommand {
    static let syntax = CommandSyntax(
        path: ["explain", "packet"], help: "what the pipeline does with a packet, stage by stage",
        clauses: [
            .init(word: "in", valueName: "INTERFACE", help: "where it comes in"),
            .init(
                word: "label", valueName: "LABEL", help: "a label, the top first; none: unlabelled", isRepeatable: true),
            .init(word: "src", valueName: "ADDRESS", help: "its source"),
            .init(word: "dst", valueName: "ADDRESS", help: "its destination"),
            .init(word: "protocol", valueName: "PROTOCOL", help: "tcp, udp, icmp, icmpv6 or a number; udp"),
            .init(word: "sport", valueName: "PORT", help: "source port of TCP or UDP"),
            .init(word: "dport", valueName: "PORT", help: "destination port of TCP or UDP"),
            .init(word: "ttl", valueName: "TTL", help: "time to live of the IP header; 64"),
            .init(word: "label-ttl", valueName: "TTL", help: "time to live of the label entries; 64"),
            .init(word: "length", valueName: "BYTES", help: "length of the IP packet; 100"),
            .init(word: "df", valueName: nil, help: "IPv4: do not fragment"),
        ], operation: operation)

    /// Numbers of IANA's "Assigned Internet Protocol Numbers".
    private static let protocols: [String: UInt8] = ["icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58, "sctp": 132]

    @Sendable
    private static func operation(_ arguments: CommandArguments) throws(UsageError) -> Operation {
        guard let interface = arguments.interface("in") else {
            throw UsageError(message: "where the packet comes in is missing", expected: ["in INTERFACE"])
        }
        var query = PacketQuery(
            interface: interface, labels: try labels(arguments), source: try arguments.requiredAddress("src"),
            destination: try arguments.requiredAddress("dst"))
        guard query.source.family == query.destination.family else {
            throw UsageError(message: "source and destination are of different families")
        }
        query.ipProtocol =
            try arguments.value("protocol", "a protocol's name or number") { protocols[$0] ?? UInt8($0) }
            ?? query.ipProtocol
        query.sourcePort = try arguments.number("sport", as: UInt16.self)
        query.destinationPort = try arguments.number("dport", as: UInt16.self)
        query.timeToLive = try arguments.number("ttl", as: UInt8.self) ?? query.timeToLive
        query.labelTimeToLive = try arguments.number("label-ttl", as: UInt8.self) ?? query.labelTimeToLive
        query.lengthBytes = try arguments.number("length", as: UInt16.self) ?? query.lengthBytes
        query.doNotFragment = arguments.has("df")
        return .request(.explainPacket(query))
    }

    private static func labels(_ arguments: CommandArguments) throws(UsageError) -> [MPLSLabel] {
        let texts = arguments.texts("label")
        guard texts.count <= PacketQuery.deepestStack else {
            throw UsageError(message: "at most \(PacketQuery.deepestStack) labels")
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
