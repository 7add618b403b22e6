import CTableLayout

/// The records of VRFs. Their numbers are the caller's: 1 and up, below `TableCapacities.vrfs`.
public final class VRFWriter {
    private let records: RecordSection<stile_vrf>
    private let ipv4Roots: RecordSection<UInt64>
    private let ipv6Roots: RecordSection<UInt64>
    private let count: UInt32

    init(_ file: TablesFile) throws(TablesError) {
        let header = file.header.pointee
        records = RecordSection(.vrfs, at: header.vrfs, of: file)
        ipv4Roots = RecordSection(.ipv4Roots, at: header.ipv4_roots, of: file)
        ipv6Roots = RecordSection(.ipv6Roots, at: header.ipv6_roots, of: file)
        count = header.vrfs.count
        // VRF 0 is nobody's, and what has no VRF reads it.
        try records.commit(count: 1)
        try ipv4Roots.commit(count: 1)
        try ipv6Roots.commit(count: 1)
    }

    /// Sets the VRF's `stile_interface_flags`.
    public func setFlags(_ flags: UInt32, ofVRF vrf: UInt16) throws(TablesError) {
        let record = UnsafeMutableRawPointer(try record(of: vrf))
        stile_store_release_u32(record.assumingMemoryBound(to: UInt32.self), flags)
    }

    /// The VRF's record, which is there from now on.
    func record(of vrf: UInt16) throws(TablesError) -> UnsafeMutablePointer<stile_vrf> {
        try commit(vrf)
        return records[UInt32(vrf)]
    }

    /// The word that names the VRF's trie of IPv4 routes.
    func ipv4Root(of vrf: UInt16) throws(TablesError) -> UnsafeMutablePointer<UInt64> {
        try commit(vrf)
        return ipv4Roots[UInt32(vrf)]
    }

    /// The word that names the VRF's trie of IPv6 routes.
    func ipv6Root(of vrf: UInt16) throws(TablesError) -> UnsafeMutablePointer<UInt64> {
        try commit(vrf)
        return ipv6Roots[UInt32(vrf)]
    }

    private func commit(_ vrf: UInt16) throws(TablesError) {
        guard UInt32(vrf) < count else { throw .outOfRange(.vrfs) }
        // A worker reads all three by the number that a packet's owner has.
        try ipv4Roots.commit(count: Int(vrf) + 1)
        try ipv6Roots.commit(count: Int(vrf) + 1)
        try records.commit(count: Int(vrf) + 1)
    }
}
