/// The octets of one connection of FRR's zebra to its forwarding plane manager, cut into messages (FRR's `fpm/fpm.h`).
///
///     +-----------+--------+----------------------------+---------------------------
///     | version 1 | type 1 | length (2), header and all | netlink messages
///     +-----------+--------+----------------------------+---------------------------
///
/// The header is in network byte order. A route that changes comes as two netlink messages, a removal and an addition,
/// behind one header: what is behind one header belongs together.
public struct FPMStream: Sendable {
    private static let headerOctets = 4

    private var waiting: [UInt8] = []
    /// How many of them have been read.
    private var position = 0

    public init() {}

    /// Takes what has been received. At most one message of 65,535 octets waits here besides one read.
    public mutating func append(_ octets: some Sequence<UInt8>) {
        waiting.removeFirst(position)
        position = 0
        waiting += octets
    }

    /// What the next whole header has behind it, in order; `nil`: more octets are needed.
    public mutating func next() throws(FPMMalformation) -> [EngineMessage]? {
        let header = waiting[position...]
        guard header.count >= Self.headerOctets else { return nil }
        guard header[position] == 1 else { throw .version(header[position]) }
        guard header[position + 1] == 1 else { throw .messageType(header[position + 1]) }
        let length = Int(header[position + 2]) << 8 | Int(header[position + 3])
        guard length >= Self.headerOctets else { throw .length(length) }
        guard header.count >= length else { return nil }
        let body = waiting[position + Self.headerOctets..<position + length]
        position += length
        return try EngineMessage.messages(in: body)
    }
}
