/// Where on a port an interface is: untagged, under one VLAN tag, or under two (QinQ).
public struct VLANPosition: Hashable, Sendable {
    /// Below `STILE_MAX_PORTS`.
    public let port: UInt16
    /// VLAN identifier of the first tag, 1 to 4094; `nil`: untagged (and priority-tagged).
    public let outer: UInt16?
    /// VLAN identifier of the second tag, 1 to 4094; `nil`: none.
    public let inner: UInt16?

    public init(port: UInt16, outer: UInt16? = nil, inner: UInt16? = nil) {
        self.port = port
        self.outer = outer
        self.inner = inner
    }
}
