import Glibc
import LogDelivery
import Logging
import Testing

/// A line of the log, as each of its readers has it.
@Suite struct LogDeliveryTests {
    private static let record = LogRecord(
        microsecondsSince1970: 1_796_094_600_000_250, severity: .warning, message: "BGP session down",
        fields: [("neighbor", "10.0.0.1"), ("reason", "says \"[no]\" \\ more")])

    /// RFC 5424 §6: priority 3 · 8 + 4; §6.3.3: quote, backslash and closing bracket are escaped.
    @Test func `syslog has priority, time, host and fields`() {
        let message = SyslogMessage(Self.record, host: "asbr 1", program: "stiled", process: 417)
        #expect(
            String(decoding: message.octets, as: UTF8.self)
                == "<28>1 2026-12-01T03:10:00.000250Z asbr1 stiled 417 - "
                + #"[stile@32473 neighbor="10.0.0.1" reason="says \"[no\]\" \\ more"] "#
                + #"BGP session down (neighbor 10.0.0.1, reason says "[no]" \ more)"#)
        #expect(message.framed.starts(with: Array("\(message.octets.count) <28>1 ".utf8)))
    }

    /// A peer's own words: a mark that joins the quote in front of it does not hide it.
    @Test func `a combining mark hides no quote`() {
        let record = LogRecord(
            microsecondsSince1970: 0, severity: .warning, message: "x",
            fields: [("reason", "\"\u{301}]\u{301}\\\u{301}")])
        let octets = SyslogMessage(record, host: "a", program: "stiled", process: 1).octets
        let value = Array("reason=\"\\\"\u{301}\\]\u{301}\\\\\u{301}\"] ".utf8)
        #expect((0...octets.count - value.count).contains { Array(octets[$0..<$0 + value.count]) == value })
    }

    @Test func `what is not ASCII has the mark in front, and a datagram is cut between characters`() throws {
        let record = LogRecord(
            microsecondsSince1970: 0, severity: .error, message: String(repeating: "é", count: 3000), fields: [])
        let message = SyslogMessage(record, host: "", program: "stiled", process: 1, longest: 60)
        let header = "<27>1 1970-01-01T00:00:00.000000Z - stiled 1 - - "
        #expect(message.octets.count <= 60)
        #expect(message.octets.starts(with: Array(header.utf8) + [0xEF, 0xBB, 0xBF]))
        let text = try #require(String(validating: message.octets.dropFirst(header.utf8.count + 3), as: UTF8.self))
        #expect(!text.isEmpty && text.allSatisfy { $0 == "é" })
    }

    /// The socket of a journal of our own, read octet by octet.
    @Test func `the journal is given fields with names that it takes`() throws {
        let directory = "/tmp/stile-journal-\(getpid())"
        mkdir(directory, 0o700)
        let path = directory + "/socket"
        defer {
            unlink(path)
            rmdir(directory)
        }
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        let book = LogBook(journal: JournalSocket(path: path))
        var logger = Logger(label: "stiled") { LogBookHandler(label: $0, book: book) }
        logger[metadataKey: "peer-as"] = "65001"
        logger.error("two\nlines", metadata: ["neighbor": "10.0.0.1"])
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(listener, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        try #require(count > 0)
        let text = "two\nlines (neighbor 10.0.0.1, peer-as 65001)"
        let length = [UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0]
        #expect(
            Array(buffer.prefix(count)) == Array("MESSAGE\n".utf8) + length
                + Array(
                    (text + "\nPRIORITY=3\nSYSLOG_IDENTIFIER=stiled\nSYSLOG_FACILITY=3\n"
                        + "STILE_NEIGHBOR=10.0.0.1\nSTILE_PEER_AS=65001\n").utf8))
    }

    @Test func `the last thousand lines are kept, and asked for by severity and number`() {
        let book = LogBook()
        let logger = Logger(label: "stiled") { LogBookHandler(label: $0, book: book) }
        // Of no message more than the log takes in a minute.
        for number in 1...1100 {
            let level: Logger.Level = number % 100 == 0 ? .warning : .info
            logger.log(level: level, "line of kind \(number % 13)", metadata: ["number": "\(number)"])
        }
        func numbers(_ records: [LogRecord]) -> [String] { records.compactMap(\.fields.first?.value) }
        #expect(book.last(.max).count == 1000)
        #expect(numbers(book.last(.max)).first == "101")
        #expect(numbers(book.last(2)) == ["1099", "1100"])
        #expect(numbers(book.last(3, atLeast: .warning)) == ["900", "1000", "1100"])
    }

    @Test func `one message stands there a hundred times, and others still come`() {
        let book = LogBook()
        let logger = Logger(label: "stiled") { LogBookHandler(label: $0, book: book) }
        for number in 1...300 { logger.warning("session down", metadata: ["neighbor": "\(number)"]) }
        logger.error("another")
        #expect(book.last(.max).count == 101)
        #expect(book.last(1).first?.message == "another")
        // Its minute is not over.
        #expect(book.takeLeftOut().isEmpty)
    }

    @Test func `every further line is passed on`() {
        let book = LogBook()
        let logger = Logger(label: "stiled") { LogBookHandler(label: $0, book: book) }
        logger.info("before")
        let other = LogBook()
        let otherLogger = Logger(label: "other") { LogBookHandler(label: $0, book: other) }
        book.passOn { otherLogger.info("passed: \($0.message)") }
        logger.info("behind")
        #expect(other.last(.max).map(\.message) == ["passed: behind"])
    }
}
