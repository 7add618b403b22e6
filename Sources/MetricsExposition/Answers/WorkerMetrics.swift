import ControlProtocol

extension MetricsText {
    /// What the workers of the data plane have done since they were started.
    public mutating func write(_ result: PipelineResult) {
        let workers = result.workers
        gauge(
            "stile_workers", "Workers that the data plane runs.", [MetricSample([:], workers.count)])
        let counters: [(name: String, help: String, value: (WorkerStatus) -> UInt64)] = [
            ("packets", "Packets that went through a worker's stages.", \.packets),
            ("bursts", "Bursts with at least one packet.", \.bursts),
            ("loops", "Loops of a worker.", \.loops),
            ("idle_loops", "Loops of a worker that found no packet.", \.idleLoops),
            ("spread_packets", "Packets received by a worker whose flows belong to others.", \.spreadPackets),
            (
                "spread_lost_packets", "Of those, packets dropped since the ring to the other worker was full.",
                \.spreadLostPackets
            ),
            (
                "punt_ring_full_packets", "Packets for stiled that were lost since the ring was full.",
                \.puntRingFullPackets
            ),
            ("injected_packets", "Packets of stiled that a worker has sent.", \.injectedPackets),
        ]
        for (name, help, value) in counters {
            counter(
                "stile_worker_\(name)", help, workers.map { MetricSample(["worker": "\($0.worker)"], value($0)) })
        }
        if result.clockHertz > 0 {
            let clock = Double(result.clockHertz)
            counter(
                "stile_worker_busy_seconds", "Time that a worker has spent in loops that found a packet.",
                workers.map { MetricSample(["worker": "\($0.worker)"], Double($0.busyCycles) / clock) })
            counter(
                "stile_worker_stage_seconds", "Time of the bursts that are clocked, one in 64, by stage.",
                workers.flatMap { worker in
                    worker.stages.map {
                        MetricSample(["worker": "\(worker.worker)", "stage": $0.stage], Double($0.cycles) / clock)
                    }
                })
        }
        counter(
            "stile_worker_stage_packets", "Packets of the bursts that are clocked, one in 64, by stage.",
            workers.flatMap { worker in
                worker.stages.map {
                    MetricSample(["worker": "\(worker.worker)", "stage": $0.stage], $0.packets)
                }
            })
        counter(
            "stile_worker_punted_packets", "Packets that a worker has handed to stiled, by class.",
            workers.flatMap { worker in
                worker.punted.map {
                    MetricSample(["worker": "\(worker.worker)", "punt_class": $0.puntClass], $0.packets)
                }
            })
    }
}
