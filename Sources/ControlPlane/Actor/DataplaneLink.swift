import Addressing
import CTableLayout
import ForwardingTables

/// The other process, as long as there is one: its segment, read-only. It may come, go and come back at any time.
struct DataplaneLink {
    private let runtimeDirectory: String
    private(set) var reader: DataplaneReader?
    /// The state of each port when it was last looked at; stays while the data plane is away.
    private(set) var portStates: [UInt16: UInt32] = [:]
    private(set) var isAlive = false
    /// Why the segment cannot be read, if it is there and cannot.
    private(set) var problem: String?

    init(runtimeDirectory: String) {
        self.runtimeDirectory = runtimeDirectory
        refresh()
    }

    /// Looks whether the data plane is there; maps its segment anew when another took its place.
    mutating func refresh() {
        if let reader, reader.isAlive, reader.isCurrent {
            isAlive = true
            return
        }
        isAlive = false
        do throws(SegmentError) {
            let found = try DataplaneReader(directory: runtimeDirectory)
            problem = nil
            reader = found
            isAlive = found.isAlive
        } catch {
            problem = "\(error)"
        }
    }

    /// Whether a port can carry packets, as far as is known.
    func isUsable(port: UInt16) -> Bool {
        switch portStates[port].map({ stile_port_state($0) }) {
        case STILE_PORT_DOWN, STILE_PORT_FAILED: false
        default: true
        }
    }

    /// Reads the ports' states and returns those that have changed.
    mutating func readPortStates(of plan: ForwardingPlan) -> [UInt16: stile_port_state] {
        guard let reader, isAlive else { return [:] }
        var states: [UInt16: UInt32] = [:]
        for index in plan.ports.keys { states[index] = reader.portStatus(Int(index))?.state }
        defer { portStates = states }
        return states.filter { portStates[$0.key] != $0.value }.mapValues { stile_port_state($0) }
    }

    /// Takes over the Ethernet addresses of ports that have none so far; `true` if there was one.
    func learnHardwareAddresses(into numbers: inout TableNumbers, plan: ForwardingPlan) -> Bool {
        guard let reader, isAlive else { return false }
        var found = false
        for (index, port) in plan.ports where port.hardwareAddress == nil {
            guard let status = reader.portStatus(Int(index)),
                status.state == STILE_PORT_UP.rawValue || status.state == STILE_PORT_DOWN.rawValue,
                let address = MACAddress(octets: octets(of: status.mac)), address.rawValue != 0, !address.isGroup
            else { continue }
            numbers.hardwareAddresses[port.name] = address
            found = true
        }
        return found
    }
}
