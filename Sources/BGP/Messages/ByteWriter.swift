/// Collects octets, numbers in network byte order.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func write(_ value: UInt8) { bytes.append(value) }

    mutating func write(_ value: UInt16) { writeNumber(UInt64(value), octets: 2) }

    mutating func write(_ value: UInt32) { writeNumber(UInt64(value), octets: 4) }

    mutating func write(_ value: UInt64) { writeNumber(value, octets: 8) }

    mutating func write(_ octets: some Sequence<UInt8>) { bytes.append(contentsOf: octets) }

    /// The low `count` octets of `value`.
    mutating func writeNumber(_ value: UInt64, octets count: Int) {
        for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}
