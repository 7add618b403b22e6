import Addressing
import CTableLayout
import Configuration
import Routing

/// The numbers by which the tables call ports, VRFs and interfaces. They are kept on disk with the labels, so that
/// counters and what the data plane remembers stay with their names over changes and restarts. A name that is out of
/// use keeps its number until numbers run out.
struct TableNumbers: Hashable {
    private(set) var vrfs: NumberAllocations
    /// Interfaces, and below ``firstInterface`` the ports under names of their own.
    private(set) var interfaces: NumberAllocations
    /// Classes of attached policies.
    private(set) var classInstances: NumberAllocations
    /// Entries of access lists, by the names of their counters.
    private(set) var accessHits: NumberAllocations
    /// Ethernet addresses that ports have turned out to have.
    var hardwareAddresses: [PortName: MACAddress] = [:]

    /// The number of ports in the tables (`STILE_MAX_PORTS`): what lies below is a port's index.
    private static let firstInterface: UInt32 = 64
    private static let portPrefix = "port "
    private static let counterPrefix = "counters of port "

    init(_ allocations: Allocations) {
        vrfs = allocations.vrfNumbers
        interfaces = allocations.interfaceCounters
        classInstances = allocations.classInstances
        accessHits = allocations.accessHits
    }

    /// Whether everything that is kept on disk is the same.
    func hasSameAllocations(as other: TableNumbers) -> Bool {
        vrfs == other.vrfs && interfaces == other.interfaces && classInstances == other.classInstances
            && accessHits == other.accessHits
    }

    static func name(ofPort port: PortName) -> String { portPrefix + port.description }

    /// A port's index, from 0; `nil` when there are more ports than the tables hold.
    mutating func port(_ name: PortName, inUse: Set<String>) -> UInt16? {
        let inUse = Set(inUse.map { Self.portPrefix + $0 })
        return Self.allocate(Self.name(ofPort: name), 0..<Self.firstInterface, &interfaces, inUse: inUse)
    }

    /// The name under which a port's counters stand among those of interfaces.
    static func counterName(ofPort name: PortName) -> String { counterPrefix + name.description }

    /// A VRF's number, from 1; `nil` when there are too many.
    mutating func vrf(_ identity: VRFIdentity, inUse: Set<String>) -> UInt16? {
        Self.allocate(identity.description, 1..<65_536, &vrfs, inUse: inUse)
    }

    /// An interface's counters; `nil` when no number is free.
    mutating func interface(_ name: String) -> UInt16? {
        Self.allocate(name, Self.firstInterface..<65_536, &interfaces)
    }

    /// An interface's counters, those of a name that is out of use if none are free; `nil` when there are too many.
    mutating func interface(_ name: String, insteadOfOthersThan inUse: Set<String>) -> UInt16? {
        Self.allocate(name, Self.firstInterface..<65_536, &interfaces, inUse: inUse)
    }

    /// Gives a number, from 1, to each class instance in use; `false` when there are too many.
    mutating func numberClassInstances(_ names: [String]) -> Bool {
        Self.allocate(names, 1..<UInt32(STILE_MAX_CLASS_INSTANCES), &classInstances)
    }

    /// Gives a number, from 1, to each hit counter in use; `false` when there are too many.
    mutating func numberAccessHits(_ names: [String]) -> Bool {
        Self.allocate(names, 1..<UInt32(STILE_MAX_ACCESS_HITS), &accessHits)
    }

    /// Takes the numbers of services that have been compiled with these.
    mutating func takeServices(of other: TableNumbers) {
        classInstances = other.classInstances
        accessHits = other.accessHits
    }

    private static func allocate(
        _ names: [String], _ range: Range<UInt32>, _ numbers: inout NumberAllocations
    ) -> Bool {
        if numbers.allocate(for: names, from: range) { return true }
        let inUse = Set(names)
        for name in numbers.numbers.keys where !inUse.contains(name) { numbers.release(name) }
        return numbers.allocate(for: names, from: range)
    }

    private static func allocate(
        _ name: String, _ range: Range<UInt32>, _ numbers: inout NumberAllocations
    ) -> UInt16? {
        guard let number = numbers.allocate(for: name, from: range) else { return nil }
        // A file from outside may hold any number.
        guard range.contains(number) else {
            numbers.release(name)
            return numbers.allocate(for: name, from: range).map { UInt16(truncatingIfNeeded: $0) }
        }
        return UInt16(truncatingIfNeeded: number)
    }

    private static func allocate(
        _ name: String, _ range: Range<UInt32>, _ numbers: inout NumberAllocations, inUse: Set<String>
    ) -> UInt16? {
        if let number = allocate(name, range, &numbers) { return number }
        let idle = numbers.numbers.filter { range.contains($0.value) && !inUse.contains($0.key) }
        guard let oldest = idle.min(by: { $0.value < $1.value }) else { return nil }
        numbers.release(oldest.key)
        return numbers.allocate(for: name, from: range).map { UInt16(truncatingIfNeeded: $0) }
    }
}
