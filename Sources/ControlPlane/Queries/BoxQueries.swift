import Addressing
import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables
import Glibc
import Pipeline
import Routing

extension ControlPlane {
    /// How many VRFs are read in one turn of the event loop.
    private static let vrfsAtOnce = 500

    /// `show.vrfs`.
    nonisolated func vrfs() async -> VRFsResult {
        let (index, plan) = await planWithIndex
        let inputs = RoutingInputsCompiler(index: index, plan: plan) { _ in true }
        let interfaces = Dictionary(grouping: index.interfaces, by: \.vrf)
        var statuses: [VRFStatus] = []
        for portion in index.vrfs.filter({ plan.vrfs[$0.name] != nil }).portions(of: Self.vrfsAtOnce) {
            let states = await states(of: portion)
            for (vrf, state) in zip(portion, states) {
                statuses.append(
                    VRFStatus(
                        name: vrf.name, number: plan.vrfs[vrf.name].map { Int($0.number) } ?? 0,
                        routeDistinguisher: vrf.routeDistinguisher,
                        importRouteTargets: vrf.importTargets.sorted(),
                        exportRouteTargets: vrf.exportTargets.sorted(), labels: state.labels,
                        isTransit: vrf.allowsTransit, eligibleNeighbors: inputs.eligibleNeighbors(of: vrf).sorted(),
                        interfaces: (interfaces[vrf.name] ?? []).map(\.name.description),
                        ipv4Routes: state.ipv4Routes, ipv6Routes: state.ipv6Routes,
                        waitingRoutes: state.waitingRoutes, maximumRoutes: vrf.maximumRoutes?.prefixes,
                        countedRoutes: state.limit?.counted, maximumRoutesState: state.limit?.state,
                        routeMemoryBytes: state.routeMemory.used, reservedRouteMemoryBytes: state.routeMemory.part))
            }
        }
        return VRFsResult(vrfs: statuses)
    }

    private struct VRFNow {
        let labels: [MPLSLabel]
        let ipv4Routes: Int
        let ipv6Routes: Int
        let waitingRoutes: Int
        let limit: (counted: Int, state: RouteLimitState)?
        let routeMemory: (used: Int, part: Int)
    }

    private var planWithIndex: (ConfigurationIndex, ForwardingPlan) { (index, plan) }

    private func states(of vrfs: ArraySlice<VRF>) -> [VRFNow] {
        vrfs.map { vrf in
            let number = plan.vrfs[vrf.name]?.number
            return VRFNow(
                labels: routing.labels(ofVRF: vrf.name).values.sorted(),
                ipv4Routes: number.map { tables.writer.routeCount(vrf: $0, family: .ipv4) } ?? 0,
                ipv6Routes: number.map { tables.writer.routeCount(vrf: $0, family: .ipv6) } ?? 0,
                waitingRoutes: tables.waiting.routes[vrf.name]?.count ?? 0, limit: standing(of: vrf),
                routeMemory: number.map { tables.writer.routeMemory[$0] }.map { ($0.used, $0.part) } ?? (0, 0))
        }
    }

    /// How many of a VRF's routes count against its `maximum routes`, and how it stands to it; `nil` without a limit.
    func standing(of vrf: VRF) -> (counted: Int, state: RouteLimitState)? {
        guard let limit = vrf.maximumRoutes, let routes = routing.countedRoutes(inVRF: vrf.name) else { return nil }
        if routes.hasRefused { return (routes.count, .refusing) }
        if routes.count > Int(limit.prefixes) { return (routes.count, .exceeded) }
        return (routes.count, routes.count >= Int(limit.warningPrefixes) ? .near : .within)
    }

