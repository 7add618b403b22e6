import Addressing
import CTableLayout

/// VRFs and their routes. VRF numbers are the caller's: 1 and up, below `TableCapacities.vrfs`.
extension TablesWriter {
    /// Sets the VRF's `stile_interface_flags`.
    public func setFlags(_ flags: UInt32, ofVRF vrf: UInt16) throws(TablesError) {
        let record = UnsafeMutableRawPointer(try vrfRecord(vrf))
        stile_store_release_u32(record.assumingMemoryBound(to: UInt32.self), flags)
    }

    /// Adds a route to a VRF, or gives it another next hop.
    public func setRoute(_ prefix: IPPrefix, vrf: UInt16, nextHop: UInt32) throws(TablesError) {
        guard nextHop < header.pointee.next_hops.count else { throw .outOfRange(.nextHops) }
        let length = Int(prefix.length)
        switch prefix.address {
        case .ipv4(let address):
            try ipv4Trie(vrf).set(address.rawValue, length: length, nextHop: nextHop)
        case .ipv6(let address):
            try ipv6Trie(vrf).set(address.rawValue, length: length, nextHop: nextHop)
        }
    }

    /// Removes a route; `false` when the VRF does not have it.
    @discardableResult
    public func removeRoute(_ prefix: IPPrefix, vrf: UInt16) throws(TablesError) -> Bool {
        let length = Int(prefix.length)
        switch prefix.address {
        case .ipv4(let address):
            return try ipv4Tries[vrf]?.remove(address.rawValue, length: length) ?? false
        case .ipv6(let address):
            return try ipv6Tries[vrf]?.remove(address.rawValue, length: length) ?? false
        }
    }

    /// The next hop of exactly this prefix, as the writer knows it; 0: no such route.
    public func nextHop(of prefix: IPPrefix, vrf: UInt16) -> UInt32 {
        let length = Int(prefix.length)
        return switch prefix.address {
        case .ipv4(let address): ipv4Tries[vrf]?.nextHop(of: address.rawValue, length: length) ?? 0
        case .ipv6(let address): ipv6Tries[vrf]?.nextHop(of: address.rawValue, length: length) ?? 0
        }
    }

    /// Calls `body` with each route of a VRF and its next hop, in no particular order.
    public func forEachRoute(vrf: UInt16, _ body: (IPPrefix, UInt32) -> Void) {
        ipv4Tries[vrf]?.forEachRoute { address, length, nextHop in
            guard let prefix = IPPrefix(covering: .ipv4(IPv4Address(rawValue: address)), length: length) else { return }
            body(prefix, nextHop)
        }
        ipv6Tries[vrf]?.forEachRoute { address, length, nextHop in
            guard let prefix = IPPrefix(covering: .ipv6(IPv6Address(rawValue: address)), length: length) else { return }
            body(prefix, nextHop)
        }
    }

    /// Removes all routes of a VRF, at once for each family, and clears its flags.
    public func removeVRF(_ vrf: UInt16) throws(TablesError) {
        try setFlags(0, ofVRF: vrf)
        try setFlowMetering(nil, ofVRF: vrf)
        ipv4Tries.removeValue(forKey: vrf)?.removeAll()
        ipv6Tries.removeValue(forKey: vrf)?.removeAll()
    }

    /// How the VRFs share the FIB's memory.
    public var routeMemory: TableShares { fib.shares }

    public func routeCount(vrf: UInt16, family: AddressFamily) -> Int {
        family == .ipv4 ? ipv4Tries[vrf]?.routeCount ?? 0 : ipv6Tries[vrf]?.routeCount ?? 0
    }

    /// Octets of the FIB arena that a VRF's routes take.
    public func fibBytes(vrf: UInt16, family: AddressFamily) -> Int {
        family == .ipv4 ? ipv4Tries[vrf]?.byteCount ?? 0 : ipv6Tries[vrf]?.byteCount ?? 0
    }

    /// Bits of the direct table in front of a VRF's trie: 0, or an even number from 6 to 18.
    public func directBits(vrf: UInt16, family: AddressFamily) -> Int {
        family == .ipv4 ? ipv4Tries[vrf]?.directBits ?? 0 : ipv6Tries[vrf]?.directBits ?? 0
    }

    func vrfRecord(_ vrf: UInt16) throws(TablesError) -> UnsafeMutablePointer<stile_vrf> {
        guard UInt32(vrf) < header.pointee.vrfs.count else { throw .outOfRange(.vrfs) }
        // A worker reads all three by the number that a packet's owner has.
        try ipv4Roots.commit(count: Int(vrf) + 1)
        try ipv6Roots.commit(count: Int(vrf) + 1)
        try vrfs.commit(count: Int(vrf) + 1)
        return entry(header.pointee.vrfs, Int(vrf), as: stile_vrf.self)
    }

    private func ipv4Trie(_ vrf: UInt16) throws(TablesError) -> FIBTrie<UInt32> {
        if let trie = ipv4Tries[vrf] { return trie }
        _ = try vrfRecord(vrf)
        let trie = FIBTrie<UInt32>(
            memory: fib, share: fib.shares[vrf],
            rootWord: entry(header.pointee.ipv4_roots, Int(vrf), as: UInt64.self))
        ipv4Tries[vrf] = trie
        return trie
    }

    private func ipv6Trie(_ vrf: UInt16) throws(TablesError) -> FIBTrie<UInt128> {
        if let trie = ipv6Tries[vrf] { return trie }
        _ = try vrfRecord(vrf)
        let trie = FIBTrie<UInt128>(
            memory: fib, share: fib.shares[vrf],
            rootWord: entry(header.pointee.ipv6_roots, Int(vrf), as: UInt64.self))
        ipv6Tries[vrf] = trie
        return trie
    }
}
