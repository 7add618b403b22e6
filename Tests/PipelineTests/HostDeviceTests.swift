import CTableLayout
import ForwardingTables
import Pipeline
import Testing

/// What a routing engine on the host hears on a core interface that has a device there, and what it does not.
@Suite struct HostDeviceTests {
    /// The core interface with this counter is on VLAN 500 of port 5.
    private static let core: UInt16 = 4
    private static let own: [UInt8] = [10, 98, 0, 2]
    private static let tag: [UInt8] = [0x81, 0x00, 0x01, 0xF4]
    private static let everybody: [UInt8] = [0x09, 0x00, 0x2B, 0x00, 0x00, 0x05]
    private static let allOSPFRouters: [UInt8] = [0x01, 0x00, 0x5E, 0x00, 0x00, 0x05]
    private static let groupOfIPv6: [UInt8] = [0x33, 0x33, 0x00, 0x00, 0x00, 0x05]

    /// The lab, with a device on the core interface or without.
    private static func lab(hasDevice: Bool = true) throws -> Lab {
        let lab = try Lab()
        let former = try #require(lab.interfaces[core])
        var record = lab.writer.reader.interfaces[Int(former)]
        if hasDevice { record.flags |= UInt8(STILE_FLAG_HOST_DEVICE.rawValue) }
        var services: [stile_local_service] = []
        for (number, local, remote) in [(89, 0, 0), (6, 646, 0), (6, 0, 646), (17, 646, 0)]
            as [(UInt8, UInt16, UInt16)]
        {
            var service = stile_local_service()
            service.family = 4
            service.protocol = number
            service.punt_class = PuntClass.hostDevice.rawValue
            service.local_port = local
            service.remote_port = remote
            if remote == 646 { service.use = UInt8(STILE_SERVICE_ESTABLISHED.rawValue) }
            withUnsafeMutableBytes(of: &service.local) { $0.copyBytes(from: own) }
            services.append(service)
        }
        // From a prefix that begins with zeros.
        services[0].remote_bits = 1
        if hasDevice {
            record.local_first = UInt16(try lab.writer.localServices.add(services))
            record.local_count = UInt16(services.count)
        }
        try lab.writer.vlans.setInterface(
            lab.writer.interfaces.add(record), at: VLANPosition(port: 5, outer: 500))
        return lab
    }

    private static func frame(to destination: [UInt8]?, type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        (destination ?? LabPlan.ownMAC(port: 5)) + [2, 0, 0, 0, 9, 9] + tag + [UInt8(type >> 8), UInt8(type & 0xFF)]
            + payload
    }

    private static func verdict(_ frame: [UInt8], hasDevice: Bool = true) throws -> Verdict {
        let lab = try lab(hasDevice: hasDevice)
        let outcome = try #require(lab.run([(5, frame)]).first)
        if outcome.verdict == .punt(.hostDevice) {
            #expect(outcome.punt?.octets == frame && outcome.punt?.counter == core)
        }
        return outcome.verdict
    }

    private static func ipv4(
        from source: UInt32 = 0x0A62_0001, _ destination: [UInt8], _ number: UInt8, _ payload: [UInt8],
        fragment: UInt16 = 0
    ) -> [UInt8] {
        var address: UInt32 = 0
        for octet in destination { address = address << 8 | UInt32(octet) }
        return PacketBuilder.ipv4(
            source: source, destination: address, timeToLive: 1, protocolNumber: number, fragment: fragment,
            payload: payload)
    }

    private static let hello: [UInt8] = [0xFE, 0xFE, 0x03] + [UInt8](repeating: 0x83, count: 47)

    @Test func `IS-IS goes to the engine, also where it is too long for a length`() throws {
        #expect(try Self.verdict(Self.frame(to: Self.everybody, type: 50, Self.hello)) == .punt(.hostDevice))
        let long = Self.hello + [UInt8](repeating: 0, count: 1600)
        #expect(try Self.verdict(Self.frame(to: Self.everybody, type: 0x8870, long)) == .punt(.hostDevice))
    }

