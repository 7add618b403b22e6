import Addressing
import CTableLayout
import ForwardingTables

/// What the control process sends by the inject ring: frames that leave as they are, and packets that go through the
/// pipeline.
struct InjectedPackets {
    let control: ControlSegment
    let dataplane: DataplaneLink
    let tables: InstalledTables
    let counters: ControlPlaneCounters

    /// Sends a frame by an interface.
    func transmit(_ frame: [UInt8], by interface: NeighborInterface) {
        inject { consumer in
            frame.withUnsafeBytes {
                control.transmit($0, port: interface.port, counter: interface.number.rawValue, consumer: consumer)
            }
        }
    }

    /// Sends what the box says because of a packet that came in by an interface. It carries what that packet brought: of
    /// an NNI it goes back by that NNI, to a circuit or into the core, and to another NNI only where the VRF has transit; because of a
    /// packet from the core it goes anywhere.
    func say(_ answer: [UInt8], vrf: UInt16, becauseOf interface: InterfaceNumber) {
        forward(
            answer, vrf: vrf, becauseOf: interface, nni: nni(of: interface),
            flags: STILE_INJECT_ANSWER.rawValue
                | (side(of: interface) == .nni ? flags(ofPacketFrom: .nni, in: vrf) : 0)
        )
    }

    /// Sends a packet on that has waited for its neighbor.
    func forward(_ held: HeldPacket) {
        forward(
            held.packet, vrf: held.vrf, becauseOf: held.interface,
            flags: flags(ofPacketFrom: held.side, in: held.senderVRF))
    }

    /// Where packets of the interface come in: by a circuit of another operator's as by an NNI. Of one that is gone meanwhile nobody
    /// knows: on an NNI.
    func side(of number: InterfaceNumber) -> HeldPacket.Side {
        guard let interface = tables.plan.interface(numbered: number) else { return .nni }
        return switch interface.kind {
        case .attachmentCircuit: interface.leadsToOperator ? .nni : .circuit
        case .core, .coreUnit: .core
        case .nni, .unit: .nni
        }
    }

    /// `stile_inject_flags`.
    private func flags(ofPacketFrom side: HeldPacket.Side, in vrf: UInt16) -> UInt32 {
        switch side {
        case .circuit: return 0
        case .core: return STILE_INJECT_CAME_FROM_CORE.rawValue
        case .nni: break
        }
        let plan = tables.plan
        let allowsTransit = plan.vrfNames[vrf].flatMap { plan.vrfs[$0] }?.allowsTransit ?? false
        return STILE_INJECT_CAME_FROM_NNI.rawValue | (allowsTransit ? STILE_INJECT_MAY_TRANSIT.rawValue : 0)
    }

    /// The number of an interface's NNI, or of the circuit of another operator's; none where there is none.
    private func nni(of number: InterfaceNumber) -> InterfaceNumber {
        let plan = tables.plan
        guard let interface = plan.interface(numbered: number) else { return .none }
        return switch interface.kind {
        case .unit(let nni, _): plan.interfaces[nni]?.number ?? .none
        case .nni: number
        case .attachmentCircuit: interface.leadsToOperator ? number : .none
        case .core, .coreUnit: .none
        }
    }

    /// Of an interface that is gone meanwhile the number may be another's: then the packet counts on none.
    private func forward(
        _ packet: [UInt8], vrf: UInt16, becauseOf interface: InterfaceNumber, nni: InterfaceNumber = .none,
        flags: UInt32
    ) {
        let cause = tables.plan.interface(numbered: interface) == nil ? .none : interface
        inject { consumer in
            packet.withUnsafeBytes {
                control.forward(
                    $0, vrf: vrf, becauseOf: cause.rawValue, nni: nni.rawValue, flags: flags, consumer: consumer)
            }
        }
    }

    private func inject(_ write: (_ consumer: UInt64) -> Bool) {
        // Without a data plane nobody empties the ring: what was in it would come out stale, minutes later.
        guard dataplane.isAlive, let reader = dataplane.reader else { return }
        if !write(reader.injectConsumer) { counters.countFullInjectRing() }
    }
}
