import Dataplane
import Glibc
import Testing

@Suite struct ServiceNotificationTests {
    @Test func aMessageArrivesAsOneDatagram() throws {
        let path = "/tmp/stile-notify-\(getpid()).sock"
        let listener = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer {
            close(listener)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        #expect(ServiceNotification(socketPath: path, watchdogMicroseconds: nil).send("READY=1"))
        var octets = [UInt8](repeating: 0, count: 64)
        let count = recv(listener, &octets, octets.count, Int32(truncatingIfNeeded: MSG_DONTWAIT))
        #expect(count == 7)
        #expect(String(decoding: octets.prefix(max(count, 0)), as: UTF8.self) == "READY=1")
    }

    @Test(arguments: [nil, "", "/nowhere/at/all", String(repeating: "x", count: 200)])
    func nobodyListeningIsNoError(path: String?) {
        #expect(!ServiceNotification(socketPath: path, watchdogMicroseconds: nil).send("WATCHDOG=1"))
    }
}
