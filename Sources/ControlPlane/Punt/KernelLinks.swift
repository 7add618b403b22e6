import Addressing
import BGP
import Glibc
import Logging

/// The kernel's links: that of the NNIs and the core, and one for each VRF with BGP neighbors, whose addresses may be those of
/// another (docs/decisions/customers-bgp.md).
final class KernelLinks {
    /// The name of the device of the NNIs; `nil`: the kernel is given no link.
    private let name: String?
    private let engine: RoutingEngine
    private let logger: Logger
    /// By VRF; `nil` is the default table.
    private var links: [VRFNumber?: KernelLink] = [:]
    /// Those of VRFs without neighbors any more, and until when they stay: what their sessions said at the end has to leave.
    private var leaving: [VRFNumber: Duration] = [:]
    /// Those that could not be made, each reported once.
    private var failed: Set<VRFNumber?> = []
    /// The links in the order of ``polled``.
    private var polledVRFs: [VRFNumber?] = []
    /// What poll(2) takes, with all links: one system call tells which of them have something.
    private var polled: [pollfd] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: longestPacket, alignment: 16)

    /// No packet of the kernel is longer.
    private static let longestPacket = 65_536
    /// How long a link stays that nothing needs any more.
    private static let lingerTime = Duration.seconds(2)

    init(name: String?, engine: RoutingEngine, logger: Logger) {
        self.name = name
        self.engine = engine
        self.logger = logger
    }

    deinit { buffer.deallocate() }

    /// That of the NNIs and the core as sockets are bound to it; `nil` without one.
    var defaultDomain: AddressDomain? { links[nil].map { AddressDomain(vrf: nil, device: $0.name) } }

    /// Whether BGP with neighbors of the VRF, or of the default table, has a link.
    func hasLink(of vrf: VRFNumber?) -> Bool { links[vrf] != nil }

    /// The links whose packets the kernel drops where its own way back to their source is by another: equal addresses are what
    /// several links are for. Each device is told not to; the word for all of them is not ours.
    var strictReversePathDevices: [String] {
        guard links.count > 1 else { return [] }
        let devices = links.values.map(\.name)
        return KernelSourceChecks.areStrict(on: "all") ? devices : devices.filter(KernelSourceChecks.areStrict)
    }

    /// Makes and removes links for a plan, and brings the kernel's addresses and routes to it.
    func follow(_ plan: ForwardingPlan, now: Duration) {
        guard let name else { return }
        let wanted = plan.circuitsOfPeers
        for vrf in links.keys.compactMap(\.self) where leaving[vrf] == nil && wanted[vrf] == nil {
            leaving[vrf] = now + Self.lingerTime
        }
        for vrf in wanted.keys { leaving[vrf] = nil }
        follow(nil, (plan.nnis + plan.coreInterfaces).compactMap { plan.interfaces[$0] }, plan, name: name)
        for (vrf, circuits) in wanted.sorted(by: { $0.key < $1.key }) {
            follow(vrf, circuits, plan, name: AddressDomain(vrf: vrf, linkName: name).device)
        }
        notePolled()
    }

    /// Closes links whose time is over.
    func closeLeft(now: Duration) {
        let over = leaving.filter { $0.value <= now }
        guard !over.isEmpty else { return }
        for vrf in over.keys {
            leaving[vrf] = nil
            links[vrf] = nil
        }
        notePolled()
    }

    private func notePolled() {
        let inOrder = links.map { (vrf: $0.key, descriptor: $0.value.descriptor) }.sorted {
            $0.descriptor < $1.descriptor
        }
        polledVRFs = inOrder.map(\.vrf)
        polled = inOrder.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    }

    private func follow(_ vrf: VRFNumber?, _ interfaces: [InterfacePlan], _ plan: ForwardingPlan, name: String) {
        if links[vrf] == nil {
            do {
                let link = try KernelLink(name: name, interfaces)
                KernelSourceChecks.relax(on: link.name)
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
        let core = vrf == nil ? plan.core : CorePlan()
        let linkLocalPeers = plan.circuitsOfLinkLocalPeers(in: vrf)
        for error in links[vrf]?.apply(interfaces, core, linkLocalPeers: linkLocalPeers) ?? [] {
            logger.error("the kernel refused an address", metadata: ["device": "\(name)", "error": "\(error)"])
        }
    }

    func close() {
        links = [:]
        leaving = [:]
        polledVRFs = []
        polled = []
    }

    /// Hands a packet for one of the box's own addresses to the kernel.
    func deliver(_ packet: [UInt8], of vrf: VRFNumber?) -> Bool { links[vrf]?.deliver(packet) ?? false }

    /// Calls `body` with packets that the kernel has sent, at most `limit` of each link, and the neighbor that each is for.
    func readPackets(limit: Int, _ body: ([UInt8], NeighborKey?) -> Void) {
        guard !polled.isEmpty, Glibc.poll(&polled, nfds_t(polled.count), 0) > 0 else { return }
        for index in polled.indices where polled[index].revents & Int16(POLLIN) != 0 {
            guard let link = links[polledVRFs[index]] else { continue }
            for _ in 0..<limit {
                guard let packet = link.read(into: buffer) else { break }
                body(packet, link.neighbor(for: packet, engine))
            }
        }
    }
}

extension AddressDomain {
    /// That of a VRF with a link of its own.
    /// - Parameter linkName: the name of the device of the NNIs.
    init(vrf: VRFNumber, linkName: String) { self.init(vrf: vrf, device: "\(linkName).\(vrf.rawValue)") }
}

/// What the kernel asks of the sources of packets that come in by a device, for IPv4: that the way back is by the device
/// (`rp_filter`, RFC 3704 §2.2), and that they are none of the host's own addresses. With the same addresses on several devices,
/// and with one VRF's neighbor having what is our own in another, neither is so.
enum KernelSourceChecks {
    /// Whether the way back is asked for; of `all`: on all devices.
    static func areStrict(on device: String) -> Bool {
        let descriptor = open(KernelSetting.path("rp_filter", "ipv4", device), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var octet: UInt8 = 0
        return read(descriptor, &octet, 1) == 1 && octet == UInt8(ascii: "1")
    }

    /// What cannot be written is found by ``areStrict(on:)`` later.
    static func relax(on device: String) {
        KernelSetting.assign("rp_filter", "ipv4", device, to: "0")
        KernelSetting.assign("accept_local", "ipv4", device, to: "1")
    }
}

/// What the kernel is told of a device by `/proc/sys/net`.
enum KernelSetting {
    static func path(_ name: String, _ family: String, _ device: String) -> String {
        "/proc/sys/net/\(family)/conf/\(device)/\(name)"
    }

    /// Says on the device's link nothing of the host's other addresses, in answers to ARP and in requests, and lets no
    /// router there give the host addresses or a way out: the configuration has them all. What cannot be written stays
    /// as it is.
    static func keepToItself(on device: String) {
        assign("arp_ignore", "ipv4", device, to: "1")
        assign("arp_announce", "ipv4", device, to: "2")
        assign("accept_ra", "ipv6", device, to: "0")
        assign("autoconf", "ipv6", device, to: "0")
    }

    /// - Parameter value: one digit.
    fileprivate static func assign(_ name: String, _ family: String, _ device: String, to value: String) {
        let descriptor = open(path(name, family, device), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, value, 1)
        close(descriptor)
    }
}
