import Addressing
import Glibc

/// What a device has that an earlier process made and that has outlived it: what is to be brought to a configuration which may be
/// another one by now.
package struct DeviceContents {
    /// But for link-local ones, which the kernel makes itself.
    private(set) var addresses: Set<InterfaceAddress> = []
    /// The routes that were made by us, which their priority tells.
    private(set) var routes: Set<IPPrefix> = []

    init() {}

    /// What cannot be read is taken for not there.
    init(ofDevice name: String) {
        addresses = Self.addresses(of: name)
        routes = Self.ipv4Routes(of: name, in: Self.lines(of: "/proc/self/net/route"))
            .union(Self.ipv6Routes(of: name, in: Self.lines(of: "/proc/self/net/ipv6_route")))
    }

    private static func addresses(of name: String) -> Set<InterfaceAddress> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: Set<InterfaceAddress> = []
        for entry in sequence(first: list, next: { $0?.pointee.ifa_next }) {
            guard let entry, String(cString: entry.pointee.ifa_name) == name, let address = entry.pointee.ifa_addr,
                let mask = entry.pointee.ifa_netmask, let own = interfaceAddress(address, mask: mask)
            else { continue }
            found.insert(own)
        }
        return found
    }

    private static func interfaceAddress(
        _ address: UnsafeMutablePointer<sockaddr>, mask: UnsafeMutablePointer<sockaddr>
    ) -> InterfaceAddress? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let octets = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
            let ones = UnsafeRawPointer(mask).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr.nonzeroBitCount
            return InterfaceAddress(.ipv4(IPv4Address(rawValue: UInt32(bigEndian: octets))), prefixLength: ones)
        case AF_INET6:
            var octets = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self).sin6_addr
            var bits = UnsafeRawPointer(mask).loadUnaligned(as: sockaddr_in6.self).sin6_addr
            let value = withUnsafeBytes(of: &octets) { $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
            let ones = withUnsafeBytes(of: &bits) { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
            let own = IPv6Address(rawValue: value)
            return own.isLinkLocal ? nil : InterfaceAddress(.ipv6(own), prefixLength: ones)
        default: return nil
        }
    }

    // MARK: proc(5)

    private static func lines(of path: String) -> [[Substring]] {
        guard let octets = try? DurableFile.read(path) else { return [] }
        return String(decoding: octets, as: UTF8.self).split(separator: "\n").map {
            $0.split { $0 == " " || $0 == "\t" }
        }
    }

    /// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`: addresses as numbers of the host's byte order in
    /// hexadecimal, the metric in decimal, which some kernels write as a signed one.
    package static func ipv4Routes(of name: String, in lines: [[Substring]]) -> Set<IPPrefix> {
        var routes: Set<IPPrefix> = []
        for fields in lines where fields.count >= 8 && fields[0] == name {
            guard let destination = UInt32(fields[1], radix: 16), let mask = UInt32(fields[7], radix: 16),
                let metric = Int64(fields[6]), UInt32(truncatingIfNeeded: metric) == NetlinkRequest.routePriority,
                let prefix = IPPrefix(
                    covering: .ipv4(IPv4Address(rawValue: UInt32(bigEndian: destination))), length: mask.nonzeroBitCount
                )
            else { continue }
            routes.insert(prefix)
        }
        return routes
    }

    /// `destination length source length next-hop metric references uses flags device`, all numbers in hexadecimal.
    package static func ipv6Routes(of name: String, in lines: [[Substring]]) -> Set<IPPrefix> {
        var routes: Set<IPPrefix> = []
        for fields in lines where fields.count >= 10 && fields[9] == name {
            guard let destination = UInt128(fields[0], radix: 16), let length = Int(fields[1], radix: 16),
                let metric = UInt32(fields[5], radix: 16), metric == NetlinkRequest.routePriority,
                let prefix = IPPrefix(covering: .ipv6(IPv6Address(rawValue: destination)), length: length)
            else { continue }
            routes.insert(prefix)
        }
        return routes
    }
}
