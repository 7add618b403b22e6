import Addressing

extension PortDraft: StatementSubject {
    typealias Printed = Port
}

/// The statements of a `port` block.
enum PortStatements {
    static let table = StatementTable<PortDraft>([
        .line(
            "pci", help: "the PCI function of its NIC", example: "pci 0000:03:00.0",
            prints: .line { if case .pci(let address) = $0.device { "pci \(address)" } else { nil } }
        ) { line, port throws(Finding) in
            try line.assign(&port.device, .pci(try pciFunction(&line)))
        },
        .line(
            "device", help: "a virtual device of DPDK", example: "device net_af_packet0,iface=veth0",
            prints: .line {
                if case .virtual(let arguments) = $0.device { "device \(printed(word: arguments))" } else { nil }
            }
        ) { line, port throws(Finding) in
            try line.assign(&port.device, .virtual(try virtualDevice(&line)))
        },
        .line(
            "rx-queues", help: "how many queues its packets come in on", example: "rx-queues 2",
            prints: .line { $0.receiveQueues == 1 ? nil : "rx-queues \($0.receiveQueues)" }
        ) { line, port throws(Finding) in
            try line.assign(&port.receiveQueues, line.number("queues", in: 1...64))
        },
        .line(
            "mtu", help: "the longest IP packet that its interfaces may have, in octets", example: "mtu 9000",
            prints: .line { $0.mtuOctets.map { "mtu \($0)" } }
        ) { line, port throws(Finding) in
            try line.assign(&port.mtuOctets, line.number("octets", in: mtuRange))
        },
        .line(
            "mac-address", help: "an Ethernet address in place of the device's own",
            example: "mac-address 02:00:00:00:00:10", prints: .line { $0.macAddress.map { "mac-address \($0)" } }
        ) { line, port throws(Finding) in
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
