import Addressing
import Glibc

/// The kernel's end of the box's own addresses on its NNIs, or on the circuits of one VRF: a TUN device that carries whole IP
/// packets without any header in front. BGP's TCP runs in the kernel, on sockets that are bound to it.
///
/// With an Ethernet address it is a TAP device, which carries frames: what a routing engine on the host has for a core interface.
///
/// Needs CAP_NET_ADMIN to be made. The device is gone when the process is, unless it was told to outlive it: then the next one
/// that makes it takes it up with what it has, and programs on the host only see its link go and come.
public final class TUNDevice {
    /// The name that the kernel gave it.
    public let name: String
    /// Its file descriptor, non-blocking.
    public let descriptor: Int32
    /// The kernel's number of it.
    let interfaceIndex: UInt32
    private let netlink: NetlinkSocket
    private var addresses: Set<InterfaceAddress>
    private var routes: Set<IPPrefix>
    private var mtu: UInt16
    private var hardwareAddress: MACAddress?

    /// Numbers of `linux/if_tun.h` and `linux/if.h`.
    private enum Number {
        static let setInterface: UInt = 0x4004_54CA
        static let setPersistent: UInt = 0x4004_54CB
        static let setCarrier: UInt = 0x4004_54E2
        static let tunWithoutPacketInformation: Int16 = 0x0001 | 0x1000
        static let tapWithoutPacketInformation: Int16 = 0x0002 | 0x1000
        static let nameBytes = 16
        static let requestBytes = 40
    }

