import Addressing

/// Whom a BGP session is with. Two VRFs may have neighbors with the same address, so that an address alone names none.
public struct NeighborName: Hashable, Sendable, Comparable {
    /// `nil`: the neighbor is in no VRF.
    public var vrf: String?
    public var address: IPAddress

    public init(vrf: String? = nil, address: IPAddress) {
        self.vrf = vrf
        self.address = address
    }

    /// Those in no VRF first, then VRF by VRF.
    public static func < (a: Self, b: Self) -> Bool {
        if a.vrf == b.vrf { return a.address < b.address }
        guard let first = a.vrf else { return true }
        guard let second = b.vrf else { return false }
        return first < second
    }
}

extension NeighborName: CustomStringConvertible {
    public var description: String { vrf.map { "\(address) in VRF '\($0)'" } ?? address.description }
}
