import Addressing

/// Reads numbers in network byte order from the front of a collection; every read past the end is `nil`.
struct OctetReader {
    private var remaining: ArraySlice<UInt8>

    init(_ octets: some Collection<UInt8>) { remaining = Array(octets)[...] }

    var count: Int { remaining.count }

    mutating func uint8() -> UInt8? { remaining.popFirst() }

    mutating func uint16() -> UInt16? { number(octets: 2).map { UInt16(truncatingIfNeeded: $0) } }

    mutating func uint32() -> UInt32? { number(octets: 4).map { UInt32(truncatingIfNeeded: $0) } }

    mutating func uint128() -> UInt128? { number(octets: 16) }

    mutating func macAddress() -> MACAddress? { octets(6).flatMap { MACAddress(octets: $0) } }

    mutating func octets(_ count: Int) -> [UInt8]? {
        guard count <= remaining.count else { return nil }
        defer { remaining = remaining.dropFirst(count) }
        return Array(remaining.prefix(count))
    }

    private mutating func number(octets count: Int) -> UInt128? {
        octets(count).map { $0.reduce(0) { $0 << 8 | UInt128($1) } }
    }
}
