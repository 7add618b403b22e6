import Addressing

/// The TUN device with what is needed to send the kernel's packets on: which NNI a destination is on.
struct KernelLink {
    private let device: TUNDevice
    private var subnets: [(subnet: IPPrefix, interface: InterfaceNumber)] = []
    private let buffer: UnsafeMutableRawBufferPointer

    /// No packet of the kernel is longer.
    private static let longestPacket = 65_536

    init(device: TUNDevice) {
        self.device = device
        buffer = .allocate(byteCount: Self.longestPacket, alignment: 16)
    }

    func deallocate() { buffer.deallocate() }

    /// Brings addresses and routes to the NNIs of the plan. Returns what the kernel refused.
    mutating func apply(_ plan: ForwardingPlan) -> [SystemCallError] {
        let links = plan.nnis.compactMap { plan.interfaces[$0] }.filter { !$0.isShutdown }
        subnets = links.flatMap { link in link.addresses.map { ($0.subnet, link.number) } }
            .sorted { ($1.0.length, $0.1) < ($0.0.length, $1.1) }
        return device.setAddresses(Set(links.flatMap(\.addresses)))
    }

    /// Calls `body` with each packet that the kernel has sent, at most `limit`, and the neighbor it is for: `nil` where
    /// the destination is on no NNI.
    func readPackets(limit: Int, _ body: ([UInt8], NeighborKey?) -> Void) {
        for _ in 0..<limit {
            guard let length = device.read(into: buffer) else { return }
            let packet = Array(UnsafeRawBufferPointer(rebasing: buffer[0..<min(length, buffer.count)]))
            body(packet, destination(of: packet).flatMap(neighbor))
        }
    }

    /// Hands a packet for one of the box's own addresses to the kernel.
    func deliver(_ packet: [UInt8]) -> Bool { device.write(packet) }

    private func neighbor(_ destination: IPAddress) -> NeighborKey? {
        subnets.first { $0.subnet.contains(destination) }.map {
            NeighborKey(interface: $0.interface, address: destination)
        }
    }

    private func destination(of packet: [UInt8]) -> IPAddress? {
        IPHeader.addresses(of: packet)?.destination
    }
}
