import Addressing

/// PE Distinguisher Labels (RFC 6514 §8): labels that tell in a shared tunnel from which PE a packet is.
///
///     +---------------------------------+
///     |  PE Address (4 or 16 octets)    |
///     +---------------------------------+
///     |  Label (3 octets)               |
///     +---------------------------------+
///     |  …                              |
public struct PEDistinguisherLabels: Hashable, Sendable {
    /// As they came: which of the two lengths the addresses have is not said by the attribute itself.
    let octets: [UInt8]

    private static let labelOctets = 3

    private static func entryOctets(_ family: AddressFamily) -> Int { family.bits / 8 + labelOctets }

    /// `nil` where the octets are no whole number of entries of either family.
    init?(value: ArraySlice<UInt8>) {
        guard !value.isEmpty, AddressFamily.allCases.contains(where: { value.count % Self.entryOctets($0) == 0 }) else {
            return nil
        }
        octets = Array(value)
    }

    /// The PEs and their labels. The addresses are of the family of the route's next hop (RFC 6515 §2), or of the other where the
    /// octets would not come out even.
    public func labels(nextHop family: AddressFamily) -> [(provider: IPAddress, label: MPLSLabel)] {
        let other: AddressFamily = family == .ipv4 ? .ipv6 : .ipv4
        let family = octets.count % Self.entryOctets(family) == 0 ? family : other
        var reader = ByteReader(octets[...])
        var labels: [(provider: IPAddress, label: MPLSLabel)] = []
        while let address = reader.readOctets(family.bits / 8), let field = reader.readNumber(octets: Self.labelOctets)
        {
            guard let provider = IPAddress(networkOrder: address),
                let label = MPLSLabel(rawValue: UInt32(truncatingIfNeeded: field >> 4))
            else { continue }
            labels.append((provider, label))
        }
        return labels
    }
}
