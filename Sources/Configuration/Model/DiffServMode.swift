/// What becomes of the traffic class of a received label (RFC 3270 §2.6). Towards a label all three are alike: its class
/// comes from the DSCP's class selector unless a policy says otherwise.
public enum DiffServMode: String, Hashable, Sendable, CaseIterable {
    /// The label's class becomes the class selector of the packet's DSCP: what was marked under way holds.
    case uniform
    /// The packet keeps its DSCP; the label's class is what `match mpls experimental` sees.
    case pipe
    /// As pipe, and the packet is treated by its DSCP: what holds where nothing is said.
    case shortPipe = "short-pipe"
}
