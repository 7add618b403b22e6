import Addressing
import CTableLayout
import ForwardingTables
import Foundation
import Pipeline

/// A worker over tables made from `LabPlan`, with frames in plain memory.
final class Lab {
    /// What became of one frame.
    struct Outcome {
        var verdict: Verdict
        /// The frame that leaves, if one does.
        var frame: [UInt8]?
        var punt: Punt?
    }

    struct Punt: Equatable {
        var puntClass: PuntClass
        var octets: [UInt8]
        var port: UInt16
        var counter: UInt16
        var vrf: UInt16
        var isOwn: Bool
    }

    static let counterCount = 64
    static let hashSeed: UInt32 = 0xC000_0201

    let writer: TablesWriter
    let worker: UnsafeMutablePointer<WorkerState>
    let counters: UnsafeMutablePointer<stile_interface_counters>
    private let drops: UnsafeMutablePointer<stile_interface_drops>
    let statistics: UnsafeMutablePointer<stile_worker>
    let pool = FragmentPool()
    private(set) var nextHops: [String: UInt32] = [:]
    private(set) var links: [String: UInt32] = [:]
    /// Replication lists by label.
    private(set) var lists: [UInt32: UInt32] = [:]
    /// Records by counter number.
    private(set) var interfaces: [UInt16: UInt32] = [:]
    /// The label table that the interfaces of the core share.
    private var coreTable: UInt32?
    /// The first entries of the tables of label spaces, by the counter of their NNI and the label that names them.
    private(set) var contextTables: [UInt16: [UInt32: UInt32]] = [:]
    /// Where services count.
    let memory = ServiceMemory.make()
    private let frames: GuardedFrames
    private let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "stile-pipeline-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var capacities = TableCapacities()
        capacities.fibArenaBytes = 64 << 20
        writer = try TablesWriter(directory: directory, generation: 1, capacities: capacities)
        counters = .allocate(capacity: Self.counterCount)
        counters.initialize(repeating: stile_interface_counters(), count: Self.counterCount)
        drops = .allocate(capacity: Self.counterCount)
        drops.initialize(repeating: stile_interface_drops(), count: Self.counterCount)
        statistics = .allocate(capacity: 1)
        statistics.initialize(to: stile_worker())
        frames = try GuardedFrames(count: Burst.capacity)
        worker = WorkerState.make(
            tables: writer.reader, counters: counters, drops: drops, counterCount: Self.counterCount,
            statistics: statistics, frames: pool.source, serviceMemory: memory)
        setRates(punt: .max, icmp: .max, cyclesPerSecond: 1 << 40)
        try fillTables()
    }

    deinit {
        WorkerState.destroy(worker)
        memory.deallocate()
        counters.deallocate()
        drops.deallocate()
        statistics.deallocate()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func setRates(punt: UInt32, sum: UInt32 = .max, icmp: UInt32, cyclesPerSecond: UInt64) {
        let rates = [UInt32](repeating: punt, count: PuntLimiter.sharesPerInterface)
        worker.pointee.setRates(
            puntPacketsPerSecond: rates, puntSumPerSecond: sum, icmpPerSecond: icmp, cyclesPerSecond: cyclesPerSecond)
    }

    /// Runs frames, at most a burst, through the pipeline at the time `cycles`.
    func run(_ frames: [(port: UInt16, octets: [UInt8])], cycles: UInt64 = 1) -> [Outcome] {
        let burst = worker.pointee.burst
        for (index, frame) in frames.enumerated() {
            burst.frame[index] = self.frames.place(frame.octets, at: index)
            burst.frameLength[index] = UInt16(frame.octets.count)
            burst.port[index] = frame.port
        }
        pool.reset()
        Pipeline.process(worker, count: frames.count, cycles: cycles)
        return outcomes(frames.count)
    }

    /// Injects IP packets into a VRF.
    func inject(
        _ packets: [(vrf: UInt16, octets: [UInt8])], flags: PacketFlags = .none, becauseOf: UInt16 = 0,
        answeredNNI: UInt16 = 0, cycles: UInt64 = 1
    ) -> [Outcome] {
        let burst = worker.pointee.burst
        for (index, packet) in packets.enumerated() {
            burst.packet[index] = frames.place(packet.octets, at: index)
            burst.packetLength[index] = UInt16(packet.octets.count)
            burst.vrf[index] = packet.vrf
            burst.counter[index] = becauseOf
            burst.flags[index] = flags
            burst.answeredNNI[index] = answeredNNI
        }
        pool.reset()
        Pipeline.inject(worker, count: packets.count, cycles: cycles)
        return outcomes(packets.count)
    }

    func drops(_ reason: DropReason, counter: UInt16) -> UInt64 {
        let base = UnsafeRawPointer(drops + Int(counter))
        return base.load(fromByteOffset: Int(reason.rawValue) * 8, as: UInt64.self)
    }

    /// What came in on the interface and was not forwarded.
    func kept(counter: UInt16) -> (packets: Int, bytes: Int) {
        let record = drops[Int(counter)]
        return (Int(record.rx_kept_packets), Int(record.rx_kept_bytes))
    }

    /// What the box itself sent by the interface.
    func own(counter: UInt16) -> (packets: Int, bytes: Int) {
        let record = drops[Int(counter)]
        return (Int(record.tx_own_packets), Int(record.tx_own_bytes))
    }

    /// Reads the verdicts and lets the ports take everything, as the owner of the ports does.
    private func outcomes(_ count: Int) -> [Outcome] {
        let burst = worker.pointee.burst
        let outcomes = (0..<count).map { index -> Outcome in
            var outcome = Outcome(verdict: burst.verdict[index])
            if case .transmit = outcome.verdict {
                let bytes = UnsafeRawBufferPointer(start: burst.frame[index], count: Int(burst.frameLength[index]))
                outcome.frame = Array(bytes)
            }
            outcome.punt = burst.puntRecord(index).map {
                Punt(
                    puntClass: $0.puntClass,
                    octets: Array(UnsafeRawBufferPointer(start: $0.data, count: Int($0.length))), port: $0.port,
                    counter: $0.counter, vrf: $0.vrf, isOwn: $0.isOwn)
            }
            return outcome
        }
        for copy in pool.copies {
            worker.pointee.countTransmitted(counter: copy.counter, bytes: copy.bytes)
            if copy.carrier != copy.counter {
                worker.pointee.countTransmitted(counter: copy.carrier, bytes: copy.bytes)
            }
        }
        var ports = worker.pointee.egressPorts
        while ports != 0 {
            let port = UInt16(ports.trailingZeroBitCount)
            ports &= ports &- 1
            let gathered = Transmit.gather(worker, port: port)
            Transmit.settle(worker, count: gathered, sent: gathered, otherwise: .transmitQueueFull)
        }
        return outcomes
    }
}

