import Addressing

/// One `port` block: the device behind a port's name.
public struct Port: Equatable, Sendable {
    public let name: PortName
    public var device: PortDevice
    /// From 1.
    public var receiveQueues: UInt16 = 1
    /// The largest IP packet the device takes, in octets: room for Ethernet header, tags and label is added to it.
    /// `nil` for the default of 1500.
    public var mtuOctets: UInt16?
    /// `nil` for the device's own.
    public var macAddress: MACAddress?

    public init(name: PortName, device: PortDevice) {
        self.name = name
        self.device = device
    }
}

/// What the data plane opens for a port.
public enum PortDevice: Hashable, Sendable {
    /// A PCI function in canonical form, `0000:03:00.0`.
    case pci(String)
    /// The arguments of a DPDK virtual device, as `--vdev` takes them: `net_af_packet0,iface=veth0`.
    case virtual(String)
}
