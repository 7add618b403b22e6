import Addressing
import CTableLayout
import ForwardingTables
import Glibc

/// The tables of the measured box, made by the product's own writer: VRFs 1 to `vrfs`, each with a label on the
/// ingress NNI, a circuit, and routes whose next hops lead out by the path that is being measured.
final class Box {
    let plan: PortPlan
    let vrfs: Int
    let writer: TablesWriter
    private let directory: String
    let hasServices: Bool
    private var nextHops: [[Hop]] = []
    /// Circuits and units by their counters.
    private var interfaces: [UInt16: UInt16] = [:]
    /// The entries of the VRFs' labels on the ingress NNI.
    private var ingressLabels: [(index: UInt32, entry: stile_label_entry)] = []
    /// The entries of the same labels where they are swapped, each for one of its own.
    private var swaps: [stile_label_entry] = []
    /// The links to the far ends of the NNIs and to the PE, by port: all labels lead to the same neighbor.
    private var farEnds: [UInt16: UInt32] = [:]

    /// A next hop's number, and what it is by each way out.
    private struct Hop {
        var id: UInt32
        var labelled: NextHop
        var circuit: NextHop
        var core: NextHop
        /// The VRF's group.
        var group: NextHop
        /// Out by where packets come in, for the routes to their sources.
        var back: NextHop
    }

    enum Failure: Error { case noDirectory(Int32) }

    /// Tables in hugepages when `hugepageDirectory` is given and has room.
    ///
    /// - Parameter hasServices: whether units and circuits have those of `BoxServices`. The last of a VRF's next hops
    ///   then leads back to where packets come in.
    init(plan: PortPlan, vrfs: Int, nextHopsPerVRF: Int, hugepageDirectory: String?, hasServices: Bool = false) throws {
        self.plan = plan
        self.hasServices = hasServices
        self.vrfs = vrfs
        directory = "/dev/shm/stile-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        guard mkdir(directory, 0o700) == 0 else { throw Failure.noDirectory(errno) }
        writer = try TablesWriter(directory: directory, hugepageDirectory: hugepageDirectory, generation: 1, hashKey: 0)
        var services = hasServices ? try BoxServices(writer) : nil
        try addInterfaces(&services)
        try addSwaps()
        for vrf in 1...vrfs {
            let neighbors = try (0..<min(nextHopsPerVRF, Self.mostNeighbors)).map { _ in
                try addLink(
                    port: PortPlan.circuits,
                    header: PortPlan.farEndMAC + plan.circuitMAC + plan.tags(ofVRF: vrf) + plan.packetType)
            }
            let group = try addGroup(vrf: vrf)
            nextHops.append(
                try (0..<nextHopsPerVRF).map {
                    try addHop(vrf: vrf, number: $0, neighbor: neighbors[$0 % neighbors.count], group)
                })
        }
    }

    deinit {
        unlink(writer.path)
        rmdir(directory)
    }

    /// The label that names a label space with the labels of the VRFs.
    var contextLabel: UInt32 { plan.firstLabel + UInt32(vrfs) }

    var isOnHugepages: Bool { !writer.path.hasPrefix(directory) }
    var reader: TablesReader { writer.reader }

    /// Adds routes to VRF `vrf`.
    func add(_ routes: [Route], vrf: Int) throws {
        let hops = nextHops[vrf - 1]
        for route in routes {
            try writer.routes.set(route.prefix, vrf: UInt16(vrf), nextHop: hops[route.nextHop % hops.count].id)
        }
    }

    /// Lets all routes lead out by `path`.
    func lead(by path: Path) throws {
        for (place, (index, entry)) in ingressLabels.enumerated() {
            var entry =
                switch path {
                case .swap: swaps[place]
                case .pop:
                    PopEntry(interface: entry.interface, nextHop: nextHops[place][0].id, flags: entry.flags).entry
                default: entry
                }
            if path != .swap, !path.isOfCore { entry.flags |= UInt8(STILE_FLAG_TRANSIT.rawValue) }
            try writer.labels.setEntry(index, to: entry)
        }
        for hops in nextHops {
            for hop in hops {
                let way =
                    switch path {
                    case .nniToNNI, .circuitToNNI, .coreToNNI, .swap: hop.labelled
                    case .nniToCircuit, .pop, .context: hop.circuit
                    case .nniToCore: hop.core
                    case .ecmp: hop.group
                    }
                try writer.nextHops.set(hop.id, to: way)
            }
            guard hasServices, let last = hops.last else { continue }
            try writer.nextHops.set(last.id, to: path.isLabelledAtIngress ? last.back : last.circuit)
        }
    }

