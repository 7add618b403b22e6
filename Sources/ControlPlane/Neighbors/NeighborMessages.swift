import Addressing

extension NeighborTable {
    /// A frame with an ARP or neighbor discovery message that came in on an interface. Whatever is malformed, not
    /// meant for the box or not to be believed changes nothing.
    public mutating func receive(frame octets: [UInt8], interface number: UInt16, now: Duration) -> [NeighborEffect] {
        guard let interface = interfaces[number], let frame = EthernetFrame(octets) else { return [] }
        switch frame.etherType {
        case EtherType.arp:
            guard let message = ARPMessage(frame.payload) else { return [] }
            return receive(message, on: interface, now: now)
        case EtherType.ipv6:
            guard let message = IPv6Packet(frame.payload).flatMap(NeighborDiscoveryMessage.init) else { return [] }
            return receive(message, from: frame.source, on: interface, now: now)
        default: return []
        }
    }

    // MARK: ARP

    /// RFC 826 "Packet Reception", with the address conflict rules of RFC 5227 §2.4.
    private mutating func receive(
        _ message: ARPMessage, on interface: NeighborInterface, now: Duration
    ) -> [NeighborEffect] {
        let sender = NeighborKey(interface: interface.number, address: .ipv4(message.sender))
        guard message.senderHardware != interface.hardwareAddress else { return [] }
        if interface.owns(sender.address) {
            return defend(sender, against: message.senderHardware, on: interface, now: now)
        }
        let asksForUs = message.operation == .request && interface.owns(.ipv4(message.target))
        var effects: [NeighborEffect] = []
        if canLearn(sender, hardwareAddress: message.senderHardware) {
            // Only who asks for the box is entered anew; everything else updates what is there.
            if entries[sender] == nil, asksForUs, hasRoom(on: interface.number) {
                insert(sender, NeighborEntry(state: .incomplete, confirmed: now, isWanted: false, deadline: now))
            }
            effects += learn(sender, hardwareAddress: message.senderHardware, as: .reachable, now: now)
        }
        let isProbe = message.sender.rawValue == 0
        let mayAnswer = isProbe || interface.ownAddress(towards: sender.address) != nil
        if asksForUs, mayAnswer, !message.senderHardware.isGroup {
            let reply = ARPMessage(
                operation: .reply, senderHardware: interface.hardwareAddress, sender: message.target,
                targetHardware: message.senderHardware, target: message.sender)
            effects.append(
                transmission(
                    on: interface, to: message.senderHardware, etherType: EtherType.arp, payload: reply.octets))
        }
        return effects
    }

    // MARK: Neighbor discovery

    private mutating func receive(
        _ message: NeighborDiscoveryMessage, from frameSource: MACAddress, on interface: NeighborInterface,
        now: Duration
    ) -> [NeighborEffect] {
        guard frameSource != interface.hardwareAddress else { return [] }
        switch message.kind {
        case .solicitation: return receiveSolicitation(message, from: frameSource, on: interface, now: now)
        case .advertisement(_, let solicited, let override):
            let key = NeighborKey(interface: interface.number, address: .ipv6(message.target))
            if interface.owns(key.address) {
                return defend(key, against: frameSource, on: interface, now: now)
            }
            return receiveAdvertisement(
                of: key, hardwareAddress: message.linkLayerAddress, solicited: solicited, override: override, now: now)
        }
    }

    /// RFC 4861 §7.2.3, §7.2.4.
    private mutating func receiveSolicitation(
        _ message: NeighborDiscoveryMessage, from frameSource: MACAddress, on interface: NeighborInterface,
        now: Duration
    ) -> [NeighborEffect] {
        guard interface.owns(.ipv6(message.target)), !interface.owns(.ipv6(message.source)), !frameSource.isGroup
        else { return [] }
        var effects: [NeighborEffect] = []
        let sender = NeighborKey(interface: interface.number, address: .ipv6(message.source))
        if let address = message.linkLayerAddress, canLearn(sender, hardwareAddress: address) {
            if entries[sender] == nil, hasRoom(on: interface.number) {
                insert(sender, NeighborEntry(state: .incomplete, confirmed: now, isWanted: false, deadline: now))
            }
            // An entry that is confirmed with the same address stays confirmed.
            if entries[sender]?.state != .reachable || entries[sender]?.hardwareAddress != address {
                effects += learn(sender, hardwareAddress: address, as: .stale, now: now)
            }
        }
        let isDetection = message.source.rawValue == 0
        let destination = isDetection ? Self.allNodes : message.source
        let reply = NeighborDiscoveryMessage(
            kind: .advertisement(isRouter: true, solicited: !isDetection, override: true), source: message.target,
            destination: destination, target: message.target, linkLayerAddress: interface.hardwareAddress)
        let hardware = isDetection ? MACAddress(multicastOf: destination) : message.linkLayerAddress ?? frameSource
        effects.append(
            transmission(on: interface, to: hardware, etherType: EtherType.ipv6, payload: reply.packet.octets))
        return effects
    }

