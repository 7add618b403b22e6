import Addressing
import BGP
import Glibc
import Logging

/// The kernel's links: that of the NNIs and the core, and one for each VRF with BGP neighbors, whose addresses may be those of another
/// (docs/decisions/customers-bgp.md).
final class KernelLinks {
    /// The name of the device of the NNIs; `nil`: the kernel is given no link.
    private let name: String?
    private let logger: Logger
    /// By VRF; `nil` is the default table.
    private var links: [VRFNumber?: KernelLink] = [:]
    /// Those that could not be made, each reported once.
    private var failed: Set<VRFNumber?> = []
    /// The links in the order of ``polled``.
    private var polledVRFs: [VRFNumber?] = []
    /// What poll(2) takes, with all links: one system call tells which of them have something.
    private var polled: [pollfd] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: longestPacket, alignment: 16)

    /// No packet of the kernel is longer.
    private static let longestPacket = 65_536

    init(name: String?, logger: Logger) {
        self.name = name
        self.logger = logger
    }

    deinit { buffer.deallocate() }

    /// Whether BGP with neighbors of the VRF, or of the default table, has a link.
    func hasLink(of vrf: VRFNumber?) -> Bool { links[vrf] != nil }

    /// The links of VRFs whose packets the kernel drops where its own way back to their source is by another: equal addresses
    /// are what these links are for. Each device is told not to; the word for all of them is not ours.
    var strictReversePathDevices: [String] {
        let devices = links.filter { $0.key != nil }.map(\.value.name)
        if devices.isEmpty || ReversePathFilter.isStrict(of: "all") { return devices }
        return devices.filter(ReversePathFilter.isStrict)
    }

    /// Makes and removes links for a plan, and brings the kernel's addresses and routes to it.
    func follow(_ plan: ForwardingPlan) {
        guard let name else { return }
        let wanted = plan.circuitsOfPeers
        for vrf in links.keys where vrf.map({ wanted[$0] == nil }) ?? false { links[vrf] = nil }
        follow(nil, (plan.nnis + plan.coreInterfaces).compactMap { plan.interfaces[$0] }, plan.core, name: name)
        for (vrf, circuits) in wanted.sorted(by: { $0.key < $1.key }) {
            follow(vrf, circuits, CorePlan(), name: AddressDomain(vrf: vrf, linkName: name).device)
        }
        let inOrder = links.map { (vrf: $0.key, descriptor: $0.value.descriptor) }.sorted {
            $0.descriptor < $1.descriptor
        }
        polledVRFs = inOrder.map(\.vrf)
        polled = inOrder.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    }

    private func follow(_ vrf: VRFNumber?, _ interfaces: [InterfacePlan], _ core: CorePlan, name: String) {
        if links[vrf] == nil {
            do {
                let link = try KernelLink(name: name, interfaces)
                if vrf != nil { ReversePathFilter.disable(for: link.name) }
                links[vrf] = link
                failed.remove(vrf)
            } catch {
                guard failed.insert(vrf).inserted else { return }
                logger.error(
                    "no TUN device \(name): BGP over its interfaces is not possible (CAP_NET_ADMIN is needed)",
                    metadata: ["error": "\(error)"])
                return
            }
        }
        for error in links[vrf]?.apply(interfaces, core) ?? [] {
            logger.error("the kernel refused an address", metadata: ["device": "\(name)", "error": "\(error)"])
        }
    }

    func close() {
        links = [:]
        polledVRFs = []
        polled = []
    }

    /// Hands a packet for one of the box's own addresses to the kernel.
    func deliver(_ packet: [UInt8], of vrf: VRFNumber?) -> Bool { links[vrf]?.deliver(packet) ?? false }

    /// Calls `body` with packets that the kernel has sent, at most `limit` of each link, and the neighbor that each is for.
    func readPackets(limit: Int, _ body: ([UInt8], NeighborKey?) -> Void) {
        guard !polled.isEmpty, poll(&polled, nfds_t(polled.count), 0) > 0 else { return }
        for index in polled.indices where polled[index].revents & Int16(POLLIN) != 0 {
            guard let link = links[polledVRFs[index]] else { continue }
            for _ in 0..<limit {
                guard let packet = link.read(into: buffer) else { break }
                body(packet, link.neighbor(for: packet))
            }
        }
    }
}

extension AddressDomain {
    /// That of a VRF with a link of its own.
    /// - Parameter linkName: the name of the device of the NNIs.
    init(vrf: VRFNumber, linkName: String) { self.init(vrf: vrf, device: "\(linkName).\(vrf.rawValue)") }
}

/// The kernel's check that the way back to a packet's source is by the device that it came in by (RFC 3704 §2.2), for IPv4.
enum ReversePathFilter {
    private static func path(_ device: String) -> String { "/proc/sys/net/ipv4/conf/\(device)/rp_filter" }

    /// Whether it is strict; of `all`: whether it is for all devices.
    static func isStrict(of device: String) -> Bool {
        let descriptor = open(path(device), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var octet: UInt8 = 0
        return read(descriptor, &octet, 1) == 1 && octet == UInt8(ascii: "1")
    }

    /// What cannot be written is found by ``isStrict(of:)`` later.
    static func disable(for device: String) {
        let descriptor = open(path(device), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, "0", 1)
        close(descriptor)
    }
}
