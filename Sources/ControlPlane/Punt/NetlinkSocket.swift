import Glibc

/// A socket to the kernel's routing tables: one request at a time, each acknowledged.
final class NetlinkSocket {
    private let descriptor: Int32
    private var sequence: UInt32 = 0

    /// - Throws: ``SystemCallError`` if the kernel gives no such socket.
    init() throws {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallError(call: "socket(AF_NETLINK)") }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends a request and waits for its acknowledgement.
    /// - Throws: ``SystemCallError`` with the kernel's answer.
    func perform(_ request: NetlinkRequest, named name: String) throws {
        sequence &+= 1
        let octets = request.octets(sequence: sequence)
        guard send(descriptor, octets, octets.count, 0) == octets.count else { throw SystemCallError(call: name) }
        var answer = [UInt8](repeating: 0, count: 8192)
        while true {
            let length = recv(descriptor, &answer, answer.count, 0)
            guard length >= 20 else { throw SystemCallError(call: name) }
            let type = answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 4, as: UInt16.self) }
            let number = answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
            // NLMSG_ERROR is the acknowledgement, with error 0 for success.
            guard type == 2, number == sequence else { continue }
            let error = answer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
            guard error == 0 else { throw SystemCallError(call: name, number: 0 &- error) }
            return
        }
    }
}
