import Addressing

// In JSON every address, prefix and identifier stands in its usual text form.

extension Decoder {
    /// A value that stands in JSON as a string.
    /// - Throws: `DecodingError.dataCorrupted` that says what was `expected`, when the string is not one.
    func decodeText<Value>(as expected: String, _ parse: (String) -> Value?) throws -> Value {
        let container = try singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = parse(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not \(expected)")
        }
        return value
    }
}

extension Encoder {
    func encodeText(_ value: some CustomStringConvertible) throws {
        var container = singleValueContainer()
        try container.encode(value.description)
    }
}

extension IPAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "an IPv4 or IPv6 address") { IPAddress($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension IPv4Address: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "an IPv4 address") { IPv4Address($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension IPPrefix: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "a prefix without host bits") { IPPrefix($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension InterfaceAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "an address with a prefix length") { InterfaceAddress($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension MACAddress: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "an Ethernet address") { MACAddress($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension RouteDistinguisher: Codable {
    /// Reads also the hexadecimal form in which a distinguisher of an unknown type is written.
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "a route distinguisher") { text in
            if text.hasPrefix("0x") {
                return UInt64(text.dropFirst(2), radix: 16).map { RouteDistinguisher(rawValue: $0) }
            }
            return RouteDistinguisher(text)
        }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension RouteTarget: Codable {
    public init(from decoder: any Decoder) throws {
        self = try decoder.decodeText(as: "a route target") { RouteTarget($0) }
    }

    public func encode(to encoder: any Encoder) throws { try encoder.encodeText(self) }
}

extension MPLSLabel: Codable {
    /// Labels are numbers in JSON, as on every screen.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let label = MPLSLabel(rawValue: try container.decode(UInt32.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a label is 0 to 1048575")
        }
        self = label
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
