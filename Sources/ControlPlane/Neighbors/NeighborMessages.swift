import Addressing
import PacketFormats

extension NeighborTable {
    /// A frame with an ARP or neighbor discovery message that came in on an interface. Whatever is malformed, not
    /// meant for the box or not to be believed changes nothing.
    public mutating func receive(frame octets: [UInt8], interface number: InterfaceNumber, now: Duration)
        -> [NeighborEffect]
    {
        guard let interface = interfaces[number], let payload = EthernetFrame.payload(of: octets),
            let source = MACAddress(octets: octets[6..<12])
        else { return [] }
        switch payload.etherType {
        case EtherType.arp:
            guard let packet = ARPPacket(parsing: payload.octets) else { return [] }
            return receive(packet, on: interface, now: now)
        case EtherType.ipv6:
            guard let packet = NeighborDiscoveryPacket(parsing: payload.octets) else { return [] }
            return receive(packet, from: source, on: interface, now: now)
        default: return []
        }
    }

    // MARK: ARP

    /// RFC 826 "Packet Reception", with the address conflict rules of RFC 5227 §2.4.
    private mutating func receive(
        _ message: ARPPacket, on interface: NeighborInterface, now: Duration
    ) -> [NeighborEffect] {
        let sender = NeighborKey(interface: interface.number, address: .ipv4(message.senderAddress))
        guard message.senderMAC != interface.hardwareAddress else { return [] }
        if interface.owns(sender.address) {
            return defend(sender, against: message.senderMAC, on: interface, now: now)
        }
        let asksForUs = message.operation == .request && interface.owns(.ipv4(message.targetAddress))
        var effects: [NeighborEffect] = []
        if canLearn(sender, hardwareAddress: message.senderMAC) {
            // Only who asks for the box is entered anew; everything else updates what is there.
            if entries[sender] == nil, asksForUs { effects += makeRoom(on: interface.number) }
            if entries[sender] == nil, asksForUs, hasRoom(on: interface.number) {
                insert(sender, NeighborEntry(state: .incomplete, confirmed: now, isWanted: false, deadline: now))
            }
            effects += learn(sender, hardwareAddress: message.senderMAC, as: .reachable, now: now)
        }
        let isProbe = message.senderAddress.rawValue == 0
        let mayAnswer = isProbe || interface.ownAddress(towards: sender.address) != nil
        if asksForUs, mayAnswer, !message.senderMAC.isGroup {
            let reply = message.reply(from: interface.hardwareAddress)
            effects.append(
                transmission(
                    on: interface, to: message.senderMAC, etherType: EtherType.arp, payload: reply.octets))
        }
        return effects
    }

    // MARK: Neighbor discovery

    private mutating func receive(
        _ packet: NeighborDiscoveryPacket, from frameSource: MACAddress, on interface: NeighborInterface,
        now: Duration
    ) -> [NeighborEffect] {
        guard frameSource != interface.hardwareAddress else { return [] }
        switch packet.message {
        case .routerSolicitation, .routerAdvertisement: return []
        case .neighborSolicitation(let target, let address):
            return receiveSolicitation(
                for: target, of: packet, sender: address, from: frameSource, on: interface, now: now)
        case .neighborAdvertisement(let advertisement):
            // RFC 4861 §7.1.2: what goes to a group answers nobody.
            guard !(packet.destination.isMulticast && advertisement.isSolicited) else { return [] }
            let key = NeighborKey(interface: interface.number, address: .ipv6(advertisement.target))
            if interface.owns(key.address) { return defend(key, against: frameSource, on: interface, now: now) }
            return receiveAdvertisement(advertisement, of: key, now: now)
        }
    }

