/// Reads numbers in network byte order from the front of octets that came from a peer: never out of range, `nil`
/// when too few are left.
struct ByteReader {
    private(set) var remaining: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { remaining = octets }

    var remainingCount: Int { remaining.count }
    var isAtEnd: Bool { remaining.isEmpty }

    mutating func readUInt8() -> UInt8? { remaining.popFirst() }

    mutating func readUInt16() -> UInt16? { readNumber(octets: 2).map(UInt16.init(truncatingIfNeeded:)) }

    mutating func readUInt32() -> UInt32? { readNumber(octets: 4).map(UInt32.init(truncatingIfNeeded:)) }

    mutating func readUInt64() -> UInt64? { readNumber(octets: 8) }

    /// A number of one to eight octets.
    mutating func readNumber(octets count: Int) -> UInt64? {
        guard let octets = readOctets(count) else { return nil }
        return octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func readOctets(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= remaining.count else { return nil }
        let octets = remaining.prefix(count)
        remaining = remaining.dropFirst(count)
        return octets
    }

    /// The octets as numbers of `count` octets each; `nil` when empty or when some are left over.
    static func numbers(_ octets: ArraySlice<UInt8>, octetsEach count: Int) -> [UInt64]? {
        guard !octets.isEmpty, octets.count % count == 0 else { return nil }
        var reader = ByteReader(octets)
        var numbers: [UInt64] = []
        numbers.reserveCapacity(octets.count / count)
        while let number = reader.readNumber(octets: count) { numbers.append(number) }
        return numbers
    }
}
