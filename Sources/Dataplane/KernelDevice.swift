import Glibc

/// The kernel's interface that a virtual device sits on: what comes back under its name is another one.
public struct KernelDevice: Equatable {
    public let name: String

    /// - Parameter device: as the tables name it, such as `net_af_packet0,iface=eth1`; `nil` if it names no interface.
    public init?(device: String) {
        let argument = "iface="
        guard let value = device.split(separator: ",").first(where: { $0.hasPrefix(argument) }) else { return nil }
        name = String(value.dropFirst(argument.count))
    }

    /// The kernel's number of it now; `nil` while there is no interface of that name.
    public var index: UInt32? {
        let index = if_nametoindex(name)
        return index == 0 ? nil : index
    }
}
