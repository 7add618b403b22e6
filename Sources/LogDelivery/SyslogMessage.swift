import Glibc

/// A line of the log as RFC 5424 §6 has it: priority and version, time, host, program, process, no message type, the fields as
/// structured data, the text.
///
///     <28>1 2026-12-01T03:10:00.000250Z asbr1 stiled 417 - [stile@32473 neighbor="10.0.0.1"] BGP session down (neighbor 10.0.0.1)
public struct SyslogMessage: Sendable {
    /// System daemons (RFC 5424 §6.2.1, table 1).
    static let daemonFacility: UInt8 = 3
    /// The number that RFC 5612 sets aside for who has none of their own.
    private static let enterprise = 32473
    /// What every receiver should take (RFC 5424 §6.1).
    public static let longestDatagram = 2048

    public let octets: [UInt8]

    /// - Parameters:
    ///   - longest: in octets; the text gives way first, then the fields.
    public init(_ record: LogRecord, host: String, program: String, process: Int32, longest: Int = .max) {
        let priority = Self.daemonFacility * 8 + record.severity.rawValue
        let header =
            "<\(priority)>1 \(Self.time(record.microsecondsSince1970)) \(Self.name(host, upTo: 255)) "
            + "\(Self.name(program, upTo: 48)) \(process) - "
        var structured = Self.structuredData(record.fields)
        if header.utf8.count + structured.utf8.count > longest { structured = "-" }
        var octets = Array((header + structured + " ").utf8)
        // §6.4: without the mark only ASCII is known for sure.
        let text = record.text
        if text.utf8.contains(where: { $0 >= 0x80 }) { octets += [0xEF, 0xBB, 0xBF] }
        octets += LogRecord.bounded(text, to: max(0, longest - octets.count)).utf8
        self.octets = octets
    }

    /// In a stream each is preceded by its length (RFC 6587 §3.4.1, octet counting).
    public var framed: [UInt8] { Array("\(octets.count) ".utf8) + octets }

    private static func structuredData(_ fields: [LogRecord.Field]) -> String {
        guard !fields.isEmpty else { return "-" }
        return fields.reduce(into: "[stile@\(enterprise)") { text, field in
            text += " \(name(field.name, upTo: 32))=\"\(escaped(field.value))\""
        } + "]"
    }

    /// §6.3.3: these three have a meaning in a value, also below a combining mark.
    private static func escaped(_ value: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" || scalar == "]" { escaped.append("\\") }
            escaped.append(scalar)
        }
        return String(escaped)
    }

    /// Printable ASCII without what ends a name; the nil value where nothing is left.
    private static func name(_ text: String, upTo count: Int) -> String {
        let excluded = Set("=]\"".utf8)
        let kept = text.utf8.filter { (33...126).contains($0) && !excluded.contains($0) }.prefix(count)
        return kept.isEmpty ? "-" : String(decoding: kept, as: UTF8.self)
    }

    /// RFC 3339 in UTC with microseconds.
    private static func time(_ microseconds: Int64) -> String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int64, _ count: Int) -> String {
            let text = "\(number)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        func two(_ number: Int32) -> String { digits(Int64(number), 2) }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(digits(microseconds % 1_000_000, 6))Z"
    }
}
