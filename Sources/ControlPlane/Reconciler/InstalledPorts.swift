import CTableLayout
import ForwardingTables

/// The ports in the tables: as the plan has them.
struct InstalledPorts {
    let context: TablesContext

    /// Brings them from the old plan to the new one.
    func set(old: [UInt16: PortPlan]) {
        let (ports, writer) = (context.plan.ports, context.writer)
        for (index, port) in ports where old[index] != port {
            _ = context.attempt(.ports, "port \(port.name)") { () throws(TablesError) in
                try writer.vlans.setCounter(port.counter, ofPort: Int(index))
                try writer.ports.set(Int(index), to: port.record)
            }
        }
        for (index, port) in old where ports[index] == nil {
            _ = context.attempt(.ports, "port \(port.name)") { () throws(TablesError) in
                try writer.ports.set(Int(index), to: stile_port())
                try writer.vlans.setCounter(0, ofPort: Int(index))
            }
        }
    }
}
