import Addressing
import PacketFormats
import Testing

@Suite struct EthernetFrameTests {
    private let destination = MACAddress(rawValue: 0x0200_0000_0001)
    private let source = MACAddress(rawValue: 0x0200_0000_0002)

    @Test func tagsStandBeforeTheType() throws {
        let tags = [
            EthernetFrame.Tag(protocolIdentifier: EtherType.serviceVLAN, identifier: 40),
            EthernetFrame.Tag(identifier: 50),
        ]
        let frame = EthernetFrame.octets(
            destination: destination, source: source, tags: tags, etherType: EtherType.arp, payload: [1, 2])
        #expect(frame.count == EthernetFrame.minimumByteCount)
        #expect(
            Array(frame[..<24]) == [
                2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xA8, 0, 40, 0x81, 0, 0, 50, 8, 6, 1, 2,
            ])
        let payload = try #require(EthernetFrame.payload(of: frame))
        #expect(payload.etherType == EtherType.arp)
        #expect(payload.octets.starts(with: [1, 2]))
    }

    @Test func longPayloadIsNotPadded() {
        let payload = [UInt8](repeating: 9, count: 100)
        let frame = EthernetFrame.octets(
            destination: destination, source: source, etherType: EtherType.ipv4, payload: payload)
        #expect(frame.count == 114)
        #expect(EthernetFrame.payload(of: frame)?.octets.elementsEqual(payload) == true)
    }

    @Test func frameThatEndsInATagHasNoPayload() {
        let frame = EthernetFrame.octets(
            destination: destination, source: source, tags: [.init(identifier: 7)], etherType: EtherType.ipv4,
            payload: [])
        for count in 0..<18 { #expect(EthernetFrame.payload(of: Array(frame.prefix(count))) == nil) }
    }
}
