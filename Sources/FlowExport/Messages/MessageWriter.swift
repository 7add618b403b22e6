/// Puts records together into messages (RFC 7011 §3) that are no longer than asked for.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         version (10)          |            length             |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                    export time (seconds since 1970)           |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |       sequence number: data records before this message       |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                     observation domain                        |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |   sets: ID, length (both 16 bits, the set's header included), records  …
struct MessageWriter {
    static let headerOctets = 16
    private static let setHeaderOctets = 4
    private static let version: UInt16 = 10

    let longestMessageOctets: Int
    let observationDomain: UInt32
    /// Data records in all finished messages, as it goes on with the next one's header (modulo 2^32).
    private(set) var sequenceNumber: UInt32 = 0
    /// Finished messages that nobody has taken.
    private var finished: [ExportMessage] = []

    private var body: [UInt8] = []
    private var openSet: (id: UInt16, start: Int)?
    private var flows = 0
    private var dataRecords: UInt32 = 0

    init(longestMessageOctets: Int, observationDomain: UInt32) {
        self.longestMessageOctets = longestMessageOctets
        self.observationDomain = observationDomain
    }

    var isEmpty: Bool { body.isEmpty }

    mutating func append(_ template: ExportTemplate, exportSeconds: UInt32) {
        append(template.record, set: template.setID, exportSeconds: exportSeconds)
    }

    mutating func append(_ record: ExportRecord, isFlow: Bool, exportSeconds: UInt32) {
        append(record.octets, set: record.template.rawValue, exportSeconds: exportSeconds)
        // Records of options count, too (RFC 7011 §3.1).
        dataRecords &+= 1
        if isFlow { flows += 1 }
    }

    private mutating func append(_ record: [UInt8], set: UInt16, exportSeconds: UInt32) {
        var needed = record.count + (openSet?.id == set ? 0 : Self.setHeaderOctets)
        if !body.isEmpty, Self.headerOctets + body.count + needed > longestMessageOctets {
            finish(exportSeconds: exportSeconds)
            needed = record.count + Self.setHeaderOctets
        }
        if openSet?.id != set {
            closeSet()
            openSet = (set, body.count)
            var header = OctetString()
            header.append(set)
            header.append(UInt16(0))
            body += header.octets
        }
        body += record
    }

    private mutating func closeSet() {
        guard let openSet else { return }
        let length = body.count - openSet.start
        body[openSet.start + 2] = UInt8(truncatingIfNeeded: length >> 8)
        body[openSet.start + 3] = UInt8(truncatingIfNeeded: length)
        self.openSet = nil
    }

    /// Ends the message at hand, if there is one.
    mutating func finish(exportSeconds: UInt32) {
        guard !body.isEmpty else { return }
        closeSet()
        var message = OctetString()
        message.append(Self.version)
        message.append(UInt16(truncatingIfNeeded: Self.headerOctets + body.count))
        message.append(exportSeconds)
        message.append(sequenceNumber)
        message.append(observationDomain)
        finished.append(ExportMessage(octets: message.octets + body, flows: flows))
        sequenceNumber &+= dataRecords
        body = []
        flows = 0
        dataRecords = 0
    }

    mutating func takeFinished() -> [ExportMessage] {
        defer { finished = [] }
        return finished
    }
}

/// A whole IPFIX message.
public struct ExportMessage: Equatable, Sendable {
    public let octets: [UInt8]
    /// Flow records in it.
    public let flows: Int
}
