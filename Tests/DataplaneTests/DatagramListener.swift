import Foundation

/// A service manager's notification socket. Removed with the object.
final class DatagramListener {
    let path = "/tmp/stile-notify-\(UUID().uuidString.prefix(8)).sock"
    private let descriptor: Int32
    private var messages: [String] = []

    init() throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Everything that has come so far, in order.
    func received() -> [String] {
        var octets = [UInt8](repeating: 0, count: 256)
        while case let count = recv(descriptor, &octets, octets.count, Int32(truncatingIfNeeded: MSG_DONTWAIT)),
            count > 0
        {
            messages.append(String(decoding: octets.prefix(count), as: UTF8.self))
        }
        return messages
    }
}