    /// `show.labels`: those that the tables have, not those that routing asked for.
    func labels() -> LabelsResult {
        let valid = tables.labels.all.keys.sorted { ($0.nni, $0.label) < ($1.nni, $1.label) }.map { binding in
            let counter = tables.labels[binding]?.entry.counter ?? 0
            let hits = counters(of: counter)
            return ValidLabel(
                nni: binding.nni, label: binding.label, vrf: binding.vrf, unit: plan.names[counter] ?? "",
                neighbor: binding.neighbor,
                sourceMacAddresses: tables.sources(of: binding.label, on: binding.nni),
                since: routing.labelIsValid(since: binding.owner).map { Timestamp($0) },
                hitPackets: hits.rxPackets, hitBytes: hits.rxBytes)
        }
        let quarantined = routing.labelStatus().compactMap { status -> QuarantinedLabel? in
            guard case .quarantined(let until) = status.state else { return nil }
            return QuarantinedLabel(
                label: status.label, vrf: status.owner?.vrf.name, neighbor: status.owner?.neighbor.address,
                until: Timestamp(until))
        }
        return LabelsResult(labels: valid, quarantined: quarantined)
    }

    /// `show.neighbors`.
    func linkNeighbors() -> NeighborsResult {
        let now = WallClock.secondsSince1970
        let rows = neighbors.table.neighbors.sorted { $0.key < $1.key }.map { key, entry in
            let interface = plan.interface(numbered: key.interface)
            let state: LinkNeighbor.State =
                switch entry.state {
                case .incomplete: .incomplete
                case .reachable: .reachable
                case .stale: .stale
                case .probe: .probe
                case .failed: .failed
                }
            let age = (clock.now - entry.confirmed).components.seconds
            return LinkNeighbor(
                interface: interface?.name ?? "", vrf: interface?.vrf, address: key.address,
                macAddress: entry.hardwareAddress, state: state,
                confirmedAt: entry.hardwareAddress == nil ? nil : Timestamp(secondsSince1970: now - age),
                waitingPackets: entry.waitingPackets)
        }
        return NeighborsResult(neighbors: rows)
    }

    /// `show.status`.
    func status() -> StatusResult {
        let now = WallClock.secondsSince1970
        let uptime = clock.now.components.seconds
        let header = dataplane.reader?.header.pointee
        let started = header.map { Int64(clamping: $0.started) }
        return StatusResult(
            hostname: configuration.hostname ?? Self.hostname, takenAt: takenAt,
            controlProcess: ProcessStatus(
                isAlive: true, processIdentifier: UInt64(clamping: getpid()),
                instance: control.header.pointee.writer_instance,
                startedAt: Timestamp(secondsSince1970: now - uptime), uptimeSeconds: UInt64(clamping: uptime),
                version: Self.version, layoutVersion: UInt32(STILE_LAYOUT_VERSION)),
            dataPlane: ProcessStatus(
                isAlive: dataplane.isAlive, processIdentifier: dataplane.isAlive ? header?.pid : nil,
                instance: header?.instance, startedAt: started.map { Timestamp(secondsSince1970: $0) },
                uptimeSeconds: dataplane.isAlive ? started.map { UInt64(clamping: now - $0) } : nil,
                layoutVersion: header?.layout_version, silentSeconds: dataplane.silentSeconds(now: now)),
            currentGeneration: control.currentGeneration, generationInUse: dataplane.reader?.generationInUse ?? 0,
            workers: dataplane.reader?.workerCount ?? 0, isRestarting: !routing.isConverged,
            configurationFile: options.configurationFile,
            configurationAppliedAt: Timestamp(secondsSince1970: appliedAt), alarms: alarms.alarms)
    }

    /// The product's version.
    public static let version = "0.1.0"

    private static var hostname: String {
        var name = [UInt8](repeating: 0, count: 256)
        let result = name.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { gethostname($0.assumingMemoryBound(to: CChar.self), 255) } ?? -1
        }
        return result == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "stile"
    }

    /// `show.pipeline`.
    func pipeline() throws(ControlError) -> PipelineResult {
        guard let reader = dataplane.reader else {
            throw ControlError(.dataPlaneNotRunning, "the data plane has never run here")
        }
        let cores = octets(of: tables.writer.reader.header.pointee.worker_cores)
        let workers = (0..<reader.workerCount).compactMap { index -> WorkerStatus? in
            guard let worker = reader.worker(index) else { return nil }
            let core = index * 2 + 1 < cores.count ? UInt16(cores[index * 2]) | UInt16(cores[index * 2 + 1]) << 8 : .max
            return Self.status(of: worker, index: index, core: core == .max ? nil : Int(core))
        }
        return PipelineResult(takenAt: takenAt, clockHertz: reader.header.pointee.tsc_hz, workers: workers)
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
