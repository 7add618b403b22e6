import PacketFormats

/// Which IPv6 packets are neighbor discovery for this link (RFC 4861 §6.1, §7.1).
enum NeighborDiscoveryCheck {
    /// The packet's extension headers do not hide it: neighbor discovery with a fragment header is invalid (RFC 6980),
    /// and nobody sends other ones.
    ///
    /// A circuit may carry on-link messages to a unicast address behind us; of the unicast ones only those to
    /// link-local addresses are for us here, and those to our other addresses are recognised when the lookup finds the
    /// address to be our own. On an NNI nothing unlabelled is forwarded, so that every one is for us.
    @_noLocks @inline(__always)
    static func isForThisLink(_ packet: UnsafeRawPointer, bytes: Int, onNNI: Bool) -> Bool {
        guard isNeighborDiscovery(packet, bytes: bytes) else { return false }
        return onNNI || isLinkScoped(packet.networkUInt128(at: 24))
    }

    /// ICMPv6 with hop limit 255 and a type from router solicitation to neighbor advertisement. Redirects are for
    /// hosts (RFC 4861 §8.2).
    @_noLocks @inline(__always)
    static func isNeighborDiscovery(_ packet: UnsafeRawPointer, bytes: Int) -> Bool {
        let header = IPv6Header(packet)
        guard header.nextHeader == IPProtocol.icmpv6, header.hopLimit == 255, bytes >= IPv6Header.byteCount &+ 4 else {
            return false
        }
        let type = packet.octet(at: IPv6Header.byteCount)
        return type >= ICMPv6Type.routerSolicitation && type <= ICMPv6Type.neighborAdvertisement
    }

    /// Link-local unicast, all-nodes (ff02::1), all-routers (ff02::2) or a solicited-node address (ff02::1:ffXX:XXXX).
    @_noLocks
    private static func isLinkScoped(_ destination: UInt128) -> Bool {
        AddressRules.isLinkLocal(destination)
            || destination == 0xFF02_0000_0000_0000_0000_0000_0000_0001
            || destination == 0xFF02_0000_0000_0000_0000_0000_0000_0002
            || destination >> 24 == 0xFF02_0000_0000_0000_0000_0001_FF
    }
}
