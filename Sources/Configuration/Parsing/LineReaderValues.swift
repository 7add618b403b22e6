import Addressing

extension LineReader {
    /// A decimal number within a range.
    mutating func number<Number: FixedWidthInteger & Sendable>(
        _ meaning: String, in range: ClosedRange<Number>
    ) throws(Finding) -> Number {
        let expected = "\(meaning), \(range.lowerBound) to \(range.upperBound)"
        let token = try next(expected)
        guard let number = Self.number(token.text, in: range) else { throw invalid(token, expected: expected) }
        return number
    }

    /// With a sign only where the range goes below zero.
    private static func number<Number: FixedWidthInteger>(_ text: String, in range: ClosedRange<Number>) -> Number? {
        let isNegative = range.lowerBound < 0 && text.hasPrefix("-")
        guard let size = canonicalNumber(isNegative ? text.dropFirst() : text[...], as: Number.self) else { return nil }
        let number = isNegative ? 0 - size : size
        return range.contains(number) && !(isNegative && size == 0) ? number : nil
    }

    /// A name for a network device of the kernel, which takes 15 octets; a percent sign would be a pattern there.
    mutating func networkDevice() throws(Finding) -> Located<String> {
        let token = try next("the name of a network device")
        let isName = token.text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isName, (1...15).contains(token.text.utf8.count),
            ![".", "..", "lo", "all", "default"].contains(token.text)
        else {
            throw invalid(
                token, expected: "the name of a network device, 1 to 15 letters, digits, dots, dashes or underscores")
        }
        return located(token.text, token)
    }

    /// A name that the operator chose: 1 to 64 visible ASCII characters, the first of them no `!` and no `"`, with which
    /// a comment and a quoted text begin.
    mutating func name(_ meaning: String) throws(Finding) -> Located<String> {
        let token = try next("the name of \(meaning)")
        guard (1...64).contains(token.text.utf8.count), token.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            token.text.first != "!", token.text.first != "\""
        else {
            throw invalid(token, expected: "the name of \(meaning), 1 to 64 visible ASCII characters")
        }
        return located(token.text, token)
    }

    /// All that is left of the line, as it stands there; or the content of a quoted text that is alone.
    mutating func freeText(_ meaning: String) throws(Finding) -> String {
        let first = try next(meaning)
        let last = tokens[tokens.count - 1]
        position = tokens.count
        if first.isQuoted, first.octets == last.octets { return first.text }
        let text = octets.dropFirst(first.octets.lowerBound).prefix(last.octets.upperBound - first.octets.lowerBound)
        return String(decoding: text, as: UTF8.self)
    }

    mutating func address(_ meaning: String) throws(Finding) -> Located<IPAddress> {
        let token = try next(meaning)
        guard let address = IPAddress(token.text) else {
            throw invalid(token, expected: "\(meaning), an IPv4 or IPv6 address")
        }
        return located(address, token)
    }

    mutating func address(_ meaning: String, family: AddressFamily) throws(Finding) -> Located<IPAddress> {
        let expected = "\(meaning), \(family == .ipv4 ? "an IPv4" : "an IPv6") address"
        let token = try next(expected)
        guard let address = IPAddress(token.text), address.family == family else {
            throw invalid(token, expected: expected)
        }
        return located(address, token)
    }

    /// An interface's own address, as `A/L` or, for IPv4, as `A MASK`.
    mutating func interfaceAddress(family: AddressFamily) throws(Finding) -> Located<InterfaceAddress> {
        let form = family == .ipv4 ? "A.B.C.D/length" : "X:X::X/length"
        let token = try next(form)
        if family == .ipv4, let address = IPv4Address(token.text) {
            let length = try mask()
            guard let result = InterfaceAddress(.ipv4(address), prefixLength: length) else {
                throw invalid(token, expected: form)
            }
            return located(result, token)
        }
        guard let result = InterfaceAddress(token.text), result.address.family == family else {
            throw invalid(token, expected: form)
        }
        return located(result, token)
    }

