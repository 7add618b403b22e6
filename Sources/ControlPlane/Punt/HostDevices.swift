import Addressing
import Glibc
import Logging
import PacketFormats

/// The devices by which a routing engine on the host, such as FRR, sends and receives on core interfaces: a TAP device for
/// each that says `host-device`, with the interface's Ethernet address, addresses and MTU. They outlive the process: for the
/// engine a restart of it is a link that goes and comes, and not another device.
///
/// On such an interface the kernel and the box both answer for the same addresses with the same Ethernet address, and each
/// resolves neighbors for itself: both hear ARP and neighbor discovery.
final class HostDevices {
    private struct Device {
        let tap: TUNDevice
        let interface: InterfaceNumber
        let port: UInt16
        let tags: [EthernetFrame.Tag]
        var hasCarrier = true
    }

    private let logger: Logger
    private let dataplane: DataplaneLink
    /// By name.
    private var devices: [String: Device] = [:]
    private var kept: KeptDevices
    /// Those that could not be made, each reported once.
    private var failed: Set<String> = []
    private var names: [InterfaceNumber: String] = [:]
    /// What poll(2) takes, and whose it is.
    private var polled: [pollfd] = []
    private var polledNames: [String] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: longestFrame, alignment: 16)

    /// No frame of the kernel is longer.
    private static let longestFrame = 65_536 + 14

    /// - Parameter path: of the file with the names of those that outlive the process.
    init(dataplane: DataplaneLink, path: String, logger: Logger) {
        self.dataplane = dataplane
        kept = KeptDevices(path: path, logger: logger)
        self.logger = logger
    }

    deinit { buffer.deallocate() }

    /// The interfaces by the kernel's numbers of their devices.
    var interfaces: [UInt32: InterfaceNumber] {
        var found: [UInt32: InterfaceNumber] = [:]
        for device in devices.values { found[device.tap.interfaceIndex] = device.interface }
        return found
    }

    /// Makes and removes devices for a plan, and brings the kernel's addresses to it.
    func follow(_ plan: ForwardingPlan) {
        var wanted: [String: InterfacePlan] = [:]
        for name in plan.coreInterfaces {
            guard let interface = plan.interfaces[name], let device = interface.hostDevice, !interface.isShutdown else {
                continue
            }
            wanted[device] = interface
        }
        kept.assign(kept.names.union(wanted.keys))
        for name in kept.names.union(devices.keys) where wanted[name] == nil { remove(name) }
        kept.assign(Set(wanted.keys))
        for (name, interface) in wanted.sorted(by: { $0.key < $1.key }) { follow(name, interface) }
        names = [:]
        for (name, device) in devices { names[device.interface] = name }
        polledNames = devices.keys.sorted()
        polled = polledNames.compactMap { devices[$0] }.map {
            pollfd(fd: $0.tap.descriptor, events: Int16(POLLIN), revents: 0)
        }
        followPorts()
    }

    private func remove(_ name: String) {
        do {
            if let device = devices.removeValue(forKey: name) {
                if let failure = device.tap.setOutlivesProcess(false) { throw failure }
            } else {
                try TUNDevice.removeTAP(name)
            }
        } catch {
            logger.error("a device is left on the host", metadata: ["device": "\(name)", "error": "\(error)"])
        }
    }

    private func follow(_ name: String, _ interface: InterfacePlan) {
        // Not known before the data plane has opened the port; a device that there is already stays.
        guard let hardwareAddress = interface.hardwareAddress else { return }
        let tap: TUNDevice
        do {
            tap =
                try devices[name]?.tap
                ?? TUNDevice(name: name, mtu: interface.mtu, hardwareAddress: hardwareAddress)
            failed.remove(name)
        } catch {
            guard failed.insert(name).inserted else { return }
            logger.error(
                "no TAP device \(name): a routing engine has no part in \(interface.name) (CAP_NET_ADMIN is needed)",
                metadata: ["error": "\(error)"])
            return
        }
        KernelSourceChecks.relax(on: name)
        KernelSetting.keepToItself(on: name)
        devices[name] = Device(
            tap: tap, interface: interface.number, port: interface.port, tags: interface.tags,
            hasCarrier: devices[name]?.hasCarrier ?? true)
        let failures = [
            // Of a device whose name is not on disk nobody would know.
            tap.setOutlivesProcess(kept.names.contains(name)), tap.setMTU(interface.mtu),
            tap.setHardwareAddress(hardwareAddress),
        ]
        for error in tap.setAddresses(Set(interface.addresses)) + failures.compactMap(\.self) {
            logger.error("the kernel refused a setting", metadata: ["device": "\(name)", "error": "\(error)"])
        }
    }

    /// Lets the engine see which ports have lost their link: it need not wait for its neighbors' hold time.
    func followPorts() {
        for (name, device) in devices {
            let hasCarrier = dataplane.isUsable(port: device.port)
            guard hasCarrier != device.hasCarrier else { continue }
            if let error = device.tap.setCarrier(hasCarrier) {
                logger.error("the kernel refused a setting", metadata: ["device": "\(name)", "error": "\(error)"])
            } else {
                devices[name]?.hasCarrier = hasCarrier
            }
        }
    }

    /// Gives what came in by an interface to its device; `false`: it has none, or there was no room.
    func deliver(_ frame: [UInt8], of interface: InterfaceNumber) -> Bool {
        guard let device = names[interface].flatMap({ devices[$0] }), let payload = EthernetFrame.payload(of: frame)
        else {
            return false
        }
        // Tags are the interface's matter.
        var untagged = Array(frame[0..<(EthernetHeader.byteCount - 2)])
        untagged += frame[(payload.octets.startIndex - 2)...]
        return device.tap.write(untagged)
    }

    /// Whether a device hears what comes in by an interface.
    func has(_ interface: InterfaceNumber) -> Bool { names[interface] != nil }

    /// Calls `body` with frames that the kernel has sent, at most `limit` of each device, and the interface that each leaves
    /// by; without a frame where that must not leave.
    func readFrames(limit: Int, _ body: ([UInt8]?, InterfaceNumber) -> Void) {
        guard !polled.isEmpty, Glibc.poll(&polled, nfds_t(polled.count), 0) > 0 else { return }
        for index in polled.indices where polled[index].revents & Int16(POLLIN) != 0 {
            guard let device = devices[polledNames[index]] else { continue }
            for _ in 0..<limit {
                guard let length = device.tap.read(into: buffer) else { break }
                let octets = UnsafeRawBufferPointer(rebasing: buffer[0..<min(length, buffer.count)])
                body(Self.frame(octets, tags: device.tags), device.interface)
            }
        }
    }

    /// The frame as it leaves; `nil`: it has no Ethernet header, or a tag of its own, by which it would leave on
    /// another interface of the port.
    private static func frame(_ octets: UnsafeRawBufferPointer, tags: [EthernetFrame.Tag]) -> [UInt8]? {
        guard octets.count >= EthernetHeader.byteCount else { return nil }
        let behindAddresses = EthernetHeader.byteCount - 2
        let etherType = UInt16(octets[behindAddresses]) << 8 | UInt16(octets[behindAddresses + 1])
        guard etherType != EtherType.customerVLAN, etherType != EtherType.serviceVLAN else { return nil }
        var frame = Array(octets[0..<behindAddresses])
        for tag in tags { frame += tag.octets }
        frame += octets[behindAddresses...]
        if frame.count < EthernetFrame.minimumByteCount {
            frame += [UInt8](repeating: 0, count: EthernetFrame.minimumByteCount - frame.count)
        }
        return frame
    }

    /// Leaves the devices to the next process.
    func close() {
        devices = [:]
        names = [:]
        polled = []
        polledNames = []
    }
}
