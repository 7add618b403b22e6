import CTableLayout
import Configuration
import ForwardingTables
import Routing

/// The numbers of VRFs and interfaces in the tables that the data plane uses, by which it goes on calling what it punts until
/// other tables take their place.
///
/// Where the allocations do not know whose a number is, because they were lost or are old, it must not become another
/// customer's: that one's hosts would be learnt, and packets that wait would be sent, in the wrong VRF. Ports and NNIs are
/// known again by what they are on the wire. Circuits, units and VRFs get other numbers, and theirs go to nobody.
struct NumbersInUse {
    private let mapping: TablesMapping
    private var reader: TablesReader { mapping.reader }

    init(_ mapping: TablesMapping) { self.mapping = mapping }

    /// Adds to the allocations what the tables have and they do not know. Returns how many numbers go to nobody.
    func complete(_ allocations: inout Allocations, for index: ConfigurationIndex) -> Int {
        defer { withExtendedLifetime(mapping) {} }
        for (number, name) in ports {
            allocations.interfaceCounters.keep(UInt32(number), for: TableNumbers.name(ofPort: name))
        }
        for interface in index.interfaces {
            guard let number = counter(ofNNI: interface) else { continue }
            allocations.interfaceCounters.keep(UInt32(number), for: interface.name.description)
        }
        var count = 0
        for record in interfaces {
            if record.vrf != 0, allocations.vrfNumbers.reserve(UInt32(record.vrf)) { count += 1 }
            if record.counter != 0, allocations.interfaceCounters.reserve(UInt32(record.counter)) { count += 1 }
        }
        return count
    }

    private var ports: [(UInt16, PortName)] {
        (0..<UInt16(reader.header.pointee.ports.count)).compactMap { number in
            let port = reader.ports[Int(number)]
            guard port.flags & STILE_PORT_IN_USE.rawValue != 0 else { return nil }
            return PortName(terminatedText(in: port.name)).map { (number, $0) }
        }
    }

    private var interfaces: some Sequence<stile_interface> {
        (0..<Int(reader.header.pointee.interfaces.count)).lazy.map { reader.interfaces[$0] }
            .filter { $0.kind != UInt8(STILE_INTERFACE_NONE.rawValue) }
    }

    /// The number of an NNI or core interface at the same place of the same port.
    private func counter(ofNNI interface: Interface) -> UInt16? {
        let (encapsulation, kind): (VLANEncapsulation, stile_interface_kind)
        switch interface.kind {
        case .nni(let nni): (encapsulation, kind) = (nni.encapsulation, STILE_INTERFACE_NNI)
        case .core(let core): (encapsulation, kind) = (core.encapsulation, STILE_INTERFACE_CORE)
        case .unit, .coreUnit, .attachmentCircuit, .carrier: return nil
        }
        guard let port = ports.first(where: { $0.1 == interface.name.port })?.0 else { return nil }
        let index: UInt32 =
            switch encapsulation {
            case .untagged: reader.interface(untaggedOn: port)
            case .dot1q(let tag): reader.interface(port: port, vid: tag)
            case .qinq: 0
            }
        let record = reader.interfaces[Int(index)]
        return record.kind == UInt8(kind.rawValue) ? record.counter : nil
    }
}
