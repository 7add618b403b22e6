import Addressing
import CTableLayout

/// The VRFs' routes.
public final class RouteWriter {
    private let fib: FIBMemory
    private let vrfs: VRFWriter
    private let nextHopCount: UInt32
    private var ipv4Tries: [UInt16: FIBTrie<UInt32>] = [:]
    private var ipv6Tries: [UInt16: FIBTrie<UInt128>] = [:]

    init(_ file: TablesFile, vrfs: VRFWriter, hashKey: UInt64) throws(TablesError) {
        fib = FIBMemory(
            arena: FIBArena(
                storage: file.storage, storageOffset: Int(file.header.pointee.fib.offset),
                byteCount: file.capacities.fibArenaBytes),
            reclamation: file.reclamation, hashKey: hashKey)
        self.vrfs = vrfs
        nextHopCount = file.header.pointee.next_hops.count
        try fib.arena.commitFirst()
    }

    /// Adds a route to a VRF, or gives it another next hop.
    public func set(_ prefix: IPPrefix, vrf: UInt16, nextHop: UInt32) throws(TablesError) {
        guard nextHop < nextHopCount else { throw .outOfRange(.nextHops) }
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
    public func remove(_ prefix: IPPrefix, vrf: UInt16) throws(TablesError) -> Bool {
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
    public func forEach(vrf: UInt16, _ body: (IPPrefix, UInt32) -> Void) {
        ipv4Tries[vrf]?.forEachRoute { address, length, nextHop in
            guard let prefix = IPPrefix(covering: .ipv4(IPv4Address(rawValue: address)), length: length) else { return }
            body(prefix, nextHop)
        }
        ipv6Tries[vrf]?.forEachRoute { address, length, nextHop in
            guard let prefix = IPPrefix(covering: .ipv6(IPv6Address(rawValue: address)), length: length) else { return }
            body(prefix, nextHop)
        }
    }

    /// Removes all routes of a VRF, at once for each family.
    public func removeAll(vrf: UInt16) {
        ipv4Tries.removeValue(forKey: vrf)?.removeAll()
        ipv6Tries.removeValue(forKey: vrf)?.removeAll()
    }

    /// How the VRFs share the FIB's memory.
    public var memory: TableShares { fib.shares }

    /// How many routes of one family a VRF has.
    public func count(vrf: UInt16, family: AddressFamily) -> Int {
        family == .ipv4 ? ipv4Tries[vrf]?.routeCount ?? 0 : ipv6Tries[vrf]?.routeCount ?? 0
    }

    /// Octets of the FIB arena that a VRF's routes take.
    public func byteCount(vrf: UInt16, family: AddressFamily) -> Int {
        family == .ipv4 ? ipv4Tries[vrf]?.byteCount ?? 0 : ipv6Tries[vrf]?.byteCount ?? 0
    }

    /// Bits of the direct table in front of a VRF's trie: 0, or an even number from 6 to 18.
    public func directBits(vrf: UInt16, family: AddressFamily) -> Int {
        family == .ipv4 ? ipv4Tries[vrf]?.directBits ?? 0 : ipv6Tries[vrf]?.directBits ?? 0
    }

    /// Octets of the FIB arena in use, blocks that wait included.
    public var arenaBytesInUse: Int { fib.arena.allocatedBytes }

    // MARK: Reclamation

    func closeEpoch(_ epoch: UInt64) { fib.close(epoch: epoch) }

    func reclaim(passed epoch: UInt64) { fib.reclaim(passed: epoch) }

    /// How many blocks wait to be reclaimed.
    var retiredCount: Int { fib.retiredCount }

    // MARK: Tries

    private func ipv4Trie(_ vrf: UInt16) throws(TablesError) -> FIBTrie<UInt32> {
        if let trie = ipv4Tries[vrf] { return trie }
        let trie = FIBTrie<UInt32>(memory: fib, share: fib.shares[vrf], rootWord: try vrfs.ipv4Root(of: vrf))
        ipv4Tries[vrf] = trie
        return trie
    }

    private func ipv6Trie(_ vrf: UInt16) throws(TablesError) -> FIBTrie<UInt128> {
        if let trie = ipv6Tries[vrf] { return trie }
        let trie = FIBTrie<UInt128>(memory: fib, share: fib.shares[vrf], rootWord: try vrfs.ipv6Root(of: vrf))
        ipv6Tries[vrf] = trie
        return trie
    }
}