    /// A next hop for each of the ingress NNI's labels, by the other NNI.
    private func addSwaps() throws {
        var record = record(STILE_INTERFACE_UNIT, port: PortPlan.egressNNI, counter: 2, mac: plan.nniMAC)
        record.mtu = PortPlan.mtu - 4
        let egress = UInt16(try writer.interfaces.add(record))
        swaps = try (1...vrfs).map { vrf in
            let nextHop = NextHop.swap(
                egress, link: farEnd(PortPlan.egressNNI), label: Self.label(vrf: vrf, hop: 0))
            let number = try writer.nextHops.add(nextHop)
            return SwapEntry(nextHop: number, mayTransit: true, isBySource: false).entry
        }
    }

    private func addInterfaces(_ services: inout BoxServices?) throws {
        for vrf in 1...vrfs {
            try writer.vrfs.setFlags(
                STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue | STILE_FLAG_TRANSIT.rawValue, ofVRF: UInt16(vrf))
        }
        for (port, counter) in [(PortPlan.ingressNNI, UInt16(1)), (PortPlan.egressNNI, UInt16(2))] {
            var record = record(STILE_INTERFACE_NNI, port: port, counter: counter, mac: plan.nniMAC)
            try addLabels(to: &record)
            let isIngress = port == PortPlan.ingressNNI
            for vrf in 1...vrfs {
                let unitCounter =
                    isIngress ? PortPlan.ingressUnitCounter(vrf: vrf) : PortPlan.egressUnitCounter(vrf: vrf)
                var unit = self.record(STILE_INTERFACE_UNIT, port: port, counter: unitCounter, mac: plan.nniMAC)
                unit.vrf = UInt16(vrf)
                unit.nni_counter = counter
                unit.mtu = PortPlan.mtu - 4
                unit.flags = UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue)
                if isIngress { try services?.give(to: &unit) }
                let index = try add(unit)
                guard isIngress else { continue }
                ingressLabels.append((record.label_first + UInt32(vrf - 1), entry(of: unit, index)))
            }
            try writer.vlans.setInterface(UInt32(add(record)), at: VLANPosition(port: port))
            farEnds[port] = try addLink(
                port: port, header: PortPlan.farEndMAC + plan.nniMAC + [0x88, 0x47, 0, 0, 0, 0])
        }
        try addCore()
        for vrf in 1...vrfs {
            var record = record(
                STILE_INTERFACE_ATTACHMENT_CIRCUIT, port: PortPlan.circuits, counter: PortPlan.circuitCounter(vrf: vrf),
                mac: plan.circuitMAC)
            record.vrf = UInt16(vrf)
            record.flags = UInt8(STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue)
            try services?.give(to: &record)
            try writer.vlans.setInterface(UInt32(add(record)), at: plan.position(ofVRF: vrf))
        }
    }

    /// A core interface, the VRFs' units and labels there, and a PE behind one label.
    private func addCore() throws {
        var record = record(STILE_INTERFACE_CORE, port: PortPlan.core, counter: 3, mac: plan.nniMAC)
        try addLabels(to: &record)
        for vrf in 1...vrfs {
            var unit = self.record(
                STILE_INTERFACE_CORE_UNIT, port: PortPlan.core, counter: PortPlan.coreUnitCounter(vrf: vrf),
                mac: plan.nniMAC)
            unit.vrf = UInt16(vrf)
            unit.nni_counter = 3
            unit.mtu = .max
            unit.flags = UInt8(STILE_FLAG_PROPAGATE_TTL.rawValue)
            let index = try add(unit)
            try writer.labels.setEntry(record.label_first + UInt32(vrf - 1), to: entry(of: unit, index))
        }
        try writer.vlans.setInterface(UInt32(add(record)), at: VLANPosition(port: PortPlan.core))
        var transport = stile_transport()
        transport.mtu = PortPlan.mtu - 8
        transport.counter = 3
        transport.label_count = 1
        transport.entries.0 = Self.transportLabel << 12
        farEnds[PortPlan.core] = try addLink(
            port: PortPlan.core, header: PortPlan.farEndMAC + plan.nniMAC + [0x88, 0x47, 0, 0, 0, 0], transport)
    }

    private static let transportLabel: UInt32 = 16_007

    private func addLabels(to record: inout stile_interface) throws {
        record.label_base = plan.firstLabel
        record.label_count = UInt32(vrfs) + 1
        record.label_first = try writer.labels.addTable(count: vrfs + 1)
        // The same labels once more, in the space that the last one names.
        let space = try writer.labels.addContext(
            base: record.label_base, count: UInt32(vrfs), first: record.label_first)
        try writer.labels.setEntry(record.label_first + UInt32(vrfs), to: ContextEntry(table: space).entry)
    }

    /// The entry of a VRF's label, without transit.
    private func entry(of unit: stile_interface, _ index: UInt16) -> stile_label_entry {
        var entry = stile_label_entry()
        entry.interface = index
        entry.counter = unit.counter
        entry.vrf = unit.vrf
        entry.flags = UInt8(
            STILE_FLAG_VALID.rawValue | STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue
                | STILE_FLAG_PROPAGATE_TTL.rawValue)
        entry.features = unit.features
        return entry
    }

    private func add(_ record: stile_interface) throws -> UInt16 {
        let index = UInt16(try writer.interfaces.add(record))
        interfaces[record.counter] = index
        return index
    }

    private func record(
        _ kind: stile_interface_kind, port: UInt16, counter: UInt16, mac: [UInt8]
    ) -> stile_interface {
        var record = stile_interface()
        record.kind = UInt8(kind.rawValue)
        record.port = port
        record.counter = counter
        record.nni_counter = counter
        record.mtu = PortPlan.mtu
        withUnsafeMutableBytes(of: &record.mac) { $0.copyBytes(from: mac) }
        return record
    }

    /// A circuit has no more neighbors than these; up to them each next hop leads to one of its own.
    private static let mostNeighbors = 4_096

    /// A next hop of a VRF, by the far end or by the circuit.
    ///
    /// - Parameter neighbor: its link out of the circuit.
    private func addHop(vrf: Int, number: Int, neighbor: UInt32, _ group: NextHop) throws -> Hop {
        let label = Self.label(vrf: vrf, hop: number)
        let labelled = NextHop.labelled(
            interface(PortPlan.egressUnitCounter(vrf: vrf)), link: farEnd(PortPlan.egressNNI), label: label)
        return Hop(
            id: try writer.nextHops.add(labelled), labelled: labelled,
            circuit: .circuit(interface(PortPlan.circuitCounter(vrf: vrf)), link: neighbor),
            core: .labelled(
                interface(PortPlan.coreUnitCounter(vrf: vrf)), link: farEnd(PortPlan.core), label: label),
            group: group,
            back: .labelled(
                interface(PortPlan.ingressUnitCounter(vrf: vrf)), link: farEnd(PortPlan.ingressNNI), label: label))
    }

    /// Next hops of a VRF by the egress NNI, with labels that no other has.
    private func addGroup(vrf: Int) throws -> NextHop {
        let members = try (0..<Self.groupMembers).map { number in
            let label = Self.label(vrf: vrf, hop: Self.mostNeighbors + number)
            return try writer.nextHops.add(
                .labelled(
                    interface(PortPlan.egressUnitCounter(vrf: vrf)), link: farEnd(PortPlan.egressNNI), label: label))
        }
        let buckets = BucketAssignment(permitted: members.indices.map { UInt8($0) })
        let number = try writer.groups.add(members: members, buckets: [buckets, buckets, buckets])
        return .group(number, vrf: UInt16(vrf))
    }

    private static let groupMembers = 4

    private func interface(_ counter: UInt16) -> UInt16 { interfaces[counter] ?? 0 }

    private func farEnd(_ port: UInt16) -> UInt32 { farEnds[port] ?? 0 }

    /// The far end's label: any 20 bits that differ by VRF and next hop.
    private static func label(vrf: Int, hop: Int) -> UInt32 { UInt32(16 + (vrf * 31 + hop) % 1_000_000) }

    /// The next hop of a VRF whose far end wants this label.
    func hop(ofVRF vrf: Int, label: UInt32) -> Int? {
        nextHops[vrf - 1].indices.first { Self.label(vrf: vrf, hop: $0) == label }
    }

    /// A link to a resolved neighbor, with what stands in front of a packet; the last four octets for the label.
    private func addLink(port: UInt16, header: [UInt8], _ transport: stile_transport? = nil) throws -> UInt32 {
        let link = try writer.links.add(STILE_ADJACENCY_INCOMPLETE)
        try writer.links.set(link, to: stile_adjacency(port: port, header: header), transport)
        return link
    }
}
