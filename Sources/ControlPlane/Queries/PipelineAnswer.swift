import CTableLayout
import ControlProtocol
import ForwardingTables
import Pipeline

extension ShowPipeline: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> PipelineResult {
        guard let reader = plane.dataplane.reader else {
            throw ControlError(.dataPlaneNotRunning, "the data plane has never run here")
        }
        let cores = octets(of: plane.tables.writer.reader.header.pointee.worker_cores)
        let workers = (0..<reader.workerCount).compactMap { index -> WorkerStatus? in
            guard let worker = reader.worker(index) else { return nil }
            let core = index * 2 + 1 < cores.count ? UInt16(cores[index * 2]) | UInt16(cores[index * 2 + 1]) << 8 : .max
            return Self.status(of: worker, index: index, core: core == .max ? nil : Int(core))
        }
        return PipelineResult(takenAt: .now, clockHertz: reader.header.pointee.tsc_hz, workers: workers)
    }

    private static func status(of worker: stile_worker, index: Int, core: Int?) -> WorkerStatus {
        func words<Array>(_ array: Array) -> [UInt64] {
            withUnsafeBytes(of: array) { bytes in
                stride(from: 0, to: bytes.count, by: 8).map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) }
            }
        }
        let cycles = words(worker.stage_cycles)
        let packets = words(worker.stage_packets)
        let punted = words(worker.punted)
        return WorkerStatus(
            worker: index, core: core, loops: worker.loops, idleLoops: worker.idle_loops, bursts: worker.bursts,
            packets: worker.packets, busyCycles: worker.busy_cycles, spreadPackets: worker.spread_packets,
            spreadLostPackets: worker.spread_lost,
            stages: Stage.allCases.map {
                StageStatus(
                    stage: $0.identifier, packets: packets[Int($0.rawValue)], cycles: cycles[Int($0.rawValue)])
            },
            punted: PuntClass.allCases.map {
                PuntCount(puntClass: $0.identifier, packets: punted[Int($0.rawValue)])
            }, puntRingFullPackets: worker.punt_ring_full, injectedPackets: worker.injected)
    }
}