extension Lab {
    private func fillTables() throws {
        for (vrf, flags) in LabPlan.vrfFlags { try writer.vrfs.setFlags(flags, ofVRF: vrf) }
        for port in LabPlan.ports { try writer.vlans.setCounter(LabPlan.counter(ofPort: port), ofPort: Int(port)) }
        for circuit in LabPlan.circuits {
            var record = interface(
                kind: STILE_INTERFACE_ATTACHMENT_CIRCUIT, port: circuit.port, counter: circuit.counter)
            record.vrf = circuit.vrf
            record.flags = UInt8(truncatingIfNeeded: LabPlan.vrfFlags[circuit.vrf] ?? 0)
            if let carrier = LabPlan.carriers.first(where: { $0.counter == circuit.counter }) {
                record.flags |= UInt8(STILE_FLAG_TAKES_LABELS.rawValue)
                record.label_base = carrier.labelBase
                record.label_count = carrier.labelCount
                record.label_first = try writer.labels.addTable(count: Int(carrier.labelCount))
            }
            if circuit.isOperators { record.features = UInt8(STILE_INGRESS_FROM_OPERATOR.rawValue) }
            let index = try add(record)
            let position = VLANPosition(port: circuit.port, outer: circuit.outer, inner: circuit.inner)
            try writer.vlans.setInterface(index, at: position)
        }
        for (place, nni) in LabPlan.nnis.enumerated() {
            var record = interface(
                kind: nni.isOfCore ? STILE_INTERFACE_CORE : STILE_INTERFACE_NNI, port: nni.port, counter: nni.counter)
            if nni.nulls.contains(0) { record.flags |= UInt8(STILE_FLAG_NULL_IPV4.rawValue) }
            if nni.nulls.contains(2) { record.flags |= UInt8(STILE_FLAG_NULL_IPV6.rawValue) }
            record.label_base = nni.labelBase
            record.label_count = nni.labelCount
            record.label_first =
                try nni.isOfCore ? coreTable ?? addCoreTable(nni) : writer.labels.addTable(count: Int(nni.labelCount))
            if place == 0 {
                record.local_first = UInt16(try writer.localServices.add(Self.localServices))
                record.local_count = UInt16(Self.localServices.count)
            } else if nni.isOfCore {
                let services = Self.tunnelServices + Self.sessionServices
                record.local_first = UInt16(try writer.localServices.add(services))
                record.local_count = UInt16(services.count)
            }
            for unit in nni.units {
                try addUnit(unit, of: nni, labelFirst: record.label_first)
            }
            for context in nni.contexts { try addContext(context, of: nni, labelFirst: record.label_first) }
            try writer.vlans.setInterface(add(record), at: VLANPosition(port: nni.port, outer: nni.outer))
        }
        try addHops()
        try addGroups()
        for nni in LabPlan.nnis + LabPlan.carriers {
            for swap in nni.swaps { try add(swap, on: nni) }
            for pop in nni.pops { try add(pop, on: nni) }
            for context in nni.contexts {
                let first = contextTables[nni.counter]?[context.label]
                for pop in context.pops { try add(pop, on: context.place(on: nni), labelFirst: first) }
            }
            for replication in nni.replications { try add(replication, on: nni) }
        }
        writer.setHashSeed(Self.hashSeed)
        for (vrf, routes) in [LabPlan.routes, LabPlan.groupRoutes].flatMap({ $0 }) {
            for route in routes {
                guard let prefix = IPPrefix(route.prefix),
                    let nextHop = nextHops[Self.nextHopName(route.hop, prefix.family)]
                else {
                    throw LabError.planIsWrong(route.prefix)
                }
                try writer.routes.set(prefix, vrf: vrf, nextHop: nextHop)
            }
        }
    }

