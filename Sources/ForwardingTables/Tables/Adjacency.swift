import CTableLayout

extension stile_adjacency {
    /// The adjacency of a neighbor by `port`, below `STILE_MAX_PORTS`, whose frames begin with these 14 to
    /// `STILE_REWRITE_BYTES` octets: Ethernet addresses, tags, type and, where a label follows, four zero octets for it.
    public init(port: UInt16, header: [UInt8]) {
        self.init()
        self.port = port
        let header = header.suffix(Int(STILE_REWRITE_BYTES))
        rewrite_bytes = UInt8(header.count)
        withUnsafeMutableBytes(of: &rewrite) {
            UnsafeMutableRawBufferPointer(rebasing: $0[($0.count - header.count)...]).copyBytes(from: header)
        }
    }
}
