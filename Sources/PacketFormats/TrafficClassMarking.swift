/// Writing the differentiated services code point (RFC 2474): the upper six bits of the octet; the lower two, ECN
/// (RFC 3168), stay as they are.
extension IPv4Header {
    /// Sets the code point (0 to 63) of the header at `header` and corrects its checksum (RFC 1624 §3, equation 3).
    @inlinable
    public static func setDSCP(_ codePoint: UInt8, of header: UnsafeMutableRawPointer) {
        let old = UnsafeRawPointer(header).octet(at: 1)
        let new = codePoint << 2 | old & 3
        header.storeBytes(of: new, toByteOffset: 1, as: UInt8.self)
        // The octet is the lower half of its 16-bit word, so that the change of the word is that of the octet.
        let checksum = IPv4Header(header).headerChecksum
        var sum = UInt32(~checksum) &+ UInt32(~UInt16(old)) &+ UInt32(new)
        sum = (sum & 0xFFFF) &+ sum >> 16
        sum = (sum & 0xFFFF) &+ sum >> 16
        header.storeNetwork(~UInt16(truncatingIfNeeded: sum), at: 10)
    }
}

extension IPv6Header {
    /// Sets the code point (0 to 63) of the header at `header`.
    @inlinable
    public static func setDSCP(_ codePoint: UInt8, of header: UnsafeMutableRawPointer) {
        // Version (4 bits), traffic class (8), flow label (20): the code point is bits 4 to 9 of the first word.
        let word = UnsafeRawPointer(header).networkUInt16(at: 0)
        header.storeNetwork(word & 0xF03F | UInt16(codePoint) << 6, at: 0)
    }
}
