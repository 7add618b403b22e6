/// How VRFs share a table: each has a part that it always gets, and beyond it takes only what no other VRF's part needs.
/// So one that fills the table starves nobody, and what nobody needs is anybody's.
public final class TableShares {
    /// What there is for all, in octets or entries.
    public let capacity: Int
    private var shares: [UInt16: TableShare] = [:]
    /// What of the VRFs' parts is not in use.
    fileprivate(set) var unused = 0

    public init(capacity: Int) { self.capacity = capacity }

    /// A VRF's share, by its number.
    public subscript(vrf: UInt16) -> TableShare {
        if let share = shares[vrf] { return share }
        let share = TableShare(of: self)
        shares[vrf] = share
        return share
    }

    /// Gives each VRF the part that it always gets; one that is not named gets none.
    public func setParts(_ parts: [UInt16: Int]) {
        for (vrf, share) in shares where parts[vrf] == nil { share.part = 0 }
        for (vrf, part) in parts { self[vrf].part = part }
    }
}

/// One VRF's share of a table.
public final class TableShare {
    private let shares: TableShares
    public private(set) var used = 0
    /// What it always gets.
    public fileprivate(set) var part = 0 {
        willSet { shares.unused += max(0, newValue - used) - unused }
    }

    fileprivate init(of shares: TableShares) { self.shares = shares }

    private var unused: Int { max(0, part - used) }

    /// Whether there is room for more.
    /// - Parameters:
    ///   - amount: how much more.
    ///   - pending: what it has taken that ``change(by:)`` has not been told of.
    ///   - inUse: what all have taken, and what waits to be reused.
    public func admits(_ amount: Int, pending: Int = 0, inUse: Int) -> Bool {
        if used + pending + amount <= part { return true }
        return amount <= shares.capacity - inUse - (shares.unused - unused)
    }

    public func change(by amount: Int) {
        let before = unused
        used += amount
        shares.unused += unused - before
    }
}
