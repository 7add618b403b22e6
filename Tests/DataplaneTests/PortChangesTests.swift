import CTableLayout
import Dataplane
import Testing

@Suite struct PortChangesTests {
    private func port(_ name: String, device: String = "net_null0", mtu: UInt16 = 1500, isEnabled: Bool = true)
        -> PortDefinition
    {
        PortDefinition(name: name, device: device, mtu: mtu, isEnabled: isEnabled)
    }

    @Test func newPortsAreOpened() {
        let changes = PortChanges(from: [:], to: [4: port("b"), 1: port("a")])
        #expect(changes.open == [1, 4])
        #expect(changes.close.isEmpty)
    }

    @Test func missingAndShutPortsAreClosed() {
        let changes = PortChanges(from: [1: port("a"), 4: port("b")], to: [4: port("b", isEnabled: false)])
        #expect(changes.close == [1, 4])
        #expect(changes.open.isEmpty)
    }

    @Test func whatIsTheSameStaysOpen() {
        #expect(PortChanges(from: [1: port("a")], to: [1: port("a")]).isEmpty)
        #expect(PortChanges(from: [1: port("a")], to: [1: port("another name")]).isEmpty)
    }

    @Test func aChangeIsCloseAndOpen() {
        let changes = PortChanges(from: [1: port("a")], to: [1: port("a", mtu: 9000)])
        #expect(changes.close == [1])
        #expect(changes.open == [1])
    }

    @Test func `a port whose device has gone is closed, and opened again if it is wanted`() {
        var changes = PortChanges(from: [1: port("a")], to: [1: port("a")])
        changes.reopen(1, isWanted: true)
        #expect(changes.close == [1] && changes.open == [1])
        changes.reopen(1, isWanted: true)
        #expect(changes.close == [1] && changes.open == [1])
        var shut = PortChanges(from: [1: port("a")], to: [1: port("a", isEnabled: false)])
        shut.reopen(1, isWanted: false)
        #expect(shut.close == [1] && shut.open.isEmpty)
    }

    @Test func `a device names the kernel's interface that it sits on`() throws {
        let loopback = try #require(KernelDevice(device: "net_af_packet_x,iface=lo,framesz=4096"))
        #expect(loopback.name == "lo")
        #expect(loopback.index != nil)
        #expect(KernelDevice(device: "net_af_packet_x,iface=nosuchinterface")?.index == nil)
        #expect(KernelDevice(device: "0000:ff:1f.7") == nil)
        #expect(KernelDevice(device: "net_memif0,role=server") == nil)
    }

    @Test func aDefinitionIsReadFromItsRecord() throws {
        var record = stile_port()
        #expect(PortDefinition(record) == nil)
        record.flags = STILE_PORT_IN_USE.rawValue | STILE_PORT_SHUTDOWN.rawValue
        withUnsafeMutableBytes(of: &record.name) { $0.copyBytes(from: "ten1/0".utf8) }
        // A name that fills its array has no NUL to end it.
        withUnsafeMutableBytes(of: &record.device) { $0.copyBytes(from: String(repeating: "x", count: 256).utf8) }
        withUnsafeMutableBytes(of: &record.mac) { $0.copyBytes(from: [2, 0, 0, 0, 0, 7]) }
        record.mtu = 9000
        record.rx_queues = 4
        record.rx_descriptors = 512
        record.tx_descriptors = 256
        let definition = try #require(PortDefinition(record))
        #expect(
            definition
                == PortDefinition(
                    name: "ten1/0", device: String(repeating: "x", count: 256), mtu: 9000, rxQueues: 4,
                    rxDescriptors: 512, txDescriptors: 256, mac: [2, 0, 0, 0, 0, 7], isEnabled: false))
    }
}
