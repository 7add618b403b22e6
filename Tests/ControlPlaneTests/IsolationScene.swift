import Addressing
import SeededRandom

/// A box as its operator configures it, and what is plugged into it: two NNIs with up to three neighbors each, and customers
/// with the same addresses. It changes at random, and says what its text means without any of the product's code.
struct IsolationScene {
    struct Neighbor: Hashable {
        /// 0 to 2 on the first subnet, 3 to 5 on the second.
        let slot: Int
        var isConfigured: Bool
        var isShutdown = false
        var system: Int
        /// Where it sends from: its own address resolves to this one.
        var hardware: MACAddress
        /// One more that it may send from.
        var configured: MACAddress?

        var subnet: Int { slot / 3 }
        var address: IPv4Address { IPv4Address(192, 0, UInt8(2 + subnet), UInt8(2 + slot % 3)) }
        /// What it announces into the VRFs that are open to it.
        var network: IPv4Address { IPv4Address(203, 0, UInt8(100 + slot), 0) }
    }

    struct Customer: Hashable {
        let name: String
        /// Of the route distinguisher and the target: another one is another customer under the same name.
        var number: Int
        var isConfigured: Bool
        /// The port of its circuit.
        var port: Int
        /// Slots.
        var eligible: Set<Int>
        var isTransit: Bool
    }

    /// Who a neighbor is: another system or another NNI is somebody else at the same address.
    struct Identity: Hashable {
        let address: IPv4Address
        let system: Int
        let nni: Int
    }

    static let nnis = 0..<2
    static let subnets = 2
    static let names = ["one", "two", "three", "four"]
    static let ports = 2 + names.count
    static let host = IPv4Address(10, 1, 0, 7)
    /// Each circuit has a host at the same address.
    static func hostHardware(port: Int) -> MACAddress { MACAddress(rawValue: 0x0200_0099_0000 + UInt64(port)) }

    private(set) var neighbors: [Neighbor]
    private(set) var customers: [Customer]
    /// Whether an NNI asks for the source address of a single neighbor, too.
    private(set) var checksSource = [false, false]
    /// The NNI of each subnet.
    private(set) var nniOfSubnet = [0, 1]
    /// So that an address that was given up comes to nobody else.
    private var nextHardware: UInt64 = 0x0200_0001_0000

    init(_ random: inout SeededGenerator) {
        neighbors = (0..<6).map { slot in
            Neighbor(
                slot: slot, isConfigured: slot % 3 < 2, system: 65001 + slot,
                hardware: MACAddress(rawValue: 0x0200_0001_0000 + UInt64(slot)))
        }
        nextHardware += 6
        customers = Self.names.enumerated().map { index, name in
            Customer(
                name: name, number: index + 1, isConfigured: true, port: 2 + index,
                eligible: Set((0..<6).filter { _ in !random.once(in: 3) }), isTransit: random.once(in: 3))
        }
    }

    static func ownHardware(port: Int) -> MACAddress { MACAddress(rawValue: 0x0200_0000_0010 + UInt64(port)) }
    static func ownAddress(subnet: Int) -> IPv4Address { IPv4Address(192, 0, UInt8(2 + subnet), 1) }
    static let gateway = IPv4Address(10, 1, 0, 1)

    // MARK: What it means

    func nni(of neighbor: Neighbor) -> Int { nniOfSubnet[neighbor.subnet] }
    func subnet(ofNNI nni: Int) -> Int { nniOfSubnet[0] == nni ? 0 : 1 }

    func identity(of neighbor: Neighbor) -> Identity {
        Identity(address: neighbor.address, system: neighbor.system, nni: nni(of: neighbor))
    }

    /// The neighbor that an identity means now; `nil` if that one is gone.
    func neighbor(_ identity: Identity) -> Neighbor? {
        neighbors.first { $0.isConfigured && self.identity(of: $0) == identity }
    }

    /// Those that are there at all, shut down or not.
    func neighbors(onNNI nni: Int) -> [Neighbor] { neighbors.filter { $0.isConfigured && self.nni(of: $0) == nni } }

    func customer(named name: String, number: Int) -> Customer? {
        customers.first { $0.isConfigured && $0.name == name && $0.number == number }
    }

