import Addressing
import CTableLayout
import Configuration

/// Packets that meet one entry of an access list at one interface and have protocol, addresses and ports in common.
public struct LoggedFlow: Hashable, Sendable {
    public let entry: LoggedEntry
    public let direction: TrafficDirection
    /// The interface's number.
    public let interface: UInt16
    public let protocolNumber: UInt8
    public let source: IPAddress
    public let destination: IPAddress
    public let sourcePort: UInt16
    /// ICMP: type * 256 + code.
    public let destinationPort: UInt16

    public init(
        entry: LoggedEntry, direction: TrafficDirection, interface: UInt16, protocolNumber: UInt8, source: IPAddress,
        destination: IPAddress, sourcePort: UInt16 = 0, destinationPort: UInt16 = 0
    ) {
        self.entry = entry
        self.direction = direction
        self.interface = interface
        self.protocolNumber = protocolNumber
        self.source = source
        self.destination = destination
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }
}

/// An entry of an access list that says `log`.
public struct LoggedEntry: Hashable, Sendable {
    public let family: AddressFamily
    /// The list's name.
    public let list: String
    public let kind: AccessListKind
    public let sequence: UInt32
    public let permits: Bool

    public init(family: AddressFamily, list: String, kind: AccessListKind, sequence: UInt32, permits: Bool) {
        self.family = family
        self.list = list
        self.kind = kind
        self.sequence = sequence
        self.permits = permits
    }
}

extension LoggedFlow: CustomStringConvertible {
    /// In the words that operators and their tools know from IOS: list, fate, protocol, source, destination.
    public var description: String {
        let head = "list \(entry.list) \(entry.permits ? "permitted" : "denied")"
        if entry.kind == .standard { return "\(head) \(source)" }
        let family = entry.family
        let name = PacketVocabulary.name(ofProtocol: protocolNumber, family) ?? "\(protocolNumber)"
        switch protocolNumber {
        case 6, 17, 132: return "\(head) \(name) \(source)(\(sourcePort)) -> \(destination)(\(destinationPort))"
        case family == .ipv4 ? 1 : 58:
            return "\(head) \(name) \(source) -> \(destination) (\(destinationPort >> 8)/\(destinationPort & 0xFF))"
        default: return "\(head) \(name) \(source) -> \(destination)"
        }
    }
}

extension LoggedFlow {
    /// A record of the data plane's ring, and how many packets it stands for; `nil` where it makes no sense, or the
    /// entry is configured no more.
    ///
    /// - Parameter entries: by the numbers of their hit counters.
    static func read(
        _ record: stile_access_log_record, entries: [UInt32: LoggedEntry]
    ) -> (flow: LoggedFlow, packets: UInt64)? {
        guard let entry = entries[record.hits], record.packets > 0,
            record.family == (entry.family == .ipv4 ? 4 : 6),
            let source = address(record.source, family: record.family),
            let destination = address(record.destination, family: record.family)
        else { return nil }
        let flow = LoggedFlow(
            entry: entry,
            direction: UInt32(record.direction) == STILE_ACCESS_LOG_OUT.rawValue ? .output : .input,
            interface: record.counter, protocolNumber: record.protocol, source: source, destination: destination,
            sourcePort: record.source_port, destinationPort: record.destination_port)
        return (flow, record.packets)
    }
}