    /// RFC 4861 §7.2.5. An advertisement never makes an entry.
    private mutating func receiveAdvertisement(
        of key: NeighborKey, hardwareAddress: MACAddress?, solicited: Bool, override: Bool, now: Duration
    ) -> [NeighborEffect] {
        guard let entry = entries[key] else { return [] }
        guard let address = hardwareAddress ?? entry.hardwareAddress, canLearn(key, hardwareAddress: address) else {
            return []
        }
        let isUnknown = !entry.state.isUsable
        let differs = entry.hardwareAddress != address
        if !isUnknown, differs, !override {
            guard entry.state == .reachable else { return [] }
            entries[key]?.state = .stale
            entries[key]?.deadline = now + timing.stale
            schedule(now + timing.stale)
            return []
        }
        if isUnknown, hardwareAddress == nil { return [] }
        guard solicited || differs || isUnknown else { return [] }
        return learn(key, hardwareAddress: address, as: solicited ? .reachable : .stale, now: now)
    }

    // MARK: Sending

    static let allNodes = IPv6Address(rawValue: 0xFF02 << 112 | 1)

    /// A request for a neighbor's address, by multicast or to the address that is to be confirmed.
    func solicitation(for key: NeighborKey, to known: MACAddress?) -> NeighborEffect? {
        guard let interface = interfaces[key.interface], let own = interface.ownAddress(towards: key.address) else {
            return nil
        }
        switch (own.address, key.address) {
        case (.ipv4(let source), .ipv4(let target)):
            let request = ARPMessage(
                operation: .request, senderHardware: interface.hardwareAddress, sender: source,
                targetHardware: MACAddress(rawValue: 0), target: target)
            return transmission(
                on: interface, to: known ?? .broadcast, etherType: EtherType.arp, payload: request.octets)
        case (.ipv6(let source), .ipv6(let target)):
            let destination = known == nil ? target.solicitedNode : target
            let request = NeighborDiscoveryMessage(
                kind: .solicitation, source: source, destination: destination, target: target,
                linkLayerAddress: interface.hardwareAddress)
            return transmission(
                on: interface, to: known ?? MACAddress(multicastOf: destination), etherType: EtherType.ipv6,
                payload: request.packet.octets)
        default: return nil
        }
    }

    /// An unsolicited announcement of an own address.
    func announcement(of address: IPAddress, on interface: NeighborInterface) -> NeighborEffect {
        switch address {
        case .ipv4(let own):
            let message = ARPMessage(
                operation: .request, senderHardware: interface.hardwareAddress, sender: own,
                targetHardware: MACAddress(rawValue: 0), target: own)
            return transmission(on: interface, to: .broadcast, etherType: EtherType.arp, payload: message.octets)
        case .ipv6(let own):
            let message = NeighborDiscoveryMessage(
                kind: .advertisement(isRouter: true, solicited: false, override: true), source: own,
                destination: Self.allNodes, target: own, linkLayerAddress: interface.hardwareAddress)
            return transmission(
                on: interface, to: MACAddress(multicastOf: Self.allNodes), etherType: EtherType.ipv6,
                payload: message.packet.octets)
        }
    }

    /// Announces an own address that somebody else claims, at most once in ``NeighborTiming/defence``: two boxes that
    /// both defend must not do it in a loop.
    private mutating func defend(
        _ own: NeighborKey, against other: MACAddress, on interface: NeighborInterface, now: Duration
    ) -> [NeighborEffect] {
        if let last = defended[own], now - last < timing.defence { return [] }
        defended[own] = now
        return [
            announcement(of: own.address, on: interface),
            .conflict(interface: interface.number, address: own.address, with: other),
        ]
    }

    private func transmission(
        on interface: NeighborInterface, to destination: MACAddress, etherType: UInt16, payload: [UInt8]
    ) -> NeighborEffect {
        let frame = EthernetFrame(
            destination: destination, source: interface.hardwareAddress, tags: interface.tags, etherType: etherType,
            payload: payload)
        return .transmit(interface: interface.number, frame: frame.octets)
    }
}
