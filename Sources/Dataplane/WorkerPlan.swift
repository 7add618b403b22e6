/// Which queues a worker serves: a pure function of the ports' queues and the number of workers.
public struct WorkerPlan: Equatable, Sendable {
    /// A receive queue that this worker polls.
    public struct Source: Equatable, Sendable {
        public var port: Int
        public var queue: Int
        /// Which of its frames go on to other workers.
        public var spread: FlowSpread

        public init(port: Int, queue: Int, spread: FlowSpread = .none) {
            self.port = port
            self.queue = queue
            self.spread = spread
        }
    }

    /// How this worker's frames leave by a port.
    public enum Departure: Equatable, Sendable {
        /// By a transmit queue that is this worker's alone.
        case queue(Int)
        /// Over a ring to the worker that owns the queue. No queue is ever shared under a lock.
        case handOver(toWorker: Int)
    }

    /// How many queues an open port has.
    public struct PortQueues: Equatable, Sendable {
        public var port: Int
        public var rxQueues: Int
        public var txQueues: Int
        /// Whether the device hashes flows over its receive queues.
        public var hashesFlows: Bool

        public init(port: Int, rxQueues: Int, txQueues: Int, hashesFlows: Bool = false) {
            self.port = port
            self.rxQueues = rxQueues
            self.txQueues = txQueues
            self.hashesFlows = hashesFlows
        }
    }

    public var sources: [Source] = []
    /// By port number.
    public var departures: [Int: Departure] = [:]

    /// The plans of all workers. Receive queues are dealt out in turn over all ports, so that ports with one queue
    /// each do not all land on the first worker. Transmit queue *n* belongs to worker *n*.
    public static func plans(for ports: [PortQueues], workerCount: Int) -> [WorkerPlan] {
        guard workerCount > 0 else { return [] }
        var plans = [WorkerPlan](repeating: WorkerPlan(), count: workerCount)
        var turn = 0
        for port in ports.sorted(by: { $0.port < $1.port }) {
            let spread = FlowSpread(
                rxQueues: port.rxQueues, hashesFlows: port.hashesFlows, workerCount: workerCount)
            for queue in 0..<max(port.rxQueues, 0) {
                plans[turn % workerCount].sources.append(Source(port: port.port, queue: queue, spread: spread))
                turn += 1
            }
            guard port.txQueues > 0 else { continue }
            for worker in 0..<workerCount {
                plans[worker].departures[port.port] =
                    worker < port.txQueues ? .queue(worker) : .handOver(toWorker: worker % port.txQueues)
            }
        }
        return plans
    }
}
