import Addressing
import Configuration
import Routing

extension VRFIdentity {
    init(_ vrf: VRF) { self.init(name: vrf.name, routeDistinguisher: vrf.routeDistinguisher) }
}
