import Addressing

/// A route of one VRF: a prefix and the number of its next hop among those of the VRF, 0 and up.
struct Route {
    var prefix: IPPrefix
    var nextHop: Int
}
