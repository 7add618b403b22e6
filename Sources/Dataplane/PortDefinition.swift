import CTableLayout

/// What the tables say of a port: how the data plane is to open it.
public struct PortDefinition: Equatable, Sendable {
    /// The configuration's name, for the log.
    public var name: String
    /// A PCI address, or a virtual device with its arguments.
    public var device: String
    /// Largest IP packet, octets.
    public var mtu: UInt16
    public var rxQueues: UInt16
    /// Per queue; 0: the data plane's choice.
    public var rxDescriptors: UInt16
    public var txDescriptors: UInt16
    /// Six octets; all zero for the device's own address.
    public var mac: [UInt8]
    /// Whether it is to carry traffic; a port that is shut down is closed.
    public var isEnabled: Bool

    public init(
        name: String, device: String, mtu: UInt16 = 1500, rxQueues: UInt16 = 1, rxDescriptors: UInt16 = 0,
        txDescriptors: UInt16 = 0, mac: [UInt8] = [0, 0, 0, 0, 0, 0], isEnabled: Bool = true
    ) {
        self.name = name
        self.device = device
        self.mtu = mtu
        self.rxQueues = rxQueues
        self.rxDescriptors = rxDescriptors
        self.txDescriptors = txDescriptors
        self.mac = mac
        self.isEnabled = isEnabled
    }

    /// `nil` for a slot that is not in use.
    public init?(_ port: stile_port) {
        guard port.flags & STILE_PORT_IN_USE.rawValue != 0 else { return nil }
        self.init(
            name: String(fixed: port.name), device: String(fixed: port.device), mtu: port.mtu,
            rxQueues: port.rx_queues, rxDescriptors: port.rx_descriptors, txDescriptors: port.tx_descriptors,
            mac: withUnsafeBytes(of: port.mac) { Array($0) },
            isEnabled: port.flags & STILE_PORT_SHUTDOWN.rawValue == 0)
    }
}
