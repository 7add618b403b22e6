import Addressing
import CTableLayout
import Configuration
import ForwardingTables
import Foundation
import Logging
import Routing

/// What an earlier run of the process left: the control segment, the allocations on disk, and in the tables that the
/// data plane goes on using the neighbors and the ports' Ethernet addresses. Nothing of it is trusted.
struct Inheritance {
    struct Neighbor {
        let key: NeighborKey
        let hardwareAddress: MACAddress
    }

    let stateDirectory: StateDirectory
    let control: ControlSegment
    /// What could not be read, for the log.
    private(set) var damagedFiles: [DamagedFile] = []
    private(set) var allocations = Allocations()
    let store: AllocationsStore
    private(set) var neighbors: [Neighbor] = []
    /// Of each port the device arguments that it had, and its address.
    private var ports: [PortName: (device: String, address: MACAddress)] = [:]
    private let numbersInUse: NumbersInUse?
    /// Neighbors whose BGP sessions were up.
    private let established: Set<NeighborName>

    init(options: ControlPlaneOptions) throws {
        for directory in [options.runtimeDirectory, options.stateDirectory] {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
            } catch {
                throw ControlPlaneStartError.directory(SystemCallError(call: "mkdir \(directory)", number: EACCES))
            }
        }
        stateDirectory = try StateDirectory(options.stateDirectory)
        do {
            control = try ControlSegment(directory: options.runtimeDirectory)
        } catch {
            throw ControlPlaneStartError.sharedMemory("\(error)")
        }
        let tables = Self.tables(of: control)
        numbersInUse = tables.map(NumbersInUse.init)
        store = try AllocationsStore(
            options: options, inUse: tables.map(Self.labels) ?? [], allocations: &allocations)
        let (lines, damage) = DamagedFile.lines(
            of: options.establishedPath,
            consequence: "not all neighbors whose sessions were up are waited for after this restart",
            isValid: { NeighborName(line: $0) != nil })
        established = Set(lines.compactMap { NeighborName(line: $0) })
        if let damage { damagedFiles.append(damage) }
        if let tables { read(tables) }
    }

    /// The neighbors that the first convergence waits for: those that were up while the tables that are in use were
    /// made, and still are configured.
    func awaitedNeighbors(_ index: ConfigurationIndex, _ plan: ForwardingPlan) -> [PeerAddress] {
        guard control.currentGeneration > 0 else { return [] }
        return index.sessions.filter { !$0.isShutdown && established.contains($0.name) }.compactMap {
            plan.peer($0.name)
        }
    }

    /// The allocations with what the tables in use have and they do not know.
    func allocations(for index: ConfigurationIndex, _ logger: Logger) -> Allocations {
        var allocations = allocations
        let count = numbersInUse?.complete(&allocations, for: index) ?? 0
        if count > 0 {
            logger.warning(
                "the tables in use have numbers that the allocations do not know: they go to nobody",
                metadata: ["count": "\(count)"])
        }
        return allocations
    }

    /// The Ethernet addresses of ports that still are the same devices.
    func hardwareAddresses(_ configuration: Configuration) -> [PortName: MACAddress] {
        configuration.ports.compactMapValues { port in
            guard let known = ports[port.name], known.device == port.device.arguments else { return nil }
            return known.address
        }
    }

    /// The tables that the data plane uses. Those that cannot be read leave nothing behind: neighbors are asked for anew.
    private static func tables(of control: ControlSegment) -> TablesMapping? {
        let generation = control.currentGeneration
        guard generation > 0, let path = control.currentTablesPath else { return nil }
        return try? TablesMapping(path: path, generation: generation)
    }

    private static func labels(in mapping: TablesMapping) -> [LabelInUse] {
        var labels: [LabelInUse] = []
        var ofCore: Set<CommonLabel> = []
        mapping.reader.forEachValidLabel { nni, isOfCore, context, label, entry in
            guard let number = MPLSLabel(rawValue: label) else { return }
            let label = CommonLabel(number, context: context.flatMap { MPLSLabel(rawValue: $0) })
            // In the core a label is valid on each interface.
            guard !isOfCore || ofCore.insert(label).inserted else { return }
            labels.append(
                LabelInUse(label: label, vrf: vrf(of: entry, in: mapping.reader), nni: isOfCore ? nil : nni))
        }
        withExtendedLifetime(mapping) {}
        return labels
    }

    /// Whose packets have a label; `nil`: no VRF's.
    private static func vrf(of entry: stile_label_entry, in reader: TablesReader) -> UInt16? {
        guard let pop = PopEntry(entry) else {
            return SwapEntry(entry) == nil && ReplicateEntry(entry) == nil ? entry.vrf : nil
        }
        // Nothing in the tables is believed. No VRF has the number 0.
        return UInt64(pop.interface) < reader.header.pointee.interfaces.count
            ? reader.interfaces[Int(pop.interface)].vrf : 0
    }

    private mutating func read(_ mapping: TablesMapping) {
        let reader = mapping.reader
        for index in 0..<Int(reader.header.pointee.ports.count) {
            let port = reader.ports[index]
            guard port.flags & STILE_PORT_IN_USE.rawValue != 0, let name = PortName(terminatedText(in: port.name)),
                let address = MACAddress(octets: octets(of: port.mac)), address.rawValue != 0, !address.isGroup
            else { continue }
            ports[name] = (terminatedText(in: port.device), address)
        }
        for index in 0..<Int(reader.header.pointee.neighbors.count) {
            let record = reader.neighbors[index]
            guard let neighbor = Self.neighbor(record) else { continue }
            neighbors.append(neighbor)
        }
        withExtendedLifetime(mapping) {}
    }

    private static func neighbor(_ record: stile_neighbor) -> Neighbor? {
        guard let family = AddressFamily(rawValue: record.family),
            let state = ResolutionState(rawValue: record.state), state.isUsable,
            let hardwareAddress = MACAddress(octets: octets(of: record.mac))
        else { return nil }
        let bytes = octets(of: record.address)
        let address: IPAddress? =
            switch family {
            case .ipv4: .ipv4(IPv4Address(bytes[0], bytes[1], bytes[2], bytes[3]))
            case .ipv6: IPv6Address(octets: bytes).map { .ipv6($0) }
            }
        return address.map {
            Neighbor(
                key: NeighborKey(interface: InterfaceNumber(rawValue: record.counter), address: $0),
                hardwareAddress: hardwareAddress)
        }
    }
}

extension NeighborName {
    /// As it is kept on disk: the address, and behind it the VRF's name if it is in one.
    init?(line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard let address = parts.first.flatMap({ IPAddress($0) }) else { return nil }
        self.init(vrf: parts.count > 1 ? String(parts[1]) : nil, address: address)
    }

    var line: String { vrf.map { "\(address) \($0)" } ?? "\(address)" }
}
