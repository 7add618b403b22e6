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
    let octets: [UInt8]
    /// Of the addresses: the attribute itself does not say it.
    let family: AddressFamily
    /// Whether somebody on the way did not know the attribute, which is handed on (RFC 4271 §5).
    var isPartial = false

    private static let labelOctets = 3

    /// `nil` where the octets are no whole number of entries of the family, or an address is no host's.
    init?(value: ArraySlice<UInt8>, _ family: AddressFamily) {
        octets = Array(value)
        self.family = family
        guard !value.isEmpty, value.count % (family.bits / 8 + Self.labelOctets) == 0 else { return nil }
        for (provider, _) in labels {
            switch provider {
            case .ipv4(let address): guard address.isUnicast else { return nil }
            case .ipv6(let address): guard address.rawValue > 1, !address.isMulticast else { return nil }
            }
        }
    }

    /// The PEs and their labels.
    public var labels: [(provider: IPAddress, label: MPLSLabel)] {
        var reader = ByteReader(octets[...])
        var labels: [(provider: IPAddress, label: MPLSLabel)] = []
        while let address = reader.readOctets(family.bits / 8), let field = reader.readNumber(octets: Self.labelOctets),
            let provider = IPAddress(networkOrder: address),
            let label = MPLSLabel(rawValue: UInt32(truncatingIfNeeded: field >> 4))
        {
            labels.append((provider, label))
        }
        return labels
    }
}
