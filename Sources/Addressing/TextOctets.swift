/// What the text forms of addresses and identifiers have in common: they are ASCII, and are read octet by octet. A
/// configuration has hundreds of thousands of them.

package func withOctets<Result>(
    of text: some StringProtocol, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    text.utf8.withContiguousStorageIfAvailable(body) ?? Array(text.utf8).withUnsafeBufferPointer(body)
}

/// A decimal number up to `greatest`; `nil` for anything else, and for leading zeros where they are not allowed.
package func decimal(
    _ octets: some Collection<UInt8>, upTo greatest: UInt64, allowsLeadingZeros: Bool = false
) -> UInt64? {
    guard let first = octets.first, allowsLeadingZeros || first != zero || octets.count == 1 else { return nil }
    var value: UInt64 = 0
    for octet in octets {
        guard (zero...zero + 9).contains(octet) else { return nil }
        let (product, overflows) = value.multipliedReportingOverflow(by: 10)
        let (sum, sumOverflows) = product.addingReportingOverflow(UInt64(octet - zero))
        guard !overflows, !sumOverflows, sum <= greatest else { return nil }
        value = sum
    }
    return value
}

func decimalOctet(_ octets: some Collection<UInt8>) -> UInt8? { decimal(octets, upTo: 255).map { UInt8($0) } }

extension UnsafeBufferPointer<UInt8> {
    /// What stands before and behind the first octet of this value; `nil` if there is none.
    func cut(at octet: UInt8) -> (Slice<Self>, Slice<Self>)? {
        firstIndex(of: octet).map { (self[..<$0], self[($0 + 1)...]) }
    }
}

private let zero = UInt8(ascii: "0")
