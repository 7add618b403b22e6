import Dataplane
import Testing

@Suite struct ServiceNotificationTests {
    @Test func aMessageArrivesAsOneDatagram() throws {
        let listener = try DatagramListener()
        let notification = ServiceNotification(socketPath: listener.path, watchdogMicroseconds: nil)
        #expect(notification.send("READY=1"))
        #expect(notification.send("WATCHDOG=1"))
        #expect(listener.received() == ["READY=1", "WATCHDOG=1"])
    }

    @Test(arguments: [nil, "", "/nowhere/at/all", String(repeating: "x", count: 200)])
    func nobodyListeningIsNoError(path: String?) {
        #expect(!ServiceNotification(socketPath: path, watchdogMicroseconds: nil).send("WATCHDOG=1"))
    }
}