    private func addHops() throws {
        for (name, hop) in LabPlan.hops {
            let egress = try writer.interfaces.add(egress(of: hop))
            // A circuit's rewrite holds the EtherType, so each family has links of its own.
            for family in AddressFamily.allCases {
                let key = Self.nextHopName(name, family)
                links[key] = try addLink(to: hop, family)
                nextHops[key] = try writer.nextHops.add(nextHop(of: hop, egress: egress, link: links[key] ?? 0))
            }
        }
    }

    private func addGroups() throws {
        for (name, group) in LabPlan.groups {
            for family in AddressFamily.allCases {
                let members = group.members.compactMap { nextHops[Self.nextHopName($0, family)] }
                let number = try writer.groups.add(members: members, buckets: group.buckets)
                nextHops[Self.nextHopName(name, family)] = try writer.nextHops.add(.group(number, vrf: group.vrf))
            }
        }
    }

    /// The label's entry on an NNI; the core's interfaces have one table.
    private func add(_ swap: LabPlan.Swap, on nni: LabPlan.NNI) throws {
        guard let record = interfaces[nni.counter] else { throw LabError.planIsWrong("\(swap.label)") }
        var sources: UInt32 = 0
        if let addresses = swap.sources {
            sources = try writer.sourceSets.add()
            try writer.sourceSets.set(sources, to: addresses)
        }
        var options: SwapOptions = swap.hasEntropy ? .entropy : []
        if swap.isForSessions { options.insert(.sessions) }
        if swap.isIPv6Only { options.insert(.ipv6) }
        if swap.isUpTo { options.insert(.upTo) }
        if swap.isFrame { options.insert(.frame) }
        let entry = SwapEntry(
            nextHop: swap.hop.flatMap { nextHops[Self.nextHopName($0, .ipv4)] } ?? 0, depth: UInt8(swap.depth),
            options: options, mayTransit: swap.mayTransit, isBySource: swap.sources != nil)
        let first = writer.reader.interfaces[Int(record)].label_first
        try writer.labels.setEntry(first + swap.label - nni.labelBase, to: entry.entry, sources: sources)
    }

