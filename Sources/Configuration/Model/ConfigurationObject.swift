import Addressing

/// Everything in a configuration that has a place in the text of its own.
public enum ConfigurationObject: Hashable, Sendable {
    case hostname
    case dataplane
    case labelRange
    case labelBlock
    case labelSpace(String)
    case port(PortName)
    case vrf(String)
    case interface(InterfaceName)
    case interfaceAddress(InterfaceName, InterfaceAddress)
    case accessGroup(InterfaceName, AddressFamily, TrafficDirection)
    case servicePolicy(InterfaceName, TrafficDirection)
    case objectGroup(String)
    case accessList(AddressFamily, String)
    case accessListEntry(AddressFamily, String, sequence: UInt32)
    case prefixList(AddressFamily, String)
    case classMap(String)
    case policyMap(String)
    case tableMap(String)
    case routeMapEntry(routeMap: String, sequence: UInt16)
    case policyClass(policyMap: String, className: String)
    case flowExporter(String)
    case flowMonitor(String)
    case bgp
    case peerGroup(String)
    case neighbor(NeighborName)
    case vrfFamily(VRFFamily)
    case loopback
    case defaultTableRoute(IPPrefix)
    case staticBinding(IPPrefix)
    /// Its first line.
    case multipointLabel(MPLSLabel)
    case udpTransport(IPPrefix)
    case optionAB(vrf: String, neighbor: IPAddress)
    case staticRoute(vrf: String, prefix: IPPrefix, nextHop: StaticNextHop)
}
