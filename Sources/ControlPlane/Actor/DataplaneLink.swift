import Addressing
import CTableLayout
import ForwardingTables

/// The other process, as long as there is one: its segment, read-only. It may come, go and come back at any time.
final class DataplaneLink {
    private let runtimeDirectory: String
    private(set) var reader: DataplaneReader?
    /// The state of each port when it was last looked at; stays while the data plane is away.
    private(set) var portStates: [UInt16: UInt32] = [:]
    private(set) var isAlive = false
    /// The ports as the plan had them last, and until when those that were opened anew may be on their way up.
    private var knownPorts: [UInt16: PortPlan] = [:]
    private var opening: [UInt16: Duration] = [:]
    private var isNewDataplane = true
    private var allOpening = Duration.zero
    private(set) var unusable: Set<UInt16> = []
    /// Why the segment cannot be read, if it is there and cannot.
    private(set) var problem: String?

    /// How long a port that the data plane opens may be down before that counts: one that starts again shows its ports as
    /// down until their links are up, and nothing is to be withdrawn for that. Afterwards a port that is down is so at
    /// once.
    private static let carrierDelay = Duration.seconds(3)

    init(runtimeDirectory: String) {
        self.runtimeDirectory = runtimeDirectory
        refresh()
    }

    /// Looks whether the data plane is there; maps its segment anew when another took its place.
    func refresh() {
        if let reader, reader.isAlive, reader.isCurrent {
            isAlive = true
            return
        }
        isAlive = false
        do throws(SegmentError) {
            let found = try DataplaneReader(directory: runtimeDirectory)
            problem = nil
            reader = found
            isNewDataplane = true
            isAlive = found.isAlive
        } catch {
            problem = "\(error)"
        }
    }

    /// How old a sign of life, given once a second, is when something is wrong.
    private static let longestSilence: Int64 = 5

    /// For how long a data plane that is there has shown no sign of life; `nil` if it works, or is not there.
    func silentSeconds(now: WallClock.Seconds) -> UInt64? {
        guard isAlive, let reader else { return nil }
        // One that has just started has shown none yet, and its predecessor's is old.
        let latest = max(reader.heartbeatSeconds, reader.header.pointee.started)
        let (age, overflows) = now.subtractingReportingOverflow(Int64(clamping: latest))
        return !overflows && age >= Self.longestSilence ? UInt64(age) : nil
    }

    /// Whether a port can carry packets, as far as is known.
    func isUsable(port: UInt16) -> Bool { !unusable.contains(port) }

    /// Reads the ports' states and returns those that have changed.
    func readPortStates(of plan: ForwardingPlan) -> [UInt16: stile_port_state] {
        guard let reader, isAlive else { return [:] }
        var states: [UInt16: UInt32] = [:]
        for index in plan.ports.keys { states[index] = reader.portStatus(Int(index))?.state }
        defer { portStates = states }
        return states.filter { portStates[$0.key] != $0.value }.mapValues { stile_port_state($0) }
    }

    /// Decides which ports cannot be used; `true` if that has changed. While the data plane is away everything stays.
    func judgePorts(of plan: ForwardingPlan, now: Duration) -> Bool {
        guard isAlive else { return false }
        if isNewDataplane {
            isNewDataplane = false
            allOpening = now + Self.carrierDelay
        }
        // A port that is defined anew is opened anew.
        for (port, definition) in plan.ports where knownPorts[port] != definition {
            opening[port] = now + Self.carrierDelay
        }
        opening = opening.filter { now < $0.value && plan.ports[$0.key] != nil }
        knownPorts = plan.ports
        let isOpening = now < allOpening
        var found: Set<UInt16> = []
        for (port, state) in portStates {
            switch stile_port_state(state) {
            case STILE_PORT_DOWN, STILE_PORT_FAILED:
                if unusable.contains(port) || !(isOpening || opening[port] != nil) { found.insert(port) }
            default: break
            }
        }
        defer { unusable = found }
        return found != unusable
    }

    /// Takes over the Ethernet addresses of ports that have none in the plan; `true` if there was one.
    func learnHardwareAddresses(into numbers: inout TableNumbers, plan: ForwardingPlan) -> Bool {
        guard let reader, isAlive else { return false }
        var found = false
        for (index, port) in plan.ports where port.hardwareAddress == nil {
            guard let status = reader.portStatus(Int(index)),
                status.state == STILE_PORT_UP.rawValue || status.state == STILE_PORT_DOWN.rawValue,
                let address = MACAddress(octets: octets(of: status.mac)), address.rawValue != 0, !address.isGroup,
                numbers.hardwareAddresses[port.name] != address
            else { continue }
            numbers.hardwareAddresses[port.name] = address
            found = true
        }
        return found
    }

    /// How far the data plane has compiled the access lists of a generation, as `access_lists_sequence` counts; 0 while it
    /// has not begun with them. `nil`: no data plane lives, or none that says.
    func accessListsCompiled(in generation: UInt64) -> UInt64? {
        guard let reader, isAlive, let compiled = reader.accessListsCompiled else { return nil }
        return compiled.generation == generation ? compiled.sequence : 0
    }
}