    /// - Parameter labelFirst: of a label space.
    private func add(_ pop: LabPlan.Pop, on nni: LabPlan.NNI, labelFirst: UInt32? = nil) throws {
        guard let record = interfaces[nni.counter], let unit = nni.units.first(where: { $0.counter == pop.unit }),
            let unitRecord = interfaces[unit.counter]
        else { throw LabError.planIsWrong("\(pop.label)") }
        var sources: UInt32 = 0
        if let addresses = pop.sources {
            sources = try writer.sourceSets.add()
            try writer.sourceSets.set(sources, to: addresses)
        }
        let isTransit = unit.vrf == 2 && !nni.isOfCore
        let flags =
            (pop.isIPv6 ? STILE_FLAG_IPV6.rawValue : STILE_FLAG_IPV4.rawValue)
            | (isTransit ? STILE_FLAG_TRANSIT.rawValue : 0)
            | (unit.isUniform ? STILE_FLAG_PROPAGATE_TTL.rawValue : 0)
            | (pop.sources == nil ? 0 : STILE_FLAG_BY_SOURCE.rawValue)
        let nextHop = pop.hop.flatMap { nextHops[Self.nextHopName($0, pop.isIPv6 ? .ipv6 : .ipv4)] }
        let entry = PopEntry(interface: UInt16(unitRecord), nextHop: nextHop ?? 0, flags: UInt8(flags))
        let first = labelFirst ?? writer.reader.interfaces[Int(record)].label_first
        try writer.labels.setEntry(first + pop.label - nni.labelBase, to: entry.entry, sources: sources)
    }

    /// The table of a label space, and the label that names it.
    private func addContext(_ context: LabPlan.Context, of nni: LabPlan.NNI, labelFirst: UInt32) throws {
        var table: UInt32 = 0
        if context.labelCount > 0 {
            let first = try writer.labels.addTable(count: Int(context.labelCount))
            contextTables[nni.counter, default: [:]][context.label] = first
            let place = context.place(on: nni)
            for unit in context.units { try addUnit(unit, of: place, labelFirst: first) }
            table = try writer.labels.addContext(base: context.labelBase, count: context.labelCount, first: first)
        }
        try writer.labels.setEntry(labelFirst + context.label - nni.labelBase, to: ContextEntry(table: table).entry)
    }

    private func add(_ replication: LabPlan.Replication, on nni: LabPlan.NNI) throws {
        guard let record = interfaces[nni.counter] else { throw LabError.planIsWrong("\(replication.label)") }
        var sources: UInt32 = 0
        if let addresses = replication.sources {
            sources = try writer.sourceSets.add()
            try writer.sourceSets.set(sources, to: addresses)
        }
        let members = replication.members.compactMap { member in
            nextHops[Self.nextHopName(member.hop, .ipv4)].map { (nextHop: $0, mayBeOnSameSide: member.mayBeOnSameSide) }
        }
        let list = members.isEmpty ? 0 : try writer.replications.add(members)
        lists[replication.label] = list
        let entry = ReplicateEntry(
            list: list, depth: UInt8(replication.depth), isBySource: replication.sources != nil)
        let first = writer.reader.interfaces[Int(record)].label_first
        try writer.labels.setEntry(first + replication.label - nni.labelBase, to: entry.entry, sources: sources)
    }

