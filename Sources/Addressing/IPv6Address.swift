/// An IPv6 address (RFC 4291) as one number in host byte order.
public struct IPv6Address: Hashable, Sendable, Comparable {
    /// The address in host byte order: the first group of the text form is in the top 16 bits.
    public var rawValue: UInt128

    @inlinable
    public init(rawValue: UInt128) { self.rawValue = rawValue }

    /// The address whose 16 octets, in network byte order, are `octets`; `nil` if there are not exactly 16.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        rawValue = octets.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The IPv4-mapped form of an IPv4 address (RFC 4291 §2.5.5.2): ::ffff:a.b.c.d.
    public init(mapping address: IPv4Address) {
        rawValue = 0xFFFF << 32 | UInt128(address.rawValue)
    }

    /// The address as 16 octets in network byte order.
    public var octets: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: rawValue >> UInt128(120 - 8 * $0)) }
    }

    /// The IPv4 address inside an IPv4-mapped address, otherwise `nil`.
    public var mappedIPv4: IPv4Address? {
        rawValue >> 32 == 0xFFFF ? IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue)) : nil
    }

    /// RFC 4291 §2.7: ff00::/8.
    public var isMulticast: Bool { rawValue >> 120 == 0xFF }

    /// RFC 4291 §2.5.6: fe80::/10.
    public var isLinkLocal: Bool { rawValue >> 118 == 0x3FA }

    /// Whether a packet may be routed to or from it: not unspecified, loopback, multicast, link-local or IPv4-mapped.
    public var isGlobalUnicast: Bool {
        rawValue > 1 && !isMulticast && !isLinkLocal && mappedIPv4 == nil
    }

    /// The solicited-node multicast address (RFC 4291 §2.7.1).
    public var solicitedNode: IPv6Address {
        let prefix: UInt128 = 0xFF02_0000_0000_0000_0000_0001_FF00_0000
        return IPv6Address(rawValue: prefix | (rawValue & 0xFF_FFFF))
    }

    @inlinable
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension IPv6Address: CustomStringConvertible {
    /// The text form that RFC 5952 recommends.
    public var description: String {
        if let mapped = mappedIPv4 { return "::ffff:\(mapped)" }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: rawValue >> UInt128(112 - 16 * $0)) }
        func hex(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let zeros = longestZeroRun(in: groups) else { return hex(0..<8) }
        return hex(0..<zeros.lowerBound) + "::" + hex(zeros.upperBound..<8)
    }

    /// The first longest run of at least two zero groups (RFC 5952 §4.2).
    private func longestZeroRun(in groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < 8 {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = end
        }
        return best
    }
}

extension IPv6Address {
    /// The address in any text form of RFC 4291 §2.2 (a zone index is refused); `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = Self.groups(text), groups.count == 8 else { return nil }
            self.init(groups: groups)
            return
        }
        let head = String(text[..<gap.lowerBound])
        let tail = String(text[gap.upperBound...])
        guard !tail.contains("::"), !head.contains(".") else { return nil }
        guard let before = head.isEmpty ? [] : Self.groups(head), let after = tail.isEmpty ? [] : Self.groups(tail),
            before.count + after.count <= 7
        else { return nil }
        self.init(groups: before + Array(repeating: 0, count: 8 - before.count - after.count) + after)
    }

    private init(groups: [UInt16]) {
        rawValue = groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func groups(_ text: String) -> [UInt16]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if part.contains(".") {
                guard index == parts.count - 1, let v4 = IPv4Address(part) else { return nil }
                groups += [UInt16(v4.rawValue >> 16), UInt16(v4.rawValue & 0xFFFF)]
            } else {
                guard (1...4).contains(part.utf8.count),
                    part.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}
