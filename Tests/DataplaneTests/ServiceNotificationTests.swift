import ServiceSupervision
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

    @Test func onlyWhoIsWatchedFeedsTheWatchdog() throws {
        let listener = try DatagramListener()
        let variables = ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "4711"]
        for (process, variables) in [
            (4711, variables), (4712, variables), (4711, variables.filter { $0.value != "30000000" }),
        ] {
            ServiceNotification.from(process: Int32(process)) { variables[$0] }.feedWatchdog()
        }
        // Where no process is named it is whoever hears of it.
        ServiceNotification.from(process: 4712) { $0 == "WATCHDOG_PID" ? nil : variables[$0] }.feedWatchdog()
        #expect(listener.received() == ["WATCHDOG=1", "WATCHDOG=1"])
    }
}
