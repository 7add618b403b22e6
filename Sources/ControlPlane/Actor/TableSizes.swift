import CTableLayout
import Configuration
import ForwardingTables

extension TableCapacities {
    /// The same with a FIB of the size that the configuration asks for.
    func with(_ configuration: Configuration) -> TableCapacities {
        var capacities = self
        if let mebibytes = configuration.dataplane.tableMemoryMebibytes {
            capacities.fibArenaBytes = Int(mebibytes) << 20
        }
        return capacities
    }
}

extension TablesWriter {
    /// Writes down which workers the data plane shall run.
    /// - Throws: `TablesError` for more workers than the tables hold.
    func setWorkers(of settings: DataplaneSettings) throws(TablesError) {
        let cores: [UInt16?] = settings.cores.map { $0 }
        let count = Int(settings.workers ?? UInt16(clamping: max(1, cores.count)))
        let padded = Array((cores + Array(repeating: nil, count: max(0, count - cores.count))).prefix(count))
        try setWorkers(
            cores: padded, polling: settings.polling == .busy ? STILE_POLLING_BUSY : STILE_POLLING_ADAPTIVE)
    }
}
