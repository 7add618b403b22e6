import Addressing

/// The statements of a `port` block.
enum PortStatements {
    static let table = StatementTable<PortDraft>([
        .line("pci") { line, port throws(Finding) in
            try line.assign(&port.device, .pci(try pciFunction(&line)))
        },
        .line("device") { line, port throws(Finding) in
            try line.assign(&port.device, .virtual(try virtualDevice(&line)))
        },
        .line("rx-queues") { line, port throws(Finding) in
            try line.assign(&port.receiveQueues, line.number("queues", in: 1...64))
        },
        .line("mtu") { line, port throws(Finding) in
            try line.assign(&port.mtuOctets, line.number("octets", in: mtuRange))
        },
        .line("mac-address") { line, port throws(Finding) in
            try line.assign(&port.macAddress, line.stationAddress().value)
        },
        .refused("speed", hint: "the port runs at the speed that the link negotiates"),
    ])

    /// From what every IPv6 link must carry (RFC 8200 §5) to what jumbo frames of common devices carry.
    static let mtuRange: ClosedRange<UInt16> = 1280...9600

    /// A PCI function as `domain:bus:device.function`, the domain optional.
    private static func pciFunction(_ line: inout LineReader) throws(Finding) -> String {
        let expected = "a PCI address, such as 0000:03:00.0"
        let token = try line.next(expected)
        let parts = token.folded.split(separator: ":", omittingEmptySubsequences: false)
        let full = parts.count == 2 ? ["0000"] + parts : parts
        guard full.count == 3, full[0].utf8.count == 4, full[1].utf8.count == 2,
            full[0].allSatisfy(\.isASCIIHexDigit), full[1].allSatisfy(\.isASCIIHexDigit)
        else { throw line.invalid(token, expected: expected) }
        let device = full[2].split(separator: ".", omittingEmptySubsequences: false)
        guard device.count == 2, device[0].utf8.count == 2, let slot = UInt8(device[0], radix: 16), slot < 32,
            device[0].allSatisfy(\.isASCIIHexDigit), canonicalNumber(device[1], as: UInt8.self) ?? 8 < 8
        else { throw line.invalid(token, expected: expected) }
        return full.joined(separator: ":")
    }

    private static func virtualDevice(_ line: inout LineReader) throws(Finding) -> String {
        let expected = "the arguments of a DPDK virtual device, such as net_af_packet0,iface=veth0"
        let token = try line.next(expected)
        // DPDK tells a virtual device by the driver's name in front: net_, then its number.
        guard token.text.hasPrefix("net_"), token.text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw line.invalid(
                token, expected: expected, hint: "a PCI device is named with 'pci 0000:03:00.0'")
        }
        return token.text
    }
}

extension Character {
    fileprivate var isASCIIHexDigit: Bool { isASCII && isHexDigit }
}
