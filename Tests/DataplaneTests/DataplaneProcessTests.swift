import CTableLayout
import ForwardingTables
import Foundation
import Pipeline
import Testing

/// The real program on capture files: frames in → frames out.
@Suite(.serialized) struct DataplaneProcessTests {
    private static func isUp(_ reader: DataplaneReader, _ port: Int) -> Bool {
        reader.portStatus(port)?.state == STILE_PORT_UP.rawValue
    }

    private static func state(_ reader: DataplaneReader, _ port: Int) -> UInt32? { reader.portStatus(port)?.state }

    private static func errorText(_ status: stile_port_status) -> String {
        withUnsafeBytes(of: status.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Customer → NNI and NNI → customer at once, each port polled by another worker. A capture file has one transmit
    /// queue, so that worker 1 hands the customer's frames over to worker 0, which has port 0's queue.
    @Test(arguments: [1, 2, 5]) func framesCross(workers: Int) throws {
        let captures = try CaptureFiles()
        let up = (0..<200).map { TestFrame.ipv4(from: [10, 1, 0, 9], to: [10, 2, 0, 7], number: $0) }
        let down = (0..<150).map { TestFrame.ipv4(from: [10, 2, 0, 7], to: [10, 1, 0, 9], number: $0, bytes: 300) }
        try captures.fill(
            0, with: up.map { TestFrame.ethernet(to: TestFrame.box, from: TestFrame.customer, type: 0x0800, $0) })
        try captures.fill(
            1,
            with: down.map {
                TestFrame.ethernet(
                    to: TestFrame.boxOnNNI, from: TestFrame.farEnd, type: 0x8847,
                    TestFrame.label(TestTables.labelIn, ttl: 60) + $0)
            })
        let tables = try TestTables(workers: workers, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == 200 && captures.sent(by: 0).count == 150 })

        let labelled = captures.sent(by: 1)
        let expectedIP = (0..<200).map { TestFrame.ipv4(from: [10, 1, 0, 9], to: [10, 2, 0, 7], number: $0, ttl: 63) }
        #expect(labelled.map { Array($0.dropFirst(18)) } == expectedIP)
        #expect(
            Set(labelled.map { Array($0.prefix(14)) })
                == [TestFrame.ethernet(to: TestFrame.farEnd, from: TestFrame.boxOnNNI, type: 0x8847, [])])
        #expect(
            Set(labelled.map { Array($0[14..<17]) }) == [Array(TestFrame.label(TestTables.labelOut, ttl: 0).prefix(3))])
        let plain = captures.sent(by: 0)
        #expect(
            Set(plain.map { Array($0.prefix(14)) })
                == [TestFrame.ethernet(to: TestFrame.customer, from: TestFrame.box, type: 0x0800, [])])
        #expect(plain.map { Array($0[26...].prefix(8)) } == down.map { Array($0[12..<20]) })

        let reader = try tables.reader()
        #expect(
            eventually {
                reader.counters(Int(TestTables.circuitCounter)).rxPackets == 200
                    && reader.counters(Int(TestTables.circuitCounter)).txPackets == 150
                    && reader.counters(Int(TestTables.unitCounter)).rxPackets == 150
                    && reader.counters(Int(TestTables.nniCounter)).txPackets == 200
            })
        #expect(child.end(by: SIGTERM) == 0)
        #expect(!reader.isAlive)
    }

    @Test func killedAndStartedItForwardsAtOnceWithoutTheControlProcess() throws {
        let captures = try CaptureFiles()
        try captures.fill(0, with: (0..<50).map(TestFrame.customers))
        let tables = try TestTables(ports: captures.devices)
        let first = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == 50 })
        #expect(first.end(by: SIGKILL) == -SIGKILL)
        captures.forget(1)
        let second = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == 50 })
        // Counters go on over the restart.
        let reader = try tables.reader()
        #expect(eventually { reader.counters(Int(TestTables.circuitCounter)).rxPackets == 100 })
        #expect(second.end(by: SIGINT) == 0)
    }

    @Test func oneInstanceOnly() throws {
        let captures = try CaptureFiles()
        let tables = try TestTables(ports: captures.devices)
        let first = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        let second = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(second.wait() == 1)
        #expect(second.output.contains("another process is running"))
        #expect(reader.isAlive)
        #expect(first.end(by: SIGTERM) == 0)
    }

    @Test func twoRunSideBySideAndLeaveNothing() throws {
        let captures = [try CaptureFiles(), try CaptureFiles()]
        for files in captures { try files.fill(0, with: [TestFrame.customers(1)]) }
        let tables = try captures.map { try TestTables(workers: 2, ports: $0.devices) }
        let children = try tables.map { try DataplaneChild(runtimeDirectory: $0.directory) }
        #expect(eventually { captures.allSatisfy { $0.sent(by: 1).count == 1 } })
        let directories = children.map(\.environmentDirectory)
        #expect(Set(directories).count == 2)
        // Not even one that is killed.
        #expect(children.map { $0.end(by: $0 === children[0] ? SIGTERM : SIGKILL) } == [0, -SIGKILL])
        #expect(!directories.contains { FileManager.default.fileExists(atPath: $0) })
        // Their directories go with them.
        withExtendedLifetime(tables) {}
    }

    @Test func itWaitsForTheControlProcess() throws {
        let captures = try CaptureFiles()
        try captures.fill(0, with: [TestFrame.customers(1)])
        let directory = TestTables.newDirectory()
        let listener = try DatagramListener()
        let child = try DataplaneChild(
            runtimeDirectory: directory, environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "2000000"])
        #expect(eventually { child.output.contains("waiting for the tables of stiled") })
        // So that nobody who starts it waits for the other one.
        #expect(eventually { Set(listener.received()).isSuperset(of: ["READY=1", "WATCHDOG=1"]) })
        let tables = try TestTables(directory: directory, ports: captures.devices)
        #expect(eventually { captures.sent(by: 1).count == 1 })
        #expect(tables.control.currentGeneration == 1)
        #expect(child.end(by: SIGTERM) == 0)
    }

    @Test func anotherLayoutIsRefused() throws {
        let tables = try TestTables(ports: [:])
        let control = try FileHandle(forUpdating: URL(fileURLWithPath: "\(tables.directory)/control"))
        try control.seek(toOffset: 8)
        try control.write(contentsOf: Data([99, 0, 0, 0]))
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(child.wait() == 1)
        #expect(child.output.contains("layout version 99, this program has layout version \(STILE_LAYOUT_VERSION)"))
        // Whose owner lives; what nobody holds is waited for.
        withExtendedLifetime(tables) {}
    }

    @Test func theServiceManagerHearsOfIt() throws {
        let captures = try CaptureFiles()
        let tables = try TestTables(workers: 2, ports: captures.devices)
        let listener = try DatagramListener()
        let child = try DataplaneChild(
            runtimeDirectory: tables.directory,
            environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "2000000"])
        #expect(eventually { listener.received().contains("READY=1") })
        #expect(eventually { listener.received().contains("WATCHDOG=1") })
        #expect(child.end(by: SIGTERM) == 0)
        #expect(listener.received().last == "STOPPING=1")
    }

    @Test func aPortThatCannotBeOpenedLeavesTheOthersAlone() throws {
        let captures = try CaptureFiles()
        try captures.fill(0, with: [TestFrame.customers(1)])
        var devices = captures.devices
        devices[2] = "net_af_packet_test,iface=nosuchinterface"
        devices[3] = "0000:ff:1f.7"
        devices[4] = "net_nonsense0"
        let tables = try TestTables(ports: devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == 1 })
        let reader = try tables.reader()
        for port in 2...4 {
            let status = try #require(reader.portStatus(port))
            #expect(status.state == STILE_PORT_FAILED.rawValue)
            #expect(Self.errorText(status).contains("no driver opens the device"))
        }
        #expect(Self.isUp(reader, 0))
        #expect(child.output.contains("port ten1/2: not open"))
        #expect(child.end(by: SIGTERM) == 0)
    }

    @Test func portsComeAndGoWhileItRuns() throws {
        let captures = try CaptureFiles()
        let tables = try TestTables(workers: 2, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        #expect(eventually { Self.isUp(reader, 0) && Self.isUp(reader, 1) })
        #expect(Self.state(reader, 2) == STILE_PORT_ABSENT.rawValue)

        try captures.fill(2, with: [])
        try tables.setPort(2, device: captures.device(2))
        #expect(eventually { Self.isUp(reader, 2) })
        try tables.setPort(2, device: captures.device(2), isShutDown: true)
        #expect(eventually { Self.state(reader, 2) == STILE_PORT_DOWN.rawValue })
        try tables.setPort(2, device: captures.device(2), mac: [2, 0, 0, 0, 0, 9])
        #expect(eventually { Self.isUp(reader, 2) })
        #expect(withUnsafeBytes(of: try #require(reader.portStatus(2)).mac) { Array($0) } == [2, 0, 0, 0, 0, 9])

        try captures.fill(
            3,
            with: [
                TestFrame.ethernet(
                    to: TestFrame.box, from: TestFrame.customer, type: 0x0800, [UInt8](repeating: 0, count: 46))
            ])
        try tables.setPort(3, device: captures.device(3), counter: 9)
        // No interface is there: the frame is counted as the port's.
        #expect(
            eventually {
                reader.counters(9).drops[Int(DropReason.noInterfaceForVLAN.rawValue)] == 1
            })
        #expect(child.end(by: SIGTERM) == 0)
    }

    @Test func generationsChangeOver() throws {
        let captures = try CaptureFiles()
        let tables = try TestTables(workers: 2, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        #expect(reader.generationInUse == 1)
        try tables.publishNextGeneration(workers: 2, ports: captures.devices)
        #expect(eventually { reader.generationInUse == 2 })
        #expect(reader.worker(0)?.generation.value == 2)
        #expect(reader.worker(1)?.generation.value == 2)
        // The ports are the same and stay open.
        #expect(!child.output.contains("closed"))
        #expect(child.end(by: SIGTERM) == 0)
    }

    @Test func jumboFramesCross() throws {
        let captures = try CaptureFiles()
        let packets = (0..<20).map {
            TestFrame.ipv4(from: [10, 1, 0, 9], to: [10, 2, 0, 7], number: $0, bytes: 8996)
        }
        try captures.fill(
            0, with: packets.map { TestFrame.ethernet(to: TestFrame.box, from: TestFrame.customer, type: 0x0800, $0) })
        let tables = try TestTables(mtu: 9000, ports: captures.devices)
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        #expect(eventually { captures.sent(by: 1).count == 20 })
        #expect(captures.sent(by: 1).allSatisfy { $0.count == 8996 + 18 })
        #expect(child.end(by: SIGTERM) == 0)
    }

    @Test func puntedAndInjectedFramesPass() throws {
        let captures = try CaptureFiles()
        let request = TestFrame.ethernet(
            to: [255, 255, 255, 255, 255, 255], from: TestFrame.customer, type: 0x0806,
            [0, 1, 8, 0, 6, 4, 0, 1] + TestFrame.customer + [10, 1, 0, 9] + [0, 0, 0, 0, 0, 0] + [10, 1, 0, 1]
                + [UInt8](repeating: 0, count: 18))
        try captures.fill(0, with: [request])
        let tables = try TestTables(ports: captures.devices)
        // What waits from before the start is not sent.
        request.withUnsafeBytes {
            #expect(
                tables.control.transmit($0, port: 1, counter: TestTables.nniCounter, consumer: 0))
        }
        let child = try DataplaneChild(runtimeDirectory: tables.directory)
        let reader = try tables.reader()
        #expect(eventually { reader.worker(0)?.punted.0 == 1 })

        let frame = TestFrame.ethernet(
            to: TestFrame.farEnd, from: TestFrame.boxOnNNI, type: 0x0806, [UInt8](repeating: 7, count: 46))
        let packet = TestFrame.ipv4(from: [10, 1, 0, 1], to: [10, 2, 0, 7], number: 1)
        frame.withUnsafeBytes {
            #expect(
                tables.control.transmit(
                    $0, port: 1, counter: TestTables.nniCounter, consumer: reader.injectConsumer))
            // A port that cannot be.
            #expect(
                tables.control.transmit($0, port: 9999, counter: 0, consumer: reader.injectConsumer))
        }
        packet.withUnsafeBytes {
            #expect(
                tables.control.forward(
                    $0, vrf: TestTables.vrf, becauseOf: 0, nni: 0, flags: 0, consumer: reader.injectConsumer))
        }
        #expect(eventually { captures.sent(by: 1).count == 2 })
        #expect(captures.sent(by: 1).contains(frame))
        // What the box makes keeps its TTL.
        #expect(captures.sent(by: 1).contains { Array($0.dropFirst(18)) == packet })
        let status = try #require(reader.worker(0))
        #expect(status.injected == 2)
        #expect(status.inject_invalid == 1)
        #expect(child.end(by: SIGTERM) == 0)
    }
}
