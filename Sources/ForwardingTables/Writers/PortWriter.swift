import CTableLayout

/// The descriptions of the ports.
public final class PortWriter {
    private let header: UnsafeMutablePointer<stile_tables_header>
    private let ports: UnsafeMutablePointer<stile_port>

    init(_ file: TablesFile) {
        header = file.header
        ports = file.records(header.pointee.ports, as: stile_port.self)
    }

    /// Replaces the description of port `index` (below `STILE_MAX_PORTS`); one of zeros closes it. `ports_sequence` is
    /// odd while the description changes and even, and higher, afterwards.
    public func set(_ index: Int, to port: stile_port) throws(TablesError) {
        guard (0..<Int(STILE_MAX_PORTS)).contains(index) else { throw .outOfRange(.ports) }
        let sequence = header.pointee.ports_sequence
        withUnsafeMutablePointer(to: &header.pointee.ports_sequence) { stile_store_release_u64($0, sequence + 1) }
        stile_fence()
        ports[index] = port
        withUnsafeMutablePointer(to: &header.pointee.ports_sequence) { stile_store_release_u64($0, sequence + 2) }
    }
}
