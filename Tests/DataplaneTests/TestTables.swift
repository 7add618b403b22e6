import Addressing
import CTableLayout
import ForwardingTables
import Glibc
import Testing

/// What stiled would publish for one customer circuit (port 0, VRF 1) and one NNI (port 1): label 1001 in, 2001 out.
final class TestTables {
    let directory: String
    let control: ControlSegment
    private(set) var tables: TablesWriter

    static let vrf: UInt16 = 1
    static let circuitCounter: UInt16 = 1
    static let nniCounter: UInt16 = 2
    static let unitCounter: UInt16 = 3
    static let labelIn: UInt32 = 1001
    static let labelOut: UInt32 = 2001
    /// On the NNI, where the far end speaks BGP to the box.
    static let boxAddress: [UInt8] = [192, 0, 2, 1]
    static let farEndAddress: [UInt8] = [192, 0, 2, 2]

    /// A runtime directory of its own, removed with the object.
    ///
    /// - Parameter farEndMTU: the largest packet towards the far end, where it is not `mtu`.
    init(
        directory: String = TestTables.newDirectory(), mtu: UInt16 = 1500, farEndMTU: UInt16? = nil, workers: Int = 1,
        ports: [Int: String]
    ) throws {
        self.directory = directory
        guard mkdir(directory, 0o700) == 0 else {
            throw SegmentError.system(call: "mkdir", path: directory, code: errno)
        }
        control = try ControlSegment(directory: directory)
        control.setRates(punt: [UInt32](repeating: 1000, count: 8), puntSum: 10_000, icmp: 100)
        tables = try Self.tables(
            in: directory, generation: 1, mtu: mtu, farEndMTU: farEndMTU ?? mtu, workers: workers, ports: ports)
        try publish()
    }

    static func newDirectory() -> String {
        "/tmp/stile-dataplane-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    deinit {
        for name in ["control", "dataplane", "tables.1", "tables.2", "tables.1.new", "tables.2.new"] {
            unlink("\(directory)/\(name)")
        }
        rmdir(directory)
    }

    /// The segment of the data plane that uses these tables, as soon as it does.
    func reader() throws -> DataplaneReader {
        var reader: DataplaneReader?
        _ = eventually {
            reader = try? DataplaneReader(directory: directory)
            return (reader?.generationInUse ?? 0) > 0
        }
        return try #require(reader)
    }

    /// A new generation with the same content.
    func publishNextGeneration(mtu: UInt16 = 1500, workers: Int, ports: [Int: String]) throws {
        tables = try Self.tables(
            in: directory, generation: tables.generation + 1, mtu: mtu, farEndMTU: mtu, workers: workers,
            ports: ports)
        try publish()
    }

    func setPort(
        _ number: Int, device: String, mtu: UInt16 = 1500, mac: [UInt8] = [], isShutDown: Bool = false,
        counter: UInt16 = 0
    ) throws {
        var port = Self.port(number, device: device, mtu: mtu, isShutDown: isShutDown)
        withUnsafeMutableBytes(of: &port.mac) { $0.copyBytes(from: mac) }
        try tables.vlans.setCounter(counter, ofPort: number)
        try tables.ports.set(number, to: port)
    }

    private func publish() throws {
        tables.markPublished()
        try control.publish(generation: tables.generation, tablesPath: tables.path)
    }

