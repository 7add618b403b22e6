import Addressing

/// One flow as it is reported: what its packets have in common, and what was counted of them.
public struct MeteredFlow: Hashable, Sendable {
    /// Both of one family.
    public var source: IPAddress
    public var destination: IPAddress
    public var protocolNumber: UInt8
    /// The DSCP and ECN octet.
    public var trafficClass: UInt8
    /// 0 without ports.
    public var sourcePort: UInt16
    /// ICMP and ICMPv6: the type's octet, then the code's.
    public var destinationPort: UInt16
    /// All that occurred (RFC 9293 §3.1).
    public var tcpControlBits: UInt16
    /// Numbers that the options records give names to.
    public var ingressInterface: UInt32
    /// 0: none.
    public var egressInterface: UInt32
    /// The VRF of the ingress interface.
    public var vrf: UInt32
    /// That of the egress interface; 0: none.
    public var egressVRF: UInt32
    /// What became of the packets and why (RFC 7270 §4.12).
    public var forwardingStatus: UInt8
    public var packets: UInt64
    /// Of the IP packets.
    public var octets: UInt64
    /// Since 1970.
    public var startMilliseconds: UInt64
    public var endMilliseconds: UInt64
    /// `flowEndReason` of IANA's registry.
    public var endReason: UInt8
    /// The label stack entry (RFC 3032 §2.1) that the first packet came in with; `nil`: it came without one.
    public var labelStackEntry: UInt32?
    /// The one that the first packet left with; `nil`: it left without one, or not at all.
    public var egressLabelStackEntry: UInt32?

    public init(
        source: IPAddress, destination: IPAddress, protocolNumber: UInt8, trafficClass: UInt8, sourcePort: UInt16,
        destinationPort: UInt16, tcpControlBits: UInt16, ingressInterface: UInt32, egressInterface: UInt32,
        vrf: UInt32, egressVRF: UInt32, forwardingStatus: UInt8, packets: UInt64, octets: UInt64,
        startMilliseconds: UInt64,
        endMilliseconds: UInt64, endReason: UInt8, labelStackEntry: UInt32? = nil,
        egressLabelStackEntry: UInt32? = nil
    ) {
        self.source = source
        self.destination = destination
        self.protocolNumber = protocolNumber
        self.trafficClass = trafficClass
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.tcpControlBits = tcpControlBits
        self.ingressInterface = ingressInterface
        self.egressInterface = egressInterface
        self.vrf = vrf
        self.egressVRF = egressVRF
        self.forwardingStatus = forwardingStatus
        self.packets = packets
        self.octets = octets
        self.startMilliseconds = startMilliseconds
        self.endMilliseconds = endMilliseconds
        self.endReason = endReason
        self.labelStackEntry = labelStackEntry
        self.egressLabelStackEntry = egressLabelStackEntry
    }
}