    /// RFC 4861 §7.2.3, §7.2.4.
    private mutating func receiveSolicitation(
        for target: IPv6Address, of packet: NeighborDiscoveryPacket, sender senderMAC: MACAddress?,
        from frameSource: MACAddress, on interface: NeighborInterface, now: Duration
    ) -> [NeighborEffect] {
        guard interface.owns(.ipv6(target)), !interface.owns(.ipv6(packet.source)), !frameSource.isGroup else {
            return []
        }
        // RFC 4861 §7.1.1: duplicate address detection asks the solicited-node group.
        let isDetection = packet.source.rawValue == 0
        guard !isDetection || packet.destination == target.solicitedNode else { return [] }
        var effects: [NeighborEffect] = []
        let sender = NeighborKey(interface: interface.number, address: .ipv6(packet.source))
        if let senderMAC, canLearn(sender, hardwareAddress: senderMAC) {
            // Nobody is sent anything by his link-local address but whom a route names: he has an entry.
            let isNew = entries[sender] == nil && !packet.source.isLinkLocal
            if isNew { effects += makeRoom(on: interface.number) }
            if isNew, hasRoom(on: interface.number) {
                insert(sender, NeighborEntry(state: .incomplete, confirmed: now, isWanted: false, deadline: now))
            }
            // An entry that is confirmed with the same address stays confirmed.
            if entries[sender]?.state != .reachable || entries[sender]?.hardwareAddress != senderMAC {
                effects += learn(sender, hardwareAddress: senderMAC, as: .stale, now: now)
            }
        }
        let destination = isDetection ? Self.allNodes : packet.source
        let reply = NeighborDiscoveryPacket(
            source: target, destination: destination,
            message: .neighborAdvertisement(
                NeighborAdvertisement(
                    target: target, targetLinkLayerAddress: interface.hardwareAddress, isRouter: true,
                    isSolicited: !isDetection, overridesKnownAddress: true)))
        let hardware = isDetection ? MACAddress(multicastOf: destination) : senderMAC ?? frameSource
        effects.append(transmission(on: interface, to: hardware, etherType: EtherType.ipv6, payload: reply.octets))
        return effects
    }

    /// RFC 4861 §7.2.5. An advertisement never makes an entry.
    private mutating func receiveAdvertisement(
        _ advertisement: NeighborAdvertisement, of key: NeighborKey, now: Duration
    ) -> [NeighborEffect] {
        let hardwareAddress = advertisement.targetLinkLayerAddress
        let solicited = advertisement.isSolicited
        guard let entry = entries[key] else { return [] }
        guard let address = hardwareAddress ?? entry.hardwareAddress, canLearn(key, hardwareAddress: address) else {
            return []
        }
        let isUnknown = !entry.state.isUsable
        let differs = entry.hardwareAddress != address
        if !isUnknown, differs, !advertisement.overridesKnownAddress {
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
        guard let interface = interfaces[key.interface], let own = interface.ownAddress(towards: key.address),
            !withoutLink.contains(key.interface)
        else { return nil }
        switch (own.address, key.address) {
        case (.ipv4(let source), .ipv4(let target)):
            let request = ARPPacket(
                operation: .request, senderMAC: interface.hardwareAddress, senderAddress: source,
                targetMAC: MACAddress(rawValue: 0), targetAddress: target)
            return transmission(
                on: interface, to: known ?? .broadcast, etherType: EtherType.arp, payload: request.octets)
        case (.ipv6(let source), .ipv6(let target)):
            let destination = known == nil ? target.solicitedNode : target
            let request = NeighborDiscoveryPacket(
                source: source, destination: destination,
                message: .neighborSolicitation(
                    target: target, sourceLinkLayerAddress: interface.hardwareAddress))
            return transmission(
                on: interface, to: known ?? MACAddress(multicastOf: destination), etherType: EtherType.ipv6,
                payload: request.octets)
        default: return nil
        }
    }

    /// An unsolicited announcement of an own address.
    func announcement(of address: IPAddress, on interface: NeighborInterface) -> NeighborEffect {
        switch address {
        case .ipv4(let own):
            let message = ARPPacket(
                operation: .request, senderMAC: interface.hardwareAddress, senderAddress: own,
                targetMAC: MACAddress(rawValue: 0), targetAddress: own)
            return transmission(on: interface, to: .broadcast, etherType: EtherType.arp, payload: message.octets)
        case .ipv6(let own):
            let message = NeighborDiscoveryPacket(
                source: own, destination: Self.allNodes,
                message: .neighborAdvertisement(
                    NeighborAdvertisement(
                        target: own, targetLinkLayerAddress: interface.hardwareAddress, isRouter: true,
                        isSolicited: false, overridesKnownAddress: true)))
            return transmission(
                on: interface, to: MACAddress(multicastOf: Self.allNodes), etherType: EtherType.ipv6,
                payload: message.octets)
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
        let frame = EthernetFrame.octets(
            destination: destination, source: interface.hardwareAddress, tags: interface.tags, etherType: etherType,
            payload: payload)
        return .transmit(interface: interface.number, frame: frame)
    }
}