    private func addCoreTable(_ core: LabPlan.NNI) throws -> UInt32 {
        let first = try writer.labels.addTable(count: Int(core.labelCount))
        coreTable = first
        return first
    }

    static func nextHopName(_ hop: String, _ family: AddressFamily) -> String { "\(hop)/\(family.rawValue)" }

    enum LabError: Error { case planIsWrong(String) }

    private func addUnit(_ unit: LabPlan.Unit, of nni: LabPlan.NNI, labelFirst: UInt32) throws {
        let flags = LabPlan.vrfFlags[unit.vrf] ?? 0
        var entry = stile_label_entry()
        entry.interface = UInt16(try interfaces[unit.counter] ?? addUnitRecord(unit, of: nni))
        entry.counter = unit.counter
        entry.vrf = unit.vrf
        let validity = unit.sources == nil ? STILE_FLAG_VALID : STILE_FLAG_BY_SOURCE
        entry.flags = UInt8(
            truncatingIfNeeded: (nni.isOfCore ? flags & ~STILE_FLAG_TRANSIT.rawValue : flags) | validity.rawValue
                | (unit.isUniform ? STILE_FLAG_PROPAGATE_TTL.rawValue : 0))
        var sources: UInt32 = 0
        if let addresses = unit.sources {
            sources = try writer.sourceSets.add()
            try writer.sourceSets.set(sources, to: addresses)
        }
        try writer.labels.setEntry(labelFirst + unit.label - nni.labelBase, to: entry, sources: sources)
    }

    private func addUnitRecord(_ unit: LabPlan.Unit, of nni: LabPlan.NNI) throws -> UInt32 {
        var record = interface(
            kind: nni.isOfCore ? STILE_INTERFACE_CORE_UNIT : STILE_INTERFACE_UNIT, port: nni.port, counter: unit.counter
        )
        record.vrf = unit.vrf
        record.nni_counter = nni.isOfCore ? unit.counter : nni.counter
        return try add(record)
    }

    private func add(_ record: stile_interface) throws -> UInt32 {
        let index = try writer.interfaces.add(record)
        interfaces[record.counter] = index
        return index
    }

    private func interface(kind: stile_interface_kind, port: UInt16, counter: UInt16) -> stile_interface {
        var record = stile_interface()
        record.kind = UInt8(kind.rawValue)
        record.port = port
        record.counter = counter
        record.nni_counter = counter
        record.mtu = 1500
        withUnsafeMutableBytes(of: &record.mac) { $0.copyBytes(from: LabPlan.ownMAC(port: port)) }
        record.icmp_source_ipv4 = LabPlan.ownIPv4(counter: counter)
        withUnsafeMutableBytes(of: &record.icmp_source_ipv6) { $0.copyBytes(from: LabPlan.ownIPv6(counter: counter)) }
        return record
    }

