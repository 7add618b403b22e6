import Addressing

/// Addresses can be used, are of a family that the VRF carries, and no two interfaces share a subnet: not in a VRF,
/// whose loopbacks are on no link, and not among the NNIs and the core's, where a neighbor's address must lead to one of them.
struct AddressCheck: ConfigurationCheck {
    private let interfaces: [(name: InterfaceName, draft: InterfaceDraft)]
    private let vrfs: [String: VRFDraft]
    private let loopback: LoopbackDraft?
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        interfaces = text.interfaces
        vrfs = text.draft.vrfs
        loopback = text.draft.loopback
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        var circuitsByVRF: [String: [PlacedAddress]] = [:]
        var outsideVRFs: [PlacedAddress] = []
        for (name, interface) in interfaces {
            for address in interface.addresses {
                report.record(.interfaceAddress(name, address.value), at: address.range)
                checkUsable(address)
                let placed = PlacedAddress(owner: name.description, address: address.value, range: address.range)
                if interface.labelledLine != nil {
                    outsideVRFs.append(placed)
                } else if let vrf = interface.vrf {
                    circuitsByVRF[vrf.value, default: []].append(placed)
                    references.check(address.value.address.family, isCarriedBy: vrf.value, at: address.range)
                }
            }
        }
        for (name, vrf) in vrfs {
            for (family, loopback) in vrf.loopbacks.sorted(by: { $0.key < $1.key }) {
                guard let address = InterfaceAddress(loopback.value, prefixLength: family.bits) else { continue }
                checkUsable(Located(value: address, range: loopback.range))
                references.check(family, isCarriedBy: name, at: loopback.range)
                circuitsByVRF[name, default: []].append(
                    PlacedAddress(owner: "the loopback", address: address, range: loopback.range))
            }
        }
        for (family, own) in loopback?.addresses.sorted(by: { $0.key < $1.key }) ?? [] {
            guard let address = InterfaceAddress(own.value, prefixLength: family.bits) else { continue }
            checkUsable(Located(value: address, range: own.range))
            outsideVRFs.append(PlacedAddress(owner: "loopback0", address: address, range: own.range))
        }
        checkOverlaps(outsideVRFs, place: "among the NNIs and the core's")
        for (vrf, addresses) in circuitsByVRF.sorted(by: { $0.key < $1.key }) {
            checkOverlaps(addresses, place: "in VRF '\(vrf)'")
        }
    }

    private func checkUsable(_ address: Located<InterfaceAddress>) {
        let isUsable: Bool
        switch address.value.address {
        case .ipv4(let own):
            let hostBits = 32 - UInt32(address.value.prefixLength)
            // RFC 3021: with one host bit or none, every address is a host's.
            let hostMask: UInt32 = hostBits < 2 || hostBits > 31 ? 0 : (1 << hostBits) - 1
            let host = own.rawValue & hostMask
            isUsable = own.isUnicast && hostBits < 32 && (hostMask == 0 || host != 0 && host != hostMask)
        case .ipv6(let own):
            isUsable = own.isGlobalUnicast && address.value.prefixLength > 0
        }
        guard !isUsable else { return }
        report(
            .unusableAddress, "\(address.value) is no address of an interface", at: address.range,
            expected: ["a host's unicast address with its subnet's length"])
    }

    private struct PlacedAddress {
        /// An interface, or the VRF as a whole.
        let owner: String
        let address: InterfaceAddress
        let range: SourceRange
    }

    /// Prefixes lie inside each other or apart. Sorted by address and length, a prefix that overlaps an earlier one lies
    /// inside the last one that lay inside no other.
    private func checkOverlaps(_ addresses: [PlacedAddress], place: String) {
        let sorted = addresses.sorted {
            ($0.address.subnet, $0.range.line, $0.range.octets.lowerBound)
                < ($1.address.subnet, $1.range.line, $1.range.octets.lowerBound)
        }
        var owners: [IPAddress: PlacedAddress] = [:]
        var outer: PlacedAddress?
        for current in sorted {
            if let owner = owners[current.address.address] {
                let (first, second) = owner.range.line <= current.range.line ? (owner, current) : (current, owner)
                report(
                    .duplicateAddress, "\(first.owner) has this address \(place) already", at: second.range)
            } else if let outer, outer.owner != current.owner,
                outer.address.subnet.contains(current.address.subnet)
            {
                let (first, second) = outer.range.line <= current.range.line ? (outer, current) : (current, outer)
                report(
                    .overlappingSubnets,
                    "\(second.address.subnet) overlaps \(first.address.subnet) of \(first.owner) \(place)",
                    at: second.range, hint: "one subnet belongs to one interface")
            }
            owners[current.address.address] = owners[current.address.address] ?? current
            if outer.map({ !$0.address.subnet.contains(current.address.subnet) }) ?? true { outer = current }
        }
    }
}
