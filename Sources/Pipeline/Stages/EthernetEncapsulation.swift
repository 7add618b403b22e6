import CTableLayout
import ForwardingTables
import PacketFormats

/// What a frame's Ethernet header and VLAN tags say.
public enum EthernetEncapsulation {
    /// The interface record, the type of the payload and its offset in the frame.
    case interface(number: UInt16, etherType: UInt16, payloadOffset: Int)
    case malformed(DropReason)

    /// Reads up to two tags: the outer one with either protocol identifier, an inner one (0x8100) only where the VLAN
    /// map of the port says that the outer VLAN has a second level. VLAN 0 is a priority tag, that is, none
    /// (IEEE 802.1Q).
    @_noLocks @inline(__always)
    public init(of frame: UnsafeRawPointer, bytes: Int, port: UInt16, in tables: TablesReader) {
        guard bytes >= EthernetHeader.byteCount else {
            self = .malformed(.frameTooShort)
            return
        }
        let etherType = EthernetHeader(frame).etherType
        guard etherType == EtherType.customerVLAN || etherType == EtherType.serviceVLAN else {
            self.init(
                interface: tables.interface(untaggedOn: port), etherType: etherType,
                payloadOffset: EthernetHeader.byteCount)
            return
        }
        guard bytes >= EthernetHeader.byteCount &+ VLANTag.byteCount else {
            self = .malformed(.frameTooShort)
            return
        }
        let outer = VLANTag(frame + EthernetHeader.byteCount)
        let behindOuter = EthernetHeader.byteCount &+ VLANTag.byteCount
        let slot = tables.vlanSlot(port: port, vid: outer.identifier)
        guard slot.hasSecondLevel else {
            self.init(interface: slot.interface, etherType: outer.etherType, payloadOffset: behindOuter)
            return
        }
        guard outer.etherType == EtherType.customerVLAN, outer.identifier != 0 else {
            self.init(
                interface: tables.interface(untaggedBelow: slot), etherType: outer.etherType, payloadOffset: behindOuter
            )
            return
        }
        guard bytes >= behindOuter &+ VLANTag.byteCount else {
            self = .malformed(.frameTooShort)
            return
        }
        let inner = VLANTag(frame + behindOuter)
        self.init(
            interface: tables.interface(below: slot, vid: inner.identifier), etherType: inner.etherType,
            payloadOffset: behindOuter &+ VLANTag.byteCount)
    }

    @_noLocks @inline(__always)
    private init(interface: UInt32, etherType: UInt16, payloadOffset: Int) {
        self =
            interface == 0
            ? .malformed(.noInterfaceForVLAN)
            : .interface(
                number: UInt16(truncatingIfNeeded: interface), etherType: etherType, payloadOffset: payloadOffset)
    }
}
