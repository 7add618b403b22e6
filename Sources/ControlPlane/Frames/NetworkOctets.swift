extension FixedWidthInteger {
    /// The octets in network byte order.
    var networkOctets: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> Self(Self.bitWidth - 8 - 8 * $0)) }
    }
}