    /// A prefix without host bits, as `A/L` or, for IPv4, as `A MASK`.
    mutating func prefix(family: AddressFamily) throws(Finding) -> Located<IPPrefix> {
        let start = position
        let text = try interfaceAddress(family: family)
        let prefix = text.value.subnet
        guard prefix.address == text.value.address else {
            throw invalid(tokens[start], expected: "a prefix without host bits", hint: "did you mean '\(prefix)'?")
        }
        return Located(value: prefix, range: text.range)
    }

    /// The same of either family.
    mutating func prefix() throws(Finding) -> Located<IPPrefix> {
        let isIPv6 = position < tokens.count && tokens[position].text.contains(":")
        return try prefix(family: isIPv6 ? .ipv6 : .ipv4)
    }

    /// The length of an IPv4 network mask.
    private mutating func mask() throws(Finding) -> Int {
        let token = try next("a network mask")
        guard let mask = IPv4Address(token.text), let length = prefixLength(ofMask: mask.rawValue) else {
            throw invalid(
                token, expected: "a network mask, such as 255.255.255.0",
                hint: "an address may also be written with its length: A.B.C.D/24")
        }
        return length
    }

    /// The Ethernet address of one station.
    mutating func stationAddress() throws(Finding) -> Located<MACAddress> {
        let token = try next("a MAC address, such as 02:00:00:00:00:01")
        guard let address = MACAddress(token.text), !address.isGroup, address.rawValue != 0 else {
            throw invalid(token, expected: "a MAC address of one station, such as 02:00:00:00:00:01")
        }
        return located(address, token)
    }

    mutating func port() throws(Finding) -> Located<PortName> {
        let token = try next("a port, such as ten1/0")
        guard let name = PortName(token.text) else {
            throw invalid(
                token, expected: "a port, such as ten1/0",
                hint: "the kinds are \(PortKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return located(name, token)
    }

    mutating func interface() throws(Finding) -> Located<InterfaceName> {
        let token = try next("an interface, such as ten1/0 or ten1/0.2")
        guard let name = InterfaceName(token.text) else {
            throw invalid(
                token, expected: "an interface, such as ten1/0 or ten1/0.2",
                hint: "the kinds are \(PortKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return located(name, token)
    }

    /// An AS number as one number (asplain) or as `high.low` (asdot, RFC 5396).
    mutating func autonomousSystem() throws(Finding) -> UInt32 {
        let expected = "an AS number, 1 to 4294967294"
        let token = try next(expected)
        let parts = token.text.split(separator: ".", omittingEmptySubsequences: false)
        var value: UInt32?
        if parts.count == 1 {
            value = canonicalNumber(token.text, as: UInt32.self)
        } else if parts.count == 2, let high = canonicalNumber(parts[0], as: UInt16.self),
            let low = canonicalNumber(parts[1], as: UInt16.self)
        {
            value = UInt32(high) << 16 | UInt32(low)
        }
        // RFC 7607 reserves 0, RFC 7300 the last number; RFC 6793 gives AS_TRANS to nobody.
        guard let value, value != 0, value != .max, value != 23456 else { throw invalid(token, expected: expected) }
        return value
    }
}

extension LineReader {
    /// What is wrong when no statement of a table begins with the next tokens.
    func unknownKeyword<Subject>(in table: StatementTable<Subject>) -> Finding {
        guard case .mismatch(let position, let candidates) = table.match(tokens[position...]) else {
            return missing([])
        }
        let spellings = candidates.map(\.spelling)
        guard tokens.indices.contains(position) else { return missing(spellings) }
        let token = tokens[position]
        return Finding(
            .unknownKeyword, "unknown keyword '\(token.text)'", at: range(of: token), expected: spellings,
            hint: suggestion(for: token, among: candidates).map { "did you mean '\($0)'?" })
    }
}

/// The prefix length of a network mask in host byte order; `nil` if its set bits are not the upper ones.
func prefixLength(ofMask mask: UInt32) -> Int? {
    let length = mask.leadingZeroBitCount == 0 ? (~mask).leadingZeroBitCount : 0
    return length + mask.trailingZeroBitCount == 32 ? length : nil
}