    /// Makes the device and brings it up.
    /// - Parameters:
    ///   - mtu: octets of the largest IP packet.
    ///   - hardwareAddress: of a TAP device.
    /// - Throws: ``SystemCallError``.
    public init(name: String, mtu: UInt16, hardwareAddress: MACAddress? = nil) throws {
        guard name.utf8.count < Number.nameBytes else {
            throw SystemCallError(call: "name \(name)", number: ENAMETOOLONG)
        }
        let netlink = try NetlinkSocket()
        let isNew = if_nametoindex(name) == 0
        let descriptor = try Self.openCloneDevice()
        do {
            let actualName = try Self.attach(
                descriptor, name: name,
                hardwareAddress == nil ? Number.tunWithoutPacketInformation : Number.tapWithoutPacketInformation)
            let contents = isNew ? DeviceContents() : DeviceContents(ofDevice: actualName)
            let index = if_nametoindex(actualName)
            guard index != 0 else { throw SystemCallError(call: "if_nametoindex \(actualName)") }
            try netlink.perform(
                .bringUp(interfaceIndex: index, mtu: UInt32(mtu), hardwareAddress: hardwareAddress),
                named: "bring up \(actualName)")
            self.name = actualName
            self.descriptor = descriptor
            self.interfaceIndex = index
            self.netlink = netlink
            self.mtu = mtu
            self.hardwareAddress = hardwareAddress
            addresses = contents.addresses
            routes = contents.routes
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// A descriptor that is no device's yet.
    private static func openCloneDevice() throws -> Int32 {
        let descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallError(call: "open /dev/net/tun") }
        return descriptor
    }

    /// Makes the descriptor a device's of this kind and returns the name that the kernel gave it.
    private static func attach(_ descriptor: Int32, name: String, _ kind: Int16) throws -> String {
        var request = [UInt8](repeating: 0, count: Number.requestBytes)
        request.replaceSubrange(0..<name.utf8.count, with: name.utf8)
        request.withUnsafeMutableBytes {
            $0.storeBytes(of: kind, toByteOffset: Number.nameBytes, as: Int16.self)
        }
        guard ioctl(descriptor, Number.setInterface, &request) == 0 else {
            throw SystemCallError(call: "TUNSETIFF \(name)")
        }
        return String(decoding: request[0..<Number.nameBytes].prefix { $0 != 0 }, as: UTF8.self)
    }

    deinit { close(descriptor) }

    /// Removes a TAP device that an earlier process left; nothing where there is none.
    /// - Throws: ``SystemCallError``.
    static func removeTAP(_ name: String) throws {
        guard if_nametoindex(name) != 0 else { return }
        let descriptor = try openCloneDevice()
        defer { close(descriptor) }
        _ = try attach(descriptor, name: name, Number.tapWithoutPacketInformation)
        if let failure = setPersistent(false, descriptor, name) { throw failure }
    }

    /// Whether the device is there when the process is gone. Returns what failed.
    func setOutlivesProcess(_ outlives: Bool) -> SystemCallError? { Self.setPersistent(outlives, descriptor, name) }

    private static func setPersistent(_ isPersistent: Bool, _ descriptor: Int32, _ name: String) -> SystemCallError? {
        ioctl(descriptor, Number.setPersistent, isPersistent ? 1 : 0) == 0
            ? nil : SystemCallError(call: "TUNSETPERSIST \(name)")
    }

    /// Gives the device these addresses and no others; those it has already are left alone, so that connections over
    /// them live on. All are tried; what failed is returned.
    public func setAddresses(_ wanted: Set<InterfaceAddress>) -> [SystemCallError] {
        var failures: [SystemCallError] = []
        let left = addresses.subtracting(wanted)
        for address in left {
            let failure = perform(.remove(address, interfaceIndex: interfaceIndex), "remove address \(address)")
            if let failure { failures.append(failure) } else { addresses.remove(address) }
        }
        // With the first IPv4 address of a subnet the kernel takes the others of that, too.
        for address in left.isEmpty ? wanted.subtracting(addresses) : wanted {
            let failure = perform(.add(address, interfaceIndex: interfaceIndex), "add address \(address)")
            if let failure { failures.append(failure) } else { addresses.insert(address) }
        }
        // With the last address of a family its routes went, too.
        if !left.isEmpty { routes = [] }
        return failures
    }

    /// Changes the octets of the largest packet. Returns what failed.
    func setMTU(_ new: UInt16) -> SystemCallError? {
        guard new != mtu else { return nil }
        let failure = perform(.bringUp(interfaceIndex: interfaceIndex, mtu: UInt32(new)), "set mtu \(new)")
        if failure == nil { mtu = new }
        return failure
    }

    /// Changes the Ethernet address of a TAP device. Returns what failed.
    func setHardwareAddress(_ new: MACAddress) -> SystemCallError? {
        guard new != hardwareAddress else { return nil }
        let failure = perform(
            .bringUp(interfaceIndex: interfaceIndex, mtu: UInt32(mtu), hardwareAddress: new), "set address \(new)")
        if failure == nil { hardwareAddress = new }
        return failure
    }

    /// Lets programs on the host see whether there is a link. Returns what failed.
    func setCarrier(_ isThere: Bool) -> SystemCallError? {
        var carrier: Int32 = isThere ? 1 : 0
        return ioctl(descriptor, Number.setCarrier, &carrier) == 0
            ? nil : SystemCallError(call: "TUNSETCARRIER \(name)")
    }

    /// Lets the kernel send to these prefixes by the device and, of what it was told here before, to no others. All are
    /// tried; what failed is returned. The addresses that the kernel takes for its own packets are to be there already.
    func setRoutes(_ wanted: Set<IPPrefix>) -> [SystemCallError] {
        var failures: [SystemCallError] = []
        for prefix in routes.subtracting(wanted) {
            // One that is gone already, with the last address of its family for instance, is what was wanted.
            _ = perform(.remove(routeTo: prefix, interfaceIndex: interfaceIndex), "remove route \(prefix)")
            routes.remove(prefix)
        }
        for prefix in wanted.subtracting(routes) {
            let failure = perform(.add(routeTo: prefix, interfaceIndex: interfaceIndex), "add route \(prefix)")
            if let failure { failures.append(failure) } else { routes.insert(prefix) }
        }
        return failures
    }

    private func perform(_ request: NetlinkRequest, _ what: String) -> SystemCallError? {
        do {
            try netlink.perform(request, named: "\(what) dev \(name)")
            return nil
        } catch {
            return error as? SystemCallError ?? SystemCallError(call: what, number: EIO)
        }
    }

    /// One packet, or frame of a TAP device, that the kernel sends; `nil` if there is none now.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let length = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        return length > 0 ? length : nil
    }

    /// Hands one IP packet, or frame to a TAP device, to the kernel; `false` if it had no room for it.
    public func write(_ packet: [UInt8]) -> Bool {
        Glibc.write(descriptor, packet, packet.count) == packet.count
    }
}
