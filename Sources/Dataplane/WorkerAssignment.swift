import CTableLayout
import ForwardingTables

/// All that a worker's loop depends on and that may change while it runs: the tables, the control segment and the
/// queues to serve.
///
/// An assignment never changes. The main thread makes a new one, publishes its address, and frees the old one when the
/// worker has said that it uses the new.
struct WorkerAssignment {
    var tables: TablesReader
    /// The compiled access lists of these tables.
    var classifier: stile_classifier
    /// The control process's epoch (stile_control.h).
    var writerEpoch: UnsafePointer<UInt64>
    /// For the rates of punted packets and of ICMP errors, read when the assignment is taken up.
    var control: UnsafePointer<stile_control_header>
    var punt: PuntRing
    var flows: FlowRing
    var accessLog: AccessLogRing
    /// Worker 0 alone.
    var inject: InjectRing?
    var sourceCount: Int
    let sources: UnsafeMutablePointer<ReceiveSource>
    /// STILE_MAX_PORTS of them, by port number.
    let departures: UnsafeMutablePointer<PortDeparture>

    /// The queues of a worker's plan, with the devices that the ports have now.
    ///
    /// - Parameter handovers: the workers' rings, by worker.
    init(
        plan: WorkerPlan, ports: [Int: OpenPort], handovers: [OpaquePointer], tables: TablesReader,
        classifier: stile_classifier, control: ControlReader, punt: PuntRing, flows: FlowRing,
        accessLog: AccessLogRing, inject: InjectRing?
    ) {
        self.tables = tables
        self.classifier = classifier
        writerEpoch = control.writerEpochWord
        self.control = control.header
        self.punt = punt
        self.flows = flows
        self.accessLog = accessLog
        self.inject = inject
        let known = plan.sources.compactMap { source in
            ports[source.port].map {
                ReceiveSource(
                    device: $0.device, queue: UInt16(clamping: source.queue), port: UInt16(clamping: source.port),
                    spread: source.spread)
            }
        }
        sourceCount = known.count
        sources = .allocate(capacity: max(known.count, 1))
        for (index, source) in known.enumerated() { (sources + index).initialize(to: source) }
        departures = .allocate(capacity: Int(STILE_MAX_PORTS))
        departures.initialize(repeating: .closed, count: Int(STILE_MAX_PORTS))
        for (number, departure) in plan.departures where number < Int(STILE_MAX_PORTS) {
            guard let port = ports[number] else { continue }
            switch departure {
            case .queue(let queue):
                departures[number] = PortDeparture(
                    way: .queue, device: port.device, queue: UInt16(clamping: queue), handover: nil,
                    takesPieces: port.takesPieces)
            case .handOver(let worker):
                departures[number] = PortDeparture(
                    way: .handOver, device: port.device, queue: 0, handover: handovers[worker],
                    takesPieces: port.takesPieces)
            }
        }
    }

    /// Puts the assignment where its address stays the same.
    func placed() -> UnsafeMutablePointer<WorkerAssignment> {
        let place = UnsafeMutablePointer<WorkerAssignment>.allocate(capacity: 1)
        place.initialize(to: self)
        return place
    }

    /// Frees an assignment that no worker uses.
    static func free(_ assignment: UnsafeMutablePointer<WorkerAssignment>) {
        assignment.pointee.sources.deallocate()
        assignment.pointee.departures.deallocate()
        assignment.deallocate()
    }
}
