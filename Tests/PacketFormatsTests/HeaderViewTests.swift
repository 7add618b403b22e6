import Addressing
import PacketFormats
import Testing

@Suite struct HeaderViewTests {
    private func withView<Value>(_ octets: [UInt8], _ body: (UnsafeRawPointer) -> Value) throws -> Value {
        try octets.withUnsafeBytes { body(try #require($0.baseAddress)) }
    }

    @Test func ethernet() throws {
        let octets: [UInt8] = [2, 0, 0, 0, 0, 1, 0x33, 0x44, 5, 6, 7, 8, 0x88, 0x47]
        let header = try withView(octets) {
            ($0.octet(at: 0), EthernetHeader($0).destination, EthernetHeader($0).source, EthernetHeader($0).etherType)
        }
        #expect(header.1 == MACAddress("02:00:00:00:00:01"))
        #expect(header.2 == MACAddress("33:44:05:06:07:08"))
        #expect(header.3 == EtherType.mpls)
        #expect(try withView(octets) { !EthernetHeader($0).isToGroup })
        #expect(try withView([1] + octets) { EthernetHeader($0).isToGroup })
    }

    @Test func vlanTag() throws {
        let tag = try withView([0xA1, 0x23, 0x08, 0x00]) {
            (VLANTag($0).identifier, VLANTag($0).priority, VLANTag($0).etherType)
        }
        #expect(tag == (0x123, 5, EtherType.ipv4))
    }

    @Test(
        arguments: [
            ([0x00, 0x3E, 0x91, 0x40], 1001, 0, true, 64),
            ([0xFF, 0xFF, 0xFE, 0xFF], 0xFFFFF, 7, false, 255),
            ([0x00, 0x00, 0x0A, 0x01], 0, 5, false, 1),
        ] as [([UInt8], UInt32, UInt8, Bool, UInt8)])
    func labelStackEntry(octets: [UInt8], label: UInt32, trafficClass: UInt8, isBottom: Bool, timeToLive: UInt8) throws
    {
        let entry = try withView(octets) { LabelStackEntry($0) }
        #expect(entry.label == label)
        #expect(entry.trafficClass == trafficClass)
        #expect(entry.isBottomOfStack == isBottom)
        #expect(entry.timeToLive == timeToLive)
        #expect(entry.octets == octets)
        let rebuilt = LabelStackEntry(
            label: label, trafficClass: trafficClass, isBottomOfStack: isBottom, timeToLive: timeToLive)
        #expect(rebuilt == entry)
    }

    @Test func ipv4() throws {
        let octets: [UInt8] = [
            0x46, 0xB8, 0x01, 0x02, 0x12, 0x34, 0x60, 0x05, 63, 17, 0xAB, 0xCD, 10, 1, 2, 3, 192, 0, 2, 1, 1, 1, 1, 0,
        ]
        try withView(octets) { base in
            let header = IPv4Header(base)
            #expect(header.version == 4)
            #expect(header.headerBytes == 24)
            #expect(header.trafficClassOctet == 0xB8)
            #expect(header.totalLength == 0x102)
            #expect(header.identification == 0x1234)
            #expect(!header.mayBeFragmented)
            #expect(header.isNonInitialFragment)
            #expect(header.timeToLive == 63)
            #expect(header.protocolNumber == IPProtocol.udp)
            #expect(header.headerChecksum == 0xABCD)
            #expect(header.source == IPv4Address("10.1.2.3"))
            #expect(header.destination == IPv4Address("192.0.2.1"))
        }
    }

    @Test(
        arguments: [
            ([1, 1, 1, 0], false), ([0, 131, 3, 4], false), ([7, 4, 4, 0], false), ([131, 3, 4, 0], true),
            ([137, 3, 4, 0], true), ([1, 131, 3, 4], true), ([7, 5, 4, 0], true), ([7, 1, 0, 0], true),
            ([1, 1, 1, 7], true),
        ] as [([UInt8], Bool)])
    func ipv4Options(options: [UInt8], isRefused: Bool) throws {
        let octets = [0x46] + [UInt8](repeating: 0, count: 19) + options
        #expect(try withView(octets) { IPv4Header($0).hasSourceRouteOrMalformedOptions } == isRefused)
    }

    @Test func ipv6() throws {
        let source = [UInt8](0..<16)
        let destination = [UInt8](16..<32)
        let octets: [UInt8] = [0x6B, 0x8F, 0xFF, 0xFF, 0x01, 0x02, 58, 255] + source + destination
        try withView(octets) { base in
            let header = IPv6Header(base)
            #expect(header.version == 6)
            #expect(header.trafficClassOctet == 0xB8)
            #expect(header.payloadLength == 0x102)
            #expect(header.nextHeader == IPProtocol.icmpv6)
            #expect(header.hopLimit == 255)
            #expect(header.source.octets == source)
            #expect(header.destination.octets == destination)
        }
    }

    @Test func transportPorts() throws {
        let ports = try withView([0x00, 0xB3, 0xC0, 0x01]) {
            (TransportPorts($0).source, TransportPorts($0).destination)
        }
        #expect(ports == (179, 0xC001))
    }

    @Test func numbersAtOddOffsets() throws {
        let octets = [UInt8](0..<24)
        try withView(octets) { base in
            #expect(base.networkUInt16(at: 1) == 0x0102)
            #expect(base.networkUInt32(at: 3) == 0x0304_0506)
            #expect(base.networkUInt64(at: 5) == 0x0506_0708_090A_0B0C)
            #expect(base.networkUInt128(at: 7) == 0x0708_090A_0B0C_0D0E_0F10_1112_1314_1516)
        }
    }
}