    private static func tables(
        in directory: String, generation: UInt64, mtu: UInt16, farEndMTU: UInt16, workers: Int, ports: [Int: String]
    ) throws -> TablesWriter {
        let tables = try TablesWriter(directory: directory, generation: generation)
        try tables.setWorkers(cores: [UInt16?](repeating: nil, count: workers), polling: STILE_POLLING_ADAPTIVE)
        for (number, device) in ports {
            try tables.ports.set(number, to: port(number, device: device, mtu: mtu, isShutDown: false))
        }
        let flags = UInt8(STILE_FLAG_IPV4.rawValue | STILE_FLAG_IPV6.rawValue)
        try tables.vrfs.setFlags(UInt32(flags), ofVRF: vrf)

        var circuit = stile_interface()
        circuit.kind = UInt8(STILE_INTERFACE_ATTACHMENT_CIRCUIT.rawValue)
        circuit.flags = flags
        circuit.vrf = vrf
        circuit.counter = circuitCounter
        circuit.nni_counter = circuitCounter
        circuit.mtu = mtu
        withUnsafeMutableBytes(of: &circuit.mac) { $0.copyBytes(from: TestFrame.box) }
        let circuitRecord = try tables.interfaces.add(circuit)
        try tables.vlans.setInterface(circuitRecord, at: VLANPosition(port: 0))

        let labels = try tables.labels.addTable(count: 16)
        var nni = stile_interface()
        nni.kind = UInt8(STILE_INTERFACE_NNI.rawValue)
        nni.counter = nniCounter
        nni.nni_counter = nniCounter
        nni.port = 1
        nni.mtu = mtu
        nni.label_base = 1000
        nni.label_count = 16
        nni.label_first = labels
        nni.local_first = UInt16(try tables.localServices.add([bgpOfTheFarEnd]))
        nni.local_count = 1
        withUnsafeMutableBytes(of: &nni.mac) { $0.copyBytes(from: TestFrame.boxOnNNI) }
        try tables.vlans.setInterface(try tables.interfaces.add(nni), at: VLANPosition(port: 1))
        var unit = nni
        unit.kind = UInt8(STILE_INTERFACE_UNIT.rawValue)
        unit.flags = flags
        unit.vrf = vrf
        unit.counter = unitCounter
        unit.mtu = farEndMTU
        let unitRecord = try tables.interfaces.add(unit)
        try tables.labels.setEntry(
            labels + labelIn - 1000,
            to: stile_label_entry(
                interface: UInt16(unitRecord), counter: unitCounter, vrf: vrf,
                flags: flags | UInt8(STILE_FLAG_VALID.rawValue), features: 0))

        let customer = TestFrame.ethernet(to: TestFrame.customer, from: TestFrame.box, type: 0x0800, [])
        let toCustomer = NextHop.circuit(
            UInt16(circuitRecord), link: try link(by: 0, customer, in: tables))
        for prefix in ["10.1.0.0/16", "2001:db8:1::/48"] { try route(prefix, to: toCustomer, in: tables) }

        let farEnd = TestFrame.ethernet(
            to: TestFrame.farEnd, from: TestFrame.boxOnNNI, type: 0x8847, [UInt8](repeating: 0, count: 4))
        let toFarEnd = NextHop.labelled(
            UInt16(unitRecord), link: try link(by: 1, farEnd, in: tables), label: labelOut)
        for prefix in ["10.2.0.0/16", "2001:db8:2::/48"] { try route(prefix, to: toFarEnd, in: tables) }
        return tables
    }

    /// A session that the far end has opened.
    private static var bgpOfTheFarEnd: stile_local_service {
        var service = stile_local_service()
        service.family = 4
        service.protocol = 6
        service.punt_class = UInt8(STILE_PUNT_BGP.rawValue)
        service.local_port = 179
        withUnsafeMutableBytes(of: &service.local) { $0.copyBytes(from: boxAddress) }
        withUnsafeMutableBytes(of: &service.remote) { $0.copyBytes(from: farEndAddress) }
        return service
    }

    private static func route(_ prefix: String, to nextHop: NextHop, in tables: TablesWriter) throws {
        guard let prefix = IPPrefix(prefix) else { throw SegmentError.invalid(path: prefix, field: "prefix") }
        try tables.routes.set(prefix, vrf: vrf, nextHop: try tables.nextHops.add(nextHop))
    }

    /// A link to a neighbor whose frames begin with these octets.
    private static func link(by port: UInt16, _ header: [UInt8], in tables: TablesWriter) throws -> UInt32 {
        let link = try tables.links.add(STILE_ADJACENCY_INCOMPLETE)
        try tables.links.set(link, to: stile_adjacency(port: port, header: header))
        return link
    }

    private static func port(_ number: Int, device: String, mtu: UInt16, isShutDown: Bool) -> stile_port {
        var port = stile_port()
        withUnsafeMutableBytes(of: &port.name) { $0.copyBytes(from: "ten1/\(number)".utf8) }
        withUnsafeMutableBytes(of: &port.device) { $0.copyBytes(from: device.utf8) }
        port.flags = STILE_PORT_IN_USE.rawValue | (isShutDown ? STILE_PORT_SHUTDOWN.rawValue : 0)
        port.mtu = mtu
        port.rx_queues = 1
        return port
    }
}
