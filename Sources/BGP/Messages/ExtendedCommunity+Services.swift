import Addressing

/// What extended communities of MCAST-VPN and EVPN routes say. The value is the low six octets.
extension ExtendedCommunity {
    /// Type and sub-type (IANA "BGP Extended Communities").
    private var code: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 48) }

    /// The low `count` octets.
    private func low(_ count: UInt64) -> UInt64 { rawValue & (1 << (8 * count) - 1) }

    /// A label field of three octets at the end.
    private var labelField: UInt32 { UInt32(truncatingIfNeeded: low(3)) }

    // MARK: Where labels are from (RFC 7902, RFC 9573)

    /// Additional PMSI Tunnel Attribute Flags (RFC 7902 §3), 48 of them, bit 0 the most significant; `nil` if it is not that.
    public var pmsiTunnelFlags: UInt64? { code == 0x0307 ? low(6) : nil }

    /// Bit 47 of those (RFC 9573 §6).
    public static let dcbFlag: UInt64 = 1

    /// What a Context-Specific Label Space ID names (RFC 9573 §4.1).
    public enum LabelSpaceIdentifier: Hashable, Sendable {
        /// ID-Type 0: a label of the DCB.
        case label(MPLSLabel)
        /// What no RFC has a meaning for.
        case unknown(idType: UInt16)
    }

    /// `nil` if it is no such community; of both types, transitive or not.
    public var labelSpaceIdentifier: LabelSpaceIdentifier? {
        guard code == 0x0308 || code == 0x4308 else { return nil }
        let idType = UInt16(truncatingIfNeeded: rawValue >> 32)
        guard idType == 0, let label = MPLSLabel(rawValue: UInt32(truncatingIfNeeded: low(4)) >> 12) else {
            return .unknown(idType: idType)
        }
        return .label(label)
    }

    // MARK: EVPN

    /// An ESI Label (RFC 7432 §7.5).
    public struct SegmentLabel: Hashable, Sendable {
        /// Whether one PE at a time serves the segment.
        public let isSingleActive: Bool
        /// A label in the upper 20 bits.
        public let labelField: UInt32
        /// `nil` for zero: there is none.
        public var label: MPLSLabel? { labelField >> 4 == 0 ? nil : MPLSLabel(rawValue: labelField >> 4) }
    }

    public var segmentLabel: SegmentLabel? {
        guard code == 0x0601 else { return nil }
        return SegmentLabel(isSingleActive: rawValue >> 40 & 1 == 1, labelField: labelField)
    }

    /// The PE whose VRF a route of its customers leads to (RFC 6514 §7), with a number of its own; `nil` if it is not that.
    public var vrfRouteImport: (provider: IPv4Address, number: UInt16)? {
        guard code == 0x010b else { return nil }
        return (
            IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue >> 16)), UInt16(truncatingIfNeeded: rawValue)
        )
    }

    /// The tunnel type of an encapsulation community (RFC 9012 §4.1); `nil` if it is not that.
    public var encapsulation: UInt16? { code == 0x030c ? UInt16(truncatingIfNeeded: rawValue) : nil }

    /// IANA "BGP Tunnel Encapsulation Attribute Tunnel Types": what stands for labels with them is a VNI (RFC 8365 §5.1.3).
    private static let encapsulationsOfVNIs: [UInt16: String] = [8: "vxlan", 9: "nvgre", 12: "vxlan-gpe", 19: "geneve"]

    /// Those in which labels are labels: MPLS, and MPLS in GRE and in UDP.
    private static let encapsulationsOfMPLS: Set<UInt16> = [10, 11, 13]

    /// Whether the encapsulation is one of MPLS.
    public var saysMPLS: Bool { encapsulation.map(Self.encapsulationsOfMPLS.contains) ?? false }

    /// Whether the encapsulation is one of VNIs.
    public var saysVNIs: Bool { encapsulation.map(Self.isOfVNIs) ?? false }

    static func isOfVNIs(encapsulation: UInt16) -> Bool { encapsulationsOfVNIs[encapsulation] != nil }

    /// What a person reads; `nil` for communities of other kinds.
    var serviceDescription: String? {
        if let label = segmentLabel {
            return "esi-label \(label.labelField >> 4)\(label.isSingleActive ? " single-active" : "")"
        }
        if let flags = pmsiTunnelFlags { return "pmsi-flags \(flags & Self.dcbFlag != 0 ? "dcb" : "0x" + hex(flags))" }
        switch labelSpaceIdentifier {
        case .label(let label)?: return "label-space \(label)"
        case .unknown(let idType)?: return "label-space type \(idType)"
        case nil: break
        }
        if let word = encapsulation.flatMap({ Self.encapsulationsOfVNIs[$0] }) { return "encapsulation \(word)" }
        if let (provider, number) = vrfRouteImport { return "vrf-import \(provider):\(number)" }
        return otherServiceDescription
    }

    private var otherServiceDescription: String? {
        switch code {
        // RFC 7432 §7.7: the lowest bit of the flags is "sticky".
        case 0x0600: "mac-mobility \(low(4))\(rawValue >> 40 & 1 == 1 ? " sticky" : "")"
        case 0x0602: "es-import \(octets(6))"
        case 0x0603: "router-mac \(octets(6))"
        // RFC 8214 §3.1: control flags and the layer 2 MTU.
        case 0x0604: "l2-attributes 0x\(hex(rawValue >> 32 & 0xffff)) mtu \(rawValue >> 16 & 0xffff)"
        // RFC 8317 §5: the lowest bit of the flags is "leaf", the label that of leaves.
        case 0x0605:
            "e-tree\(rawValue >> 40 & 1 == 1 ? " leaf" : "")\(labelField >> 4 == 0 ? "" : " label \(labelField >> 4)")"
        // RFC 8584 §2.2.
        case 0x0606: "df-election \(rawValue >> 40 & 0x1f)"
        case 0x030d: "default-gateway"
        // RFC 6514 §6, RFC 7153: an AS of two octets, or of four.
        case 0x0009: "source-as \(rawValue >> 32 & 0xffff)"
        case 0x0209: "source-as \(rawValue >> 16 & 0xffff_ffff)"
        // RFC 7524 §4: the next segmentation point.
        case 0x0112: "segmented-next-hop \(IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue >> 16)))"
        default: nil
        }
    }

    private func hex(_ number: UInt64) -> String { String(number, radix: 16) }

    private func octets(_ count: UInt64) -> String {
        (0..<count).reversed().map { index in
            let octet = rawValue >> (8 * index) & 0xff
            return (octet < 16 ? "0" : "") + hex(octet)
        }.joined(separator: ":")
    }
}
