/// One transport session (RFC 7011 §2) with a collector: what is sent, and when. No I/O and no clock.
///
/// Templates and names go first. Over UDP they are sent again at an interval, since any message may be lost (RFC 7011
/// §8.4); over TCP a connection has them once. A change of the names is sent at once. A message waits until it is full,
/// or until `flush`.
public struct ExportSession: Sendable {
    /// Fits IPv4 and IPv6 over UDP on a link of 1500 octets, with room for a tunnel.
    public static let longestMessageOctets = 1420

    private var writer: MessageWriter
    private let templateIntervalSeconds: UInt32?
    private var templatesSentAt: UInt32?
    private var names: ObservedNames

    /// - Parameter templateIntervalSeconds: `nil` over a reliable transport.
    public init(observationDomain: UInt32, templateIntervalSeconds: UInt32?, names: ObservedNames) {
        writer = MessageWriter(
            longestMessageOctets: Self.longestMessageOctets, observationDomain: observationDomain)
        self.templateIntervalSeconds = templateIntervalSeconds
        self.names = names
    }

    /// Data records sent so far, modulo 2^32.
    public var sequenceNumber: UInt32 { writer.sequenceNumber }

    /// Takes up names; those of another set are sent at once when templates have been.
    public mutating func setNames(_ names: ObservedNames, exportSeconds: UInt32) -> [ExportMessage] {
        guard names != self.names else { return [] }
        self.names = names
        guard templatesSentAt != nil else { return [] }
        appendNames(exportSeconds)
        return writer.takeFinished()
    }

    /// Adds a flow, and returns the messages that are full with it.
    public mutating func add(_ flow: MeteredFlow, exportSeconds: UInt32) -> [ExportMessage] {
        sendTemplatesIfDue(exportSeconds)
        writer.append(ExportRecord(flow), isFlow: true, exportSeconds: exportSeconds)
        return writer.takeFinished()
    }

    /// To be called once a second: returns what waits, and templates whose time has come.
    public mutating func flush(exportSeconds: UInt32) -> [ExportMessage] {
        sendTemplatesIfDue(exportSeconds)
        writer.finish(exportSeconds: exportSeconds)
        return writer.takeFinished()
    }

    private mutating func sendTemplatesIfDue(_ now: UInt32) {
        if let templatesSentAt {
            // Either way, since the clock may be set back.
            let age = now >= templatesSentAt ? now - templatesSentAt : .max
            guard let templateIntervalSeconds, age >= templateIntervalSeconds else { return }
        }
        templatesSentAt = now
        for template in ExportTemplate.allCases { writer.append(template, exportSeconds: now) }
        appendNames(now)
    }

    private mutating func appendNames(_ now: UInt32) {
        for record in names.records { writer.append(record, isFlow: false, exportSeconds: now) }
    }
}
