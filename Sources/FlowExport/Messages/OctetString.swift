import Addressing

/// Octets that are appended to, numbers in network byte order.
struct OctetString {
    private(set) var octets: [UInt8] = []

    mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { octets.append(contentsOf: $0) }
    }

    mutating func append(_ address: IPAddress) {
        switch address {
        case .ipv4(let address): append(address.rawValue)
        case .ipv6(let address): append(address.rawValue)
        }
    }

    /// The lower three octets of a number.
    mutating func append(threeOctets number: UInt32) {
        withUnsafeBytes(of: number.bigEndian) { octets.append(contentsOf: $0.dropFirst()) }
    }

    /// A text of at most 254 octets with its length in front (RFC 7011 §7); what is longer is cut between characters.
    mutating func append(variableLength text: String) {
        var cut = text
        while cut.utf8.count > 254 { cut.removeLast() }
        append(UInt8(truncatingIfNeeded: cut.utf8.count))
        octets.append(contentsOf: cut.utf8)
    }
}
