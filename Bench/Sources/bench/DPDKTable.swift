import Addressing
import CDPDKLookup

/// One of DPDK's lookup tables. EAL must have been started.
final class DPDKTable {
    let name: String
    /// For the C functions of CDPDKLookup.
    let table: OpaquePointer

    /// `nil`: no memory for it.
    init?(_ kind: dpdk_table_kind, number: Int, routes: Int) {
        guard let table = dpdk_table_new(kind, UInt32(number), UInt32(routes)) else { return nil }
        self.table = table
        name = kind == DPDK_FIB ? "rte_fib" : kind == DPDK_LPM ? "rte_lpm" : "rte_fib6"
    }

    deinit { dpdk_table_free(table) }

    @discardableResult
    func add(_ route: Route) -> Bool {
        withOctets(of: route.prefix) {
            dpdk_table_add(table, $0, route.prefix.length, UInt32(route.nextHop + 1)) == 0
        }
    }

    @discardableResult
    func remove(_ prefix: IPPrefix) -> Bool {
        withOctets(of: prefix) { dpdk_table_delete(table, $0, prefix.length) == 0 }
    }

    @inline(__always)
    func lookup(_ addresses: UnsafeRawPointer, _ results: UnsafeMutablePointer<UInt64>, count: Int) {
        dpdk_table_lookup(table, addresses, results, UInt32(count))
    }

    private func withOctets(of prefix: IPPrefix, _ body: (UnsafePointer<UInt8>) -> Bool) -> Bool {
        var octets = prefix.address.octets
        // The IPv4 libraries take numbers in host byte order.
        if prefix.family == .ipv4 { octets.reverse() }
        return octets.withUnsafeBufferPointer { buffer in buffer.baseAddress.map(body) ?? false }
    }
}
