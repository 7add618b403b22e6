import Addressing
import CTableLayout
import ForwardingTables
import PacketFormats

/// Ports, addresses and numbers of the measured box: an NNI on port 0, another on port 1, the circuits on port 2, the core on
/// port 3.
struct PortPlan {
    static let ingressNNI: UInt16 = 0
    static let egressNNI: UInt16 = 1
    static let circuits: UInt16 = 2
    static let core: UInt16 = 3
    static let farEndMAC: [UInt8] = [2, 0, 0, 0, 1, 1]
    static let mtu: UInt16 = 1_500

    /// The box's own address on the NNIs and in the core.
    var nniMAC: [UInt8] = [2, 0, 0, 0, 0, 1]
    /// The box's own address on the circuits.
    var circuitMAC: [UInt8] = [2, 0, 0, 0, 0, 2]
    /// VRF 1's label on the ingress NNI and in the core; VRF n has the nth from there.
    var firstLabel: UInt32 = 1_000
    /// VRF 1's VLAN; `nil`: one VRF, untagged.
    var firstVLAN: UInt16?
    /// The service VLAN around those VLANs (IEEE 802.1ad); `nil`: one tag.
    var serviceVLAN: UInt16?
    /// What the circuits' packets are.
    var family = AddressFamily.ipv4

    func label(ofVRF vrf: Int) -> UInt32 { firstLabel + UInt32(vrf - 1) }

    /// The place of a VRF's circuit.
    func position(ofVRF vrf: Int) -> VLANPosition {
        guard let firstVLAN else { return VLANPosition(port: Self.circuits) }
        let vlan = firstVLAN + UInt16(vrf - 1)
        return serviceVLAN.map { VLANPosition(port: Self.circuits, outer: $0, inner: vlan) }
            ?? VLANPosition(port: Self.circuits, outer: vlan)
    }

    /// The tags of a VRF's circuit: four octets each.
    func tags(ofVRF vrf: Int) -> [UInt8] {
        let position = position(ofVRF: vrf)
        guard let outer = position.outer else { return [] }
        guard let inner = position.inner else { return Self.tag(EtherType.customerVLAN, outer) }
        return Self.tag(EtherType.serviceVLAN, outer) + Self.tag(EtherType.customerVLAN, inner)
    }

    private static func tag(_ type: UInt16, _ vlan: UInt16) -> [UInt8] {
        [type, vlan].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    /// What stands between a VRF's tags and its packets.
    var packetType: [UInt8] { family == .ipv4 ? [0x08, 0x00] : [0x86, 0xDD] }

    /// The counters of VRF `vrf`'s circuit, of its units on both NNIs, and of that in the core. 1 to 3 are the NNIs' and the core
    /// interface's own.
    static func circuitCounter(vrf: Int) -> UInt16 { UInt16(4 * vrf) }
    static func ingressUnitCounter(vrf: Int) -> UInt16 { UInt16(4 * vrf + 1) }
    static func egressUnitCounter(vrf: Int) -> UInt16 { UInt16(4 * vrf + 2) }
    static func coreUnitCounter(vrf: Int) -> UInt16 { UInt16(4 * vrf + 3) }
    static func counterCount(vrfs: Int) -> Int { 4 * vrfs + 4 }
}
