import Addressing

/// A JSON document that is written octet for octet as ``ControlCoding`` writes it, but without its detours: for results of
/// very many rows. Keys are to be given in alphabetical order and in snake_case.
struct JSONText {
    private(set) var octets: [UInt8] = []
    /// Whether the object or array that is being written has something in it.
    private var isContinued = false
    /// The second that was written last, and its text: rows of a table share a few.
    private var lastTime: (seconds: Int64, text: [UInt8])?

    init(reserving count: Int) { octets.reserveCapacity(count) }

    mutating func object(_ body: (inout JSONText) throws -> Void) rethrows {
        try nest("{", "}", body)
    }

    mutating func array<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONText, Element) throws -> Void
    ) rethrows {
        try nest("[", "]") { json in
            for element in elements {
                json.separate()
                try write(&json, element)
                json.isContinued = true
            }
        }
    }

    /// A key, before its value is written.
    mutating func key(_ key: StaticString) {
        separate()
        octets.append(UInt8(ascii: "\""))
        octets.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        octets.append(UInt8(ascii: "\""))
        octets.append(UInt8(ascii: ":"))
        isContinued = true
    }

    private mutating func separate() {
        if isContinued { octets.append(UInt8(ascii: ",")) }
    }

    private mutating func nest(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONText) throws -> Void
    ) rethrows {
        octets.append(UInt8(ascii: open))
        isContinued = false
        try body(&self)
        octets.append(UInt8(ascii: close))
        isContinued = true
    }

    // MARK: Values

    mutating func literal(_ text: StaticString) {
        octets.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    mutating func number(_ value: some BinaryInteger) { appendDecimal(Int64(clamping: value)) }

    /// Escaped as RFC 8259 §7 wants it and no further.
    mutating func string(_ text: String) {
        octets.append(UInt8(ascii: "\""))
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): octets += [UInt8(ascii: "\\"), octet]
            case 0x08: literal("\\b")
            case 0x09: literal("\\t")
            case 0x0A: literal("\\n")
            case 0x0C: literal("\\f")
            case 0x0D: literal("\\r")
            case 0..<0x20:
                literal("\\u00")
                for digit in [octet >> 4, octet & 0xF] {
                    octets.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            default: octets.append(octet)
            }
        }
        octets.append(UInt8(ascii: "\""))
    }

    /// A value in its text form, which needs no escapes.
    mutating func text(_ value: some CustomStringConvertible) {
        octets.append(UInt8(ascii: "\""))
        octets += value.description.utf8
        octets.append(UInt8(ascii: "\""))
    }

    mutating func address(_ address: IPAddress) {
        octets.append(UInt8(ascii: "\""))
        append(address)
        octets.append(UInt8(ascii: "\""))
    }

    mutating func prefix(_ prefix: IPPrefix) {
        octets.append(UInt8(ascii: "\""))
        append(prefix.address)
        octets.append(UInt8(ascii: "/"))
        appendDecimal(Int64(prefix.length))
        octets.append(UInt8(ascii: "\""))
    }

    mutating func time(_ time: Timestamp) {
        if lastTime?.seconds != time.secondsSince1970 {
            lastTime = (time.secondsSince1970, Array(time.description.utf8))
        }
        octets.append(UInt8(ascii: "\""))
        if let lastTime { octets += lastTime.text }
        octets.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ address: IPAddress) {
        guard case .ipv4(let address) = address else {
            octets += address.description.utf8
            return
        }
        for shift: UInt32 in [24, 16, 8, 0] {
            appendDecimal(Int64(address.rawValue >> shift & 0xFF))
            if shift > 0 { octets.append(UInt8(ascii: ".")) }
        }
    }

    private mutating func appendDecimal(_ value: Int64) {
        if value < 0 { octets.append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        var divisor: UInt64 = 1
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            octets.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
            divisor /= 10
        }
    }
}

/// A result that writes its own document.
protocol DirectlyWritten: ControlResult {
    /// About how many octets the document has.
    var sizeEstimate: Int { get }

    func write(to json: inout JSONText)
}

extension DirectlyWritten {
    /// The JSON-RPC response with this result, without a newline.
    func response(to identifier: RequestIdentifier) -> [UInt8] {
        var json = JSONText(reserving: sizeEstimate + 128)
        json.object { json in
            json.key("id")
            switch identifier {
            case .number(let number): json.number(number)
            case .text(let text): json.string(text)
            case .null: json.literal("null")
            }
            json.key("jsonrpc")
            json.string("2.0")
            json.key("result")
            write(to: &json)
        }
        return json.octets
    }
}