    @Test func `other frames without IP do not`() throws {
        let cases: [(UInt16, [UInt8])] = [
            (50, [0x42, 0x42, 0x03] + Self.hello.dropFirst(3)), (51, Self.hello), (2, Self.hello), (1501, Self.hello),
            (0x88CC, Self.hello), (0x8870, [0x42, 0x42, 0x03]),
        ]
        for (type, payload) in cases {
            #expect(
                try Self.verdict(Self.frame(to: Self.everybody, type: type, payload)) == .drop(.etherTypeNotAccepted))
        }
    }

    @Test func `groups of the link go to the engine, and no others`() throws {
        let segment: [UInt8] = [0x02, 0x86, 0x02, 0x86, 0, 20, 0, 0] + [UInt8](repeating: 0, count: 12)
        func frame(_ group: [UInt8], _ number: UInt8) -> [UInt8] {
            Self.frame(to: Self.allOSPFRouters, type: 0x0800, Self.ipv4(group, number, segment))
        }
        #expect(try Self.verdict(frame([224, 0, 0, 5], 89)) == .punt(.hostDevice))
        #expect(try Self.verdict(frame([224, 0, 0, 2], 17)) == .punt(.hostDevice))
        #expect(try Self.verdict(frame([224, 0, 1, 5], 17)) == .drop(.notForThisMAC))
        #expect(try Self.verdict(frame([239, 1, 1, 1], 17)) == .drop(.notForThisMAC))
        #expect(try Self.verdict(frame(Self.own, 89)) == .drop(.notForThisMAC), "a unicast packet in a group frame")
        for (second, expected) in [(0x02, .punt(.hostDevice)), (0x05, .drop(.notForThisMAC))] as [(UInt8, Verdict)] {
            let group: [UInt8] = [0xFF, second] + [UInt8](repeating: 0, count: 13) + [5]
            let source: [UInt8] = [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [7]
            let packet = PacketBuilder.ipv6(
                source: source, destination: group, hopLimit: 1, nextHeader: 89, payload: segment)
            #expect(try Self.verdict(Self.frame(to: Self.groupOfIPv6, type: 0x86DD, packet)) == expected)
        }
    }

    @Test func `of what is sent to the box itself only routing protocols go there, and nothing that goes beyond it`()
        throws
    {
        func segment(_ source: UInt16, _ destination: UInt16) -> [UInt8] {
            [UInt8(source >> 8), UInt8(source & 0xFF), UInt8(destination >> 8), UInt8(destination & 0xFF)]
                + [UInt8](repeating: 0, count: 16)
        }
        func verdict(_ destination: [UInt8], _ number: UInt8, _ payload: [UInt8]) throws -> Verdict {
            try Self.verdict(Self.frame(to: nil, type: 0x0800, Self.ipv4(destination, number, payload)))
        }
        #expect(try verdict(Self.own, 89, segment(0, 0)) == .punt(.hostDevice))
        #expect(try verdict(Self.own, 6, segment(40000, 646)) == .punt(.hostDevice))
        #expect(try verdict(Self.own, 17, segment(646, 646)) == .punt(.hostDevice))
        #expect(try verdict(Self.own, 6, segment(40000, 22)) == .drop(.unlabelledFromCore))
        #expect(try verdict([203, 0, 113, 5], 89, segment(0, 0)) == .drop(.unlabelledFromCore))
        #expect(try verdict([203, 0, 113, 5], 6, segment(40000, 646)) == .drop(.unlabelledFromCore))
    }

    /// The flags are those of RFC 9293 §3.1.
    @Test func `from LDP's port comes what belongs to a connection, and nothing that opens one`() throws {
        func verdict(flags: UInt8, bytes: Int = 20, fragment: UInt16 = 0) throws -> Verdict {
            // From port 646 to port 22.
            var segment: [UInt8] = [0x02, 0x86, 0, 22] + [UInt8](repeating: 0, count: 16)
            segment[12] = 0x50
            segment[13] = flags
            let packet = Self.ipv4(Self.own, 6, Array(segment.prefix(bytes)), fragment: fragment)
            return try Self.verdict(Self.frame(to: nil, type: 0x0800, packet))
        }
        let (finish, synchronize, reset, acknowledgment): (UInt8, UInt8, UInt8, UInt8) = (1, 2, 4, 0x10)
        #expect(try verdict(flags: synchronize) == .drop(.unlabelledFromCore))
        #expect(try verdict(flags: synchronize | finish) == .drop(.unlabelledFromCore))
        #expect(try verdict(flags: 0) == .drop(.unlabelledFromCore))
        #expect(try verdict(flags: synchronize | acknowledgment) == .punt(.hostDevice))
        #expect(try verdict(flags: acknowledgment) == .punt(.hostDevice))
        #expect(try verdict(flags: reset) == .punt(.hostDevice))
        #expect(try verdict(flags: acknowledgment, bytes: 14) == .punt(.hostDevice))
        #expect(try verdict(flags: acknowledgment, bytes: 13) == .drop(.unlabelledFromCore), "without its flags")
        #expect(try verdict(flags: acknowledgment, fragment: 0x2000) == .drop(.unlabelledFromCore))
        #expect(try verdict(flags: acknowledgment, fragment: 1) == .drop(.unlabelledFromCore))
    }

    @Test func `a prefix that begins with zeros is not everybody`() throws {
        func verdict(from source: UInt32) throws -> Verdict {
            let packet = Self.ipv4(from: source, Self.own, 89, [UInt8](repeating: 0, count: 20))
            return try Self.verdict(Self.frame(to: nil, type: 0x0800, packet))
        }
        #expect(try verdict(from: 0x0A62_0001) == .punt(.hostDevice))
        #expect(try verdict(from: 0xC000_0201) == .drop(.unlabelledFromCore))
    }

    @Test func `without a device nothing does`() throws {
        let isis = Self.frame(to: Self.everybody, type: 50, Self.hello)
        #expect(try Self.verdict(isis, hasDevice: false) == .drop(.etherTypeNotAccepted))
        let ospf = Self.ipv4([224, 0, 0, 5], 89, [UInt8](repeating: 0, count: 20))
        let frame = Self.frame(to: Self.allOSPFRouters, type: 0x0800, ospf)
        #expect(try Self.verdict(frame, hasDevice: false) == .drop(.notForThisMAC))
    }
}