    /// The record of the interface that packets leave by to a hop. Each hop has one of its own, so that MTU and TTL model
    /// can differ from hop to hop.
    func egress(of hop: LabPlan.Hop) -> stile_interface {
        let nni = (LabPlan.nnis + LabPlan.carriers).first { nni in
            nni.counter == hop.counter || nni.units.contains { $0.counter == hop.counter }
        }
        let port = LabPlan.circuits.first { $0.counter == hop.counter }?.port ?? nni?.port ?? 0
        let unit = hop.transport == nil ? STILE_INTERFACE_UNIT : STILE_INTERFACE_CORE_UNIT
        var record = interface(
            kind: nni == nil && hop.transport == nil ? STILE_INTERFACE_ATTACHMENT_CIRCUIT : unit, port: port,
            counter: hop.counter)
        record.vrf = hop.vrf
        record.mtu = hop.transport == nil ? hop.outer?.isUnitsMTU == false ? hop.mtu + 4 : hop.mtu : .max
        record.nni_counter = hop.transport == nil ? nni?.counter ?? hop.counter : hop.counter
        record.flags = hop.isUniform ? UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue) : 0
        if hop.isOnCarrier { record.flags |= UInt8(STILE_FLAG_TAKES_LABELS.rawValue) }
        if LabPlan.isOperatorsCircuit(hop.counter) {
            record.egress_features = UInt8(STILE_EGRESS_TO_OPERATOR.rawValue)
        }
        return record
    }

    func nextHop(of hop: LabPlan.Hop, egress: UInt32, link: UInt32) -> NextHop {
        switch hop.kind {
        case .circuit, .failed: .circuit(UInt16(egress), link: link)
        case .labelled, .incompleteOnNNI:
            .labelled(UInt16(egress), link: link, label: hop.label, isMarked: hop.isMarked)
        case .swap, .incompleteSwap:
            .swap(UInt16(egress), link: link, label: hop.label == 3 ? nil : hop.label)
        case .subnet: .subnet(UInt16(egress))
        case .receive: .receive(vrf: hop.vrf)
        case .discard: .discard(vrf: hop.vrf)
        }
    }

    private func addLink(to hop: LabPlan.Hop, _ family: AddressFamily) throws -> UInt32 {
        switch hop.kind {
        case .subnet, .receive, .discard: return 0
        case .incompleteOnNNI, .incompleteSwap: return try writer.links.add(STILE_ADJACENCY_INCOMPLETE)
        case .failed: return try writer.links.add(STILE_ADJACENCY_FAILED)
        case .circuit, .labelled, .swap:
            let link = try writer.links.add(STILE_ADJACENCY_INCOMPLETE)
            try writer.links.set(
                link, to: adjacency(of: hop, family), transport(of: hop),
                hop.tunnel.map(encapsulation))
            return link
        }
    }

    /// What the link says beside its adjacency; `nil`: nothing.
    private func transport(of hop: LabPlan.Hop) -> stile_transport? {
        guard hop.transport != nil || hop.outer != nil else { return nil }
        let nni = hop.outer == nil ? nil : LabPlan.carrier(of: hop)?.counter
        var transport = stile_transport()
        transport.mtu = hop.outer?.isUnitsMTU == true ? hop.mtu + 200 : hop.mtu
        transport.counter = hop.transport?.core ?? nni ?? 0
        transport.label_count = UInt8(hop.labelsAbove.count)
        let entries = hop.labelsAbove.map { $0 << 12 } + [0, 0]
        transport.entries = (entries[0], entries[1])
        return transport
    }

    private func encapsulation(_ tunnel: LabPlan.Tunnel) -> stile_encapsulation {
        let addresses = LabPlan.tunnelAddress(of: tunnel.remote) + tunnel.remote
        var header: [UInt8] = [0x60, 0, 0, 0, 0, 0, 17, 64] + addresses
        if tunnel.remote.count == 4 {
            header = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0] + addresses
            PacketBuilder.fixChecksum(&header)
        }
        header += [0, 0, 0x19, 0xEB, 0, 0, 0, 0]
        var record = stile_encapsulation()
        record.header_bytes = UInt8(header.count)
        record.has_checksum = tunnel.hasChecksum ? 1 : 0
        withUnsafeMutableBytes(of: &record.header) {
            UnsafeMutableRawBufferPointer(rebasing: $0[(48 - header.count)...]).copyBytes(from: header)
        }
        return record
    }

    func adjacency(of hop: LabPlan.Hop, _ family: AddressFamily) -> stile_adjacency {
        var port: UInt16 = 0
        var rewrite = LabPlan.neighborMAC(counter: hop.counter)
        if hop.kind != .swap, let circuit = LabPlan.circuits.first(where: { $0.counter == hop.counter }) {
            port = circuit.port
            rewrite += LabPlan.ownMAC(port: circuit.port)
            if let outer = circuit.outer, let inner = circuit.inner {
                rewrite += [0x88, 0xA8, UInt8(outer >> 8), UInt8(outer & 255)]
                rewrite += [0x81, 0x00, UInt8(inner >> 8), UInt8(inner & 255)]
            } else if let outer = circuit.outer {
                rewrite += [0x81, 0x00, UInt8(outer >> 8), UInt8(outer & 255)]
            }
            rewrite += family == .ipv4 ? [0x08, 0x00] : [0x86, 0xDD]
        } else if let nni = LabPlan.carrier(of: hop) {
            port = nni.port
            rewrite += LabPlan.ownMAC(port: nni.port)
            if let outer = nni.outer { rewrite += [0x81, 0x00, UInt8(outer >> 8), UInt8(outer & 255)] }
            let type: [UInt8] = hop.tunnel.map { $0.remote.count == 4 ? [8, 0] : [0x86, 0xDD] } ?? [0x88, 0x47]
            rewrite += type + [0, 0, 0, 0]
        }
        return stile_adjacency(port: port, header: rewrite)
    }

    private static let tunnelServices = LabPlan.tunnelSources.map { source in
        var service = stile_local_service()
        service.family = source.prefix.count == 4 ? 4 : 6
        service.protocol = 17
        service.punt_class = .max
        service.local_port = 6_635
        service.remote_bits = UInt8(source.bits)
        let use = source.needsChecksum ? STILE_SERVICE_TUNNEL : STILE_SERVICE_TUNNEL_WITHOUT_CHECKSUM
        service.use = UInt8(use.rawValue)
        withUnsafeMutableBytes(of: &service.local) { $0.copyBytes(from: LabPlan.tunnelAddress(of: source.prefix)) }
        withUnsafeMutableBytes(of: &service.remote) { $0.copyBytes(from: source.prefix) }
        return service
    }

    private static let localServices: [stile_local_service] = {
        func service(_ family: UInt8, _ number: UInt8, _ punt: PuntClass, remote: [UInt8] = []) -> stile_local_service {
            var service = stile_local_service()
            service.family = family
            service.protocol = number
            service.punt_class = punt.rawValue
            let local = family == 4 ? LabPlan.nniIPv4 : LabPlan.nniIPv6
            withUnsafeMutableBytes(of: &service.local) { $0.copyBytes(from: local) }
            withUnsafeMutableBytes(of: &service.remote) { $0.copyBytes(from: remote) }
            return service
        }
        var bgpIn = service(4, 6, .bgp, remote: LabPlan.neighborIPv4)
        bgpIn.local_port = 179
        var bgpOut = service(4, 6, .bgp, remote: LabPlan.neighborIPv4)
        bgpOut.remote_port = 179
        var bfd = service(4, 17, .bfd, remote: LabPlan.neighborIPv4)
        bfd.local_port = 3784
        var echo = service(4, 1, .icmp, remote: LabPlan.nniIPv4)
        echo.remote_bits = 24
        echo.icmp_type = 8
        var echo6 = service(6, 58, .icmp, remote: LabPlan.nniIPv6)
        echo6.remote_bits = 64
        echo6.icmp_type = 128
        return [bgpIn, bgpOut, bfd, echo, echo6] + sessionServices
    }()

    private static let sessionServices = [
        (LabPlan.sessionsTo, STILE_SERVICE_SESSIONS_TO), (LabPlan.sessionsFrom, STILE_SERVICE_SESSIONS_FROM),
    ].flatMap { prefixes, use in
        prefixes.map { prefix -> stile_local_service in
            var listed = stile_local_service()
            listed.family = prefix.octets.count == 4 ? 4 : 6
            listed.punt_class = PuntClass.bgp.rawValue
            withUnsafeMutableBytes(of: &listed.remote) { $0.copyBytes(from: prefix.octets) }
            listed.remote_bits = UInt8(prefix.bits)
            listed.use = UInt8(use.rawValue)
            return listed
        }
    }
}

extension LabPlan.Context {
    /// The NNI as packets under the label see it.
    func place(on nni: LabPlan.NNI) -> LabPlan.NNI {
        LabPlan.NNI(
            port: nni.port, outer: nni.outer, counter: nni.counter, labelBase: labelBase, labelCount: labelCount,
            units: units, isOfCore: nni.isOfCore, pops: pops)
    }
}
