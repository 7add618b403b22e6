import CTableLayout

/// Ports, addresses and numbers of the measured box: an NNI on port 0, another on port 1, the circuits on port 2.
struct PortPlan {
    static let ingressNNI: UInt16 = 0
    static let egressNNI: UInt16 = 1
    static let circuits: UInt16 = 2
    static let farEndMAC: [UInt8] = [2, 0, 0, 0, 1, 1]
    static let mtu: UInt16 = 1_500

    /// The box's own address on the NNIs.
    var nniMAC: [UInt8] = [2, 0, 0, 0, 0, 1]
    /// The box's own address on the circuits.
    var circuitMAC: [UInt8] = [2, 0, 0, 0, 0, 2]
    /// VRF 1's label on the ingress NNI; VRF n has the nth from there.
    var firstLabel: UInt32 = 1_000
    /// VRF 1's VLAN; `nil`: one VRF, untagged.
    var firstVLAN: UInt16?

    func label(ofVRF vrf: Int) -> UInt32 { firstLabel + UInt32(vrf - 1) }

    /// The tag of a VRF's circuit, four octets or none.
    func tag(ofVRF vrf: Int) -> [UInt8] {
        guard let firstVLAN else { return [] }
        let vid = Int(firstVLAN) + vrf - 1
        return [0x81, 0x00, UInt8(vid >> 8 & 0xF), UInt8(vid & 0xFF)]
    }

    /// The counters of VRF `vrf`'s circuit, and of its units on both NNIs. 1 and 2 are the NNIs' own.
    static func circuitCounter(vrf: Int) -> UInt16 { UInt16(3 * vrf) }
    static func ingressUnitCounter(vrf: Int) -> UInt16 { UInt16(3 * vrf + 1) }
    static func egressUnitCounter(vrf: Int) -> UInt16 { UInt16(3 * vrf + 2) }
    static func counterCount(vrfs: Int) -> Int { 3 * vrfs + 3 }
}
