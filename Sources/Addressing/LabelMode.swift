/// What the labels of a VRF's routes mean that it gives to its own network and to Option B neighbors.
public enum LabelMode: String, Hashable, Sendable, CaseIterable {
    /// One label for all routes: its packets are looked up in the VRF.
    case perVRF = "per-vrf"
    /// One for all routes of a next hop: its packets go there without a lookup. Routes without a next hop of their own, such as
    /// connected subnets, have that of the VRF.
    case perNextHop = "per-next-hop"
    /// One for each route: its packets go where that leads, without a lookup.
    case perPrefix = "per-prefix"
}
