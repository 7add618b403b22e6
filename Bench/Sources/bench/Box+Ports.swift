import CTableLayout
import ForwardingTables

extension Box {
    /// Gives the ports devices, so that a `stile-dataplane` can take the tables over.
    ///
    /// - Parameters:
    ///   - devices: DPDK's device arguments by port.
    ///   - workers: how many the data plane is to run, left to the kernel's scheduler.
    func setPorts(_ devices: [UInt16: String], workers: Int) throws {
        try writer.setWorkers(cores: [UInt16?](repeating: nil, count: workers), polling: STILE_POLLING_ADAPTIVE)
        for (number, device) in devices {
            var port = stile_port()
            withUnsafeMutableBytes(of: &port.name) { $0.copyBytes(from: "port\(number)".utf8) }
            withUnsafeMutableBytes(of: &port.device) { $0.copyBytes(from: device.utf8.prefix(255)) }
            port.flags = STILE_PORT_IN_USE.rawValue
            port.mtu = PortPlan.mtu
            port.rx_queues = 1
            try writer.ports.set(Int(number), to: port)
        }
    }
}
