/// Reads messages by RFC 7011 alone: written without a look at the encoder.
struct MessageReader {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    struct Record {
        let template: UInt16
        /// By element; of one that occurs more than once the last.
        var values: [UInt16: [UInt8]] = [:]
        private var fields: [(element: UInt16, value: [UInt8])] = []

        init(template: UInt16) { self.template = template }

        mutating func add(_ element: UInt16, _ value: [UInt8]) {
            values[element] = value
            fields.append((element, value))
        }

        /// In the order of the record.
        func all(_ element: UInt16) -> [[UInt8]] { fields.filter { $0.element == element }.map(\.value) }

        func number(_ element: UInt16) -> UInt64? { values[element].map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }
    }

    struct Message {
        let exportSeconds: UInt32
        let sequenceNumber: UInt32
        let observationDomain: UInt32
        /// Templates that it brought.
        var templates: [UInt16] = []
        var records: [Record] = []
    }

    private(set) var templates: [UInt16: [(element: UInt16, length: Int)]] = [:]

    mutating func read(_ octets: [UInt8]) throws(Malformed) -> Message {
        func number(_ place: Int, _ count: Int) -> Int { octets[place..<place + count].reduce(0) { $0 << 8 | Int($1) } }
        guard octets.count >= 16, number(0, 2) == 10, number(2, 2) == octets.count else {
            throw Malformed(description: "header")
        }
        var message = Message(
            exportSeconds: UInt32(number(4, 4)), sequenceNumber: UInt32(number(8, 4)),
            observationDomain: UInt32(number(12, 4)))
        var place = 16
        while place < octets.count {
            guard place + 4 <= octets.count else { throw Malformed(description: "set header") }
            let (id, length) = (number(place, 2), number(place + 2, 2))
            guard length > 4, place + length <= octets.count else { throw Malformed(description: "set length") }
            let body = octets[place + 4..<place + length]
            switch id {
            case 2, 3: message.templates += try readTemplates(body, isOptions: id == 3)
            case 256...: message.records += try readRecords(body, template: UInt16(id))
            default: throw Malformed(description: "set \(id)")
            }
            place += length
        }
        return message
    }

    private mutating func readTemplates(_ body: ArraySlice<UInt8>, isOptions: Bool) throws(Malformed) -> [UInt16] {
        var rest = body
        var found: [UInt16] = []
        func take() throws(Malformed) -> Int {
            guard rest.count >= 2 else { throw Malformed(description: "template ends") }
            defer { rest = rest.dropFirst(2) }
            return Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
        }
        while !rest.isEmpty {
            let (id, count) = (UInt16(try take()), try take())
            if isOptions {
                let scopes = try take()
                guard (1...count).contains(scopes) else { throw Malformed(description: "scope") }
            }
            var fields: [(element: UInt16, length: Int)] = []
            for _ in 0..<count { fields.append((UInt16(try take()), try take())) }
            templates[id] = fields
            found.append(id)
        }
        return found
    }

    private func readRecords(_ body: ArraySlice<UInt8>, template: UInt16) throws(Malformed) -> [Record] {
        guard let fields = templates[template] else { throw Malformed(description: "no template \(template)") }
        var rest = body
        var records: [Record] = []
        while !rest.isEmpty {
            var record = Record(template: template)
            for field in fields {
                var length = field.length
                if length == 0xFFFF {
                    guard let first = rest.popFirst(), first < 255 else { throw Malformed(description: "length") }
                    length = Int(first)
                }
                guard rest.count >= length else { throw Malformed(description: "record ends") }
                record.add(field.element, Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            records.append(record)
        }
        return records
    }
}
