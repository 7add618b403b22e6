/// A line of the log as journald's native protocol has it (systemd's "Native Journal Protocol"): `NAME=value` and a line
/// feed for each field; a value with line feeds has its length in front, 64 bits little-endian, after the name and a line feed.
struct JournalEntry {
    private(set) var octets: [UInt8] = []

    /// - Parameter identifier: which program it is, `SYSLOG_IDENTIFIER`.
    init(_ record: LogRecord, identifier: String) {
        append("MESSAGE", record.text)
        append("PRIORITY", "\(record.severity.rawValue)")
        append("SYSLOG_IDENTIFIER", identifier)
        append("SYSLOG_FACILITY", "\(SyslogMessage.daemonFacility)")
        for field in record.fields { append(Self.name(field.name), field.value) }
    }

    /// Upper-case letters, digits and underscores are what a name may have, and 64 of them (systemd.journal-fields(7)).
    static func name(_ field: String) -> String {
        let letters = field.uppercased().utf8.map { octet -> Character in
            let isAllowed =
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
            return isAllowed ? Character(UnicodeScalar(octet)) : "_"
        }
        return "STILE_" + String(letters.prefix(58))
    }

    private mutating func append(_ name: String, _ value: String) {
        octets += name.utf8
        if value.utf8.contains(UInt8(ascii: "\n")) {
            octets.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { octets += $0 }
        } else {
            octets.append(UInt8(ascii: "="))
        }
        octets += value.utf8
        octets.append(UInt8(ascii: "\n"))
    }
}
