import Addressing
import Configuration
import Routing

extension VRFIdentity {
    init(_ vrf: VRF) { self.init(name: vrf.name, routeDistinguisher: vrf.routeDistinguisher) }
}

extension Configuration {
    /// The name under which what belongs to a place and a VRF is numbered, so that a circuit, a unit or a class gets
    /// other counters, buckets and neighbors when its VRF is another, though all names are the same.
    func numberedName(_ place: String, ofVRF vrf: String?) -> String {
        guard let vrf = vrf.flatMap({ vrfs[$0] }) else { return place }
        return Self.numberedName(place, of: VRFIdentity(vrf))
    }

    static func numberedName(_ place: String, of vrf: VRFIdentity) -> String { "\(place) vrf \(vrf)" }
}