    /// Whether what a neighbor was told works for a frame from an address.
    func mayBeSent(from source: MACAddress, by neighbor: Neighbor) -> Bool {
        let nni = nni(of: neighbor)
        guard checksSource[nni] || neighbors(onNNI: nni).count > 1 else { return true }
        return source == neighbor.hardware || source == neighbor.configured
    }

    // MARK: What becomes of it

    /// One change that an operator, or somebody who plugs, makes.
    mutating func change(_ random: inout SeededGenerator) {
        let slot = random.below(neighbors.count)
        let one = random.below(customers.count)
        let other = random.below(customers.count)
        switch random.below(13) {
        // What is gone comes back sooner than it went, so that there is something to look at.
        case 0, 1: customers[one].isConfigured = !customers[one].isConfigured || !random.once(in: 3)
        // The name goes to somebody else, or back to who had it before.
        case 2:
            let number = one + 1 + 10 * random.below(3)
            if !customers.contains(where: { $0.number == number }) { customers[one].number = number }
        case 3:
            let number = customers[one].number
            customers[one].number = customers[other].number
            customers[other].number = number
        case 4:
            let port = customers[one].port
            customers[one].port = customers[other].port
            customers[other].port = port
        case 5: customers[one].eligible.formSymmetricDifference([slot])
        case 6: customers[one].isTransit.toggle()
        case 7: neighbors[slot].isConfigured = !neighbors[slot].isConfigured || !random.once(in: 3)
        case 8: neighbors[slot].isShutdown = !neighbors[slot].isShutdown && random.once(in: 3)
        case 9: neighbors[slot].system = 65001 + slot + 10 * random.below(2)
        case 10: neighbors[slot].configured = neighbors[slot].configured == nil ? newHardware() : nil
        case 11: if random.once(in: 3) { nniOfSubnet.swapAt(0, 1) } else { checksSource[random.below(2)].toggle() }
        default: neighbors[slot].hardware = newHardware()
        }
    }

    private mutating func newHardware() -> MACAddress {
        nextHardware += 1
        return MACAddress(rawValue: nextHardware)
    }

    // MARK: What the operator writes

    var text: String {
        var lines = ["hostname scene", "mpls label withdrawal-delay 0", "mpls label quarantine 86400"]
        for port in 0..<Self.ports {
            lines += [
                "port ten1/\(port)", " device net_null\(port)", " mac-address \(Self.ownHardware(port: port))",
            ]
        }
        let present = neighbors.filter(\.isConfigured)
        for customer in customers where customer.isConfigured {
            let told = present.filter { customer.eligible.contains($0.slot) }
            lines += [
                "ip vrf \(customer.name)", " rd 42:\(customer.number)", " route-target both 42:\(customer.number)",
            ]
            if !told.isEmpty { lines.append(" optE \(told.map(\.address.description).joined(separator: " "))") }
            if customer.isTransit { lines.append(" optE transit") }
        }
        for nni in Self.nnis {
            lines += [
                "interface ten1/\(nni)", " encap mpls optE",
                " ip address \(Self.ownAddress(subnet: subnet(ofNNI: nni)))/29",
            ]
            if checksSource[nni] { lines.append(" optE source-mac") }
        }
        for customer in customers where customer.isConfigured {
            lines += [
                "interface ten1/\(customer.port)", " vrf definition \(customer.name)", " ip address \(Self.gateway)/24",
            ]
        }
        lines += ["router bgp 42", " bgp graceful-restart restart-time 600"]
        for neighbor in present {
            lines.append(" neighbor \(neighbor.address) remote-as \(neighbor.system)")
            if neighbor.isShutdown { lines.append(" neighbor \(neighbor.address) shutdown") }
            if let more = neighbor.configured { lines.append(" neighbor \(neighbor.address) source-mac \(more)") }
        }
        if !present.isEmpty {
            lines += [" address-family vpnv4"] + present.map { "  neighbor \($0.address) optE" }
        }
        for customer in customers where customer.isConfigured {
            lines += [" address-family ipv4 vrf \(customer.name)", "  redistribute connected"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
