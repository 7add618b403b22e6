/// A BGP neighbor by its address and the VRF in whose address space that lies: customers in two VRFs may have the same.
///
/// Kept in halves of 64 bits: it is half as large as with a `UInt128` in it, and Swift 6 without optimization reads an argument
/// of that alignment from a stack slot that does not have it.
public struct PeerAddress: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    /// The VRF's number and 1; 0: none.
    private let place: UInt32
    private let family: AddressFamily

    public init(_ address: IPAddress, vrf: VRFNumber? = nil) {
        let number = address.numericValue
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: number)
        place = vrf.map { UInt32($0.rawValue) + 1 } ?? 0
        family = address.family
    }

    /// `nil`: the default table, in which the NNIs are.
    public var vrf: VRFNumber? {
        place == 0 ? nil : VRFNumber(rawValue: UInt16(truncatingIfNeeded: place - 1))
    }

    public var address: IPAddress {
        switch family {
        case .ipv4: .ipv4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)))
        case .ipv6: .ipv6(IPv6Address(rawValue: UInt128(high) << 64 | UInt128(low)))
        }
    }
}

extension PeerAddress: Comparable {
    /// Those of the default table come first.
    public static func < (a: Self, b: Self) -> Bool { (a.place, a.address) < (b.place, b.address) }
}

extension PeerAddress: CustomStringConvertible {
    /// The address, and the number of the VRF if it is in one.
    public var description: String { vrf.map { "\(address) in VRF \($0)" } ?? "\(address)" }
}
