import Dataplane
import Testing

@Suite struct WorkerPlanTests {
    typealias Queues = WorkerPlan.PortQueues

    @Test func portsWithOneQueueAreDealtOut() {
        let plans = WorkerPlan.plans(
            for: [
                Queues(port: 0, rxQueues: 1, txQueues: 2), Queues(port: 1, rxQueues: 1, txQueues: 2),
                Queues(port: 5, rxQueues: 1, txQueues: 2),
            ], workerCount: 2)
        #expect(plans.map { $0.sources.map(\.port) } == [[0, 5], [1]])
    }

    @Test func everyQueueHasExactlyOneWorker() {
        for workerCount in 1...7 {
            for queues in 1...9 {
                let plans = WorkerPlan.plans(
                    for: [
                        Queues(port: 3, rxQueues: queues, txQueues: queues), Queues(port: 4, rxQueues: 2, txQueues: 1),
                    ], workerCount: workerCount)
                let sources = plans.flatMap(\.sources)
                #expect(sources.count == queues + 2)
                #expect(Set(sources.map { $0.port * 100 + $0.queue }).count == queues + 2)
                let owned = plans.compactMap { plan -> Int? in
                    if case .queue(let queue)? = plan.departures[3] { queue } else { nil }
                }
                #expect(owned.sorted() == Array(0..<min(queues, workerCount)))
            }
        }
    }

    @Test func workersWithoutATransmitQueueHandOverToAnOwner() {
        let plans = WorkerPlan.plans(for: [Queues(port: 2, rxQueues: 1, txQueues: 2)], workerCount: 5)
        #expect(
            plans.map { $0.departures[2] } == [
                .queue(0), .queue(1), .handOver(toWorker: 0), .handOver(toWorker: 1), .handOver(toWorker: 0),
            ])
    }

    /// Whatever a device hashes, it does not see the flows under a label.
    @Test(arguments: [
        (1, 1, false, FlowSpread.none), (4, 1, true, .none), (1, 2, false, .all), (1, 2, true, .all),
        (2, 2, false, .all), (2, 2, true, .labelled), (3, 4, true, .all), (8, 4, true, .labelled),
    ])
    func flowsAreSpreadWhereQueuesDoNotFeedAllWorkers(queues: Int, workers: Int, hashes: Bool, expected: FlowSpread) {
        let plans = WorkerPlan.plans(
            for: [
                Queues(port: 2, rxQueues: queues, txQueues: 1, hashesFlows: hashes),
                Queues(port: 3, rxQueues: workers, txQueues: 1, hashesFlows: true),
            ], workerCount: workers)
        let sources = plans.flatMap(\.sources)
        #expect(sources.filter { $0.port == 2 }.map(\.spread) == [FlowSpread](repeating: expected, count: queues))
        #expect(sources.filter { $0.port == 3 }.allSatisfy { $0.spread == (workers == 1 ? .none : .labelled) })
    }

    @Test func noWorkersOrNoPortsMakeNoPlan() {
        #expect(WorkerPlan.plans(for: [Queues(port: 2, rxQueues: 1, txQueues: 2)], workerCount: 0).isEmpty)
        let idle = WorkerPlan.plans(for: [], workerCount: 2)
        #expect(idle.count == 2)
        #expect(idle.allSatisfy { $0.sources.isEmpty && $0.departures.isEmpty })
    }
}
