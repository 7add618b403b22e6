import Addressing
import BGP
import Routing
import SeededRandom

/// Does what the control process does with effects, and watches that their order keeps the rules of Option E.
final class Owner {
    struct Sent: Hashable {
        let attributes: PathAttributes
        let label: MPLSLabel
    }

    let table: RoutingTable
    var now = seconds(0)
    /// The tables as the effects have made them.
    private(set) var fib: [String: [IPPrefix: ForwardingAction]] = [:]
    /// What each far end has been sent and not been withdrawn.
    private(set) var sent: [PeerAddress: [VPNPrefix: Sent]] = [:]
    /// With all labels of those of VRFs.
    private(set) var sentStacks: [PeerAddress: [VPNPrefix: LabelStack]] = [:]
    /// The same of customers.
    private(set) var sentUnicast: [PeerAddress: [IPPrefix: PathAttributes]] = [:]
    /// The PEs that take MPLS over UDP.
    private(set) var tunnelProviders: Set<IPAddress> = []
    /// The labels of what neighbors have sent, which may be reflected or relayed.
    private var heard: [PeerAddress: [NLRI: LabelStack]] = [:]
    /// The same of routers that were told of the box's own addresses.
    private(set) var sentLabeled: [PeerAddress: [IPPrefix: Sent]] = [:]
    /// Which VPN routes each internal neighbor has been asked for.
    private(set) var sentTargets: [PeerAddress: [RouteTargetMembership: PathAttributes]] = [:]
    /// MVPN and EVPN routes.
    private(set) var sentSignalling: [PeerAddress: [NLRI: PathAttributes]] = [:]
    /// The ways to PEs as the effects have made them.
    private(set) var ways: [IPPrefix: [LabelledWay]] = [:]
    /// Labels that the data plane takes.
    private(set) var installed: Set<LabelBinding> = []
    /// Where the labels of relays lead.
    private(set) var swaps: [LabelBinding: SwapTarget] = [:]
    /// Where copies of the packets of labels go.
    private(set) var copies: [LabelBinding: [SwapTarget]] = [:]
    /// Where those of VRFs lead that are not the whole VRF's; `nil`: their packets are looked up.
    private(set) var labelWays: [LabelBinding: VRFWay?] = [:]
    private(set) var toInstall: [LabelBinding] = []
    private(set) var toRemove: [LabelBinding] = []
    private(set) var withOutput: Set<PeerAddress> = []
    private(set) var endOfRIBSent: [PeerAddress: Set<AddressFamilyIdentifier>] = [:]
    var refreshRequests: [(PeerAddress, AddressFamilyIdentifier)] = []
    private(set) var log: [RoutingLogEvent] = []
    private(set) var resets: [PeerAddress: SessionResetReason] = [:]
    private(set) var violations: [String] = []
    private(set) var isConverged = false
    private(set) var saved = LabelAllocations()
    private var inputs = RoutingInputs(autonomousSystem: 0)
    /// The labels that have ever been valid.
    private var confirmed: Set<LabelBinding> = []
    private var givenUp: [MPLSLabel: (owner: LabelOwner, at: Instant)] = [:]
    /// The same of common labels, which have many owners.
    private var givenUpCommon: [LabelOwner: Instant] = [:]

    /// The neighbors whose sessions are up.
    private(set) var up: Set<PeerAddress> = []
    /// Until when those that are down may use what they were told.
    private(set) var restartEnds: [PeerAddress: Instant] = [:]
    private var sessions: [PeerAddress: SessionParameters] = [:]
    /// Whether labels may be installed that a process before this one told a neighbor.
    var mayInstallWithoutSession = false

    init(_ table: RoutingTable = RoutingTable(generator: SeededGenerator(seed: 1))) {
        self.table = table
        saved = table.labels
    }

    @discardableResult
    func handle(_ event: RoutingEvent) -> [RoutingEffect] {
        switch event {
        case .configure(let new):
            let old = inputs
            inputs = new
            for neighbor in Set(sent.keys).union(sentUnicast.keys).union(sentLabeled.keys).union(sentTargets.keys)
                .union(sentSignalling.keys)
            where new.neighbors[neighbor] == nil {
                forget(neighbor)
            }
            for neighbor in Set(up).union(restartEnds.keys)
            where new.neighbors[neighbor].map({
                $0.identity != old.neighbors[neighbor]?.identity || $0.isShutdown
            }) ?? true { end(neighbor) }
        case .established(let neighbor, let session):
            forget(neighbor)
            guard inputs.neighbors[neighbor] != nil else { break }
            up.insert(neighbor)
            sessions[neighbor] = session
            restartEnds[neighbor] = nil
        case .down(let neighbor, _, _):
            forget(neighbor)
            lose(neighbor)
        case .update(let neighbor, let update):
            for nlri in update.withdrawn { heard[neighbor]?[nlri] = nil }
            for route in update.announced {
                heard[neighbor, default: [:]][route.nlri] = route.labels
            }
        default: break
        }
        return carryOut(table.handle(event, now: now))
    }

    @discardableResult
    func pull(_ neighbor: PeerAddress, limit: Int) -> [RoutingEffect] {
        let effects = carryOut(table.nextBatch(for: neighbor, limit: limit, now: now))
        let count = effects.reduce(0) { count, effect in
            switch effect {
            case .withdraw(_, let routes): count + routes.count
            case .advertise(_, _, let routes): count + routes.count
            default: count
            }
        }
        if count > limit { violations.append("a portion of \(count) where \(limit) were asked for") }
        if effects.isEmpty, !table.isOutputOwed(to: neighbor) { withOutput.remove(neighbor) }
        return effects
    }

    @discardableResult
    func sweep(limit: Int) -> [RoutingEffect] {
        carryOut(table.continueSweeping(limit: limit, now: now))
    }

    func confirmOne() {
        if !toRemove.isEmpty {
            let binding = toRemove.removeFirst()
            // What was never confirmed has been told to nobody.
            if confirmed.contains(binding), binding.owner.subject.commonLabel != nil {
                givenUpCommon[binding.owner] = now
            } else if confirmed.contains(binding) {
                givenUp[binding.label] = (binding.owner, now)
            }
            handle(.labelsRemoved([binding]))
        } else if !toInstall.isEmpty {
            let binding = toInstall.removeFirst()
            installed.insert(binding)
            confirmed.insert(binding)
            handle(.labelsInstalled([binding]))
        }
    }

    /// Lets time pass, with every deadline in between.
    func advance(to moment: Instant) {
        while let deadline = table.nextDeadline, deadline <= moment {
            now = max(now, deadline)
            handle(.timePassed)
        }
        now = max(now, moment)
    }

    func confirmAll() {
        while !toInstall.isEmpty || !toRemove.isEmpty { confirmOne() }
    }

    /// Confirms and sends everything.
    func drain() {
        while !toInstall.isEmpty || !toRemove.isEmpty || !withOutput.isEmpty {
            confirmAll()
            for neighbor in withOutput { pull(neighbor, limit: 7) }
        }
    }

    private func lose(_ neighbor: PeerAddress) {
        let seconds = inputs.neighbors[neighbor]?.announcedRestartSeconds ?? 0
        guard up.remove(neighbor) != nil, sessions[neighbor]?.gracefulRestart != nil, seconds > 0 else { return }
        restartEnds[neighbor] = now.advanced(bySeconds: seconds)
    }

    private func end(_ neighbor: PeerAddress) {
        up.remove(neighbor)
        restartEnds[neighbor] = nil
        forget(neighbor)
    }

    private func forget(_ neighbor: PeerAddress) {
        sent[neighbor] = nil
        sentStacks[neighbor] = nil
        sentUnicast[neighbor] = nil
        sentLabeled[neighbor] = nil
        sentTargets[neighbor] = nil
        sentSignalling[neighbor] = nil
        endOfRIBSent[neighbor] = nil
    }

    private func carryOut(_ effects: [RoutingEffect]) -> [RoutingEffect] {
        for effect in effects { carryOut(effect) }
        return effects
    }

    private func carryOut(_ effect: RoutingEffect) {
        switch effect {
        case .saveAllocations: saved = table.labels
        case .setSwap(let binding, let target): setSwap(binding, target)
        case .setCopies(let binding, let targets): setCopies(binding, targets)
        case .setWay(let binding, let way): setWay(binding, way)
        case .installLabel(let binding): install(binding)
        case .removeLabel(let binding, let removal): remove(binding, removal)
        case .setRoute(let vrf, let prefix, let action): set(Numbers.name(of: vrf.rawValue), prefix, action)
        case .removeRoute(let number, let prefix):
            let vrf = Numbers.name(of: number.rawValue)
            if fib[vrf]?.removeValue(forKey: prefix) == nil { violations.append("\(prefix) was not in \(vrf)") }
        case .removeAllRoutes(let vrf): fib[Numbers.name(of: vrf.rawValue)] = nil
        // Transports are for the tests to report.
        case .transportWanted: break
        case .tunnelsOffered(let providers):
            if tunnelProviders == providers { violations.append("the PEs that take MPLS over UDP are what they were") }
            tunnelProviders = providers
        case .setWays(let prefix, let new):
            if ways[prefix] ?? [] == new { violations.append("the ways to \(prefix) are what they were") }
            ways[prefix] = new.isEmpty ? nil : new
        case .outputReady(let neighbor): withOutput.insert(neighbor)
        case .withdraw(let neighbor, let routes): withdraw(routes, neighbor)
        case .advertise(let neighbor, let attributes, let routes): advertise(routes, attributes, neighbor)
        case .endOfRIB(let neighbor, let family): endOfRIBSent[neighbor, default: []].insert(family)
        case .beginRefresh, .endRefresh: break
        case .requestRefresh(let neighbor, let family): refreshRequests.append((neighbor, family))
        case .resetSession(let neighbor, let reason):
            resets[neighbor] = reason
            forget(neighbor)
            lose(neighbor)
            if case .configurationChanged = reason { end(neighbor) }
        case .log(let event): log.append(event)
        case .converged: isConverged = true
        }
    }

    private func set(_ vrf: String, _ prefix: IPPrefix, _ action: ForwardingAction) {
        if fib[vrf]?[prefix] == action { violations.append("\(prefix) was in \(vrf) as it is") }
        fib[vrf, default: [:]][prefix] = action
    }

    private func install(_ binding: LabelBinding) {
        toInstall.append(binding)
        if saved.labels[binding.owner] != binding.label { violations.append("\(binding) is not on disk") }
        if let other = installed.first(where: {
            $0.label == binding.label && $0.context == binding.context && $0.owner != binding.owner
                && !areSame(binding.owner, $0.owner)
        }) {
            violations.append("\(binding) shares its label with \(other)")
        }
        if let common = binding.owner.subject.commonLabel {
            for (owner, at) in givenUpCommon
            where owner != binding.owner && owner.subject.commonLabel == common
                && now < at.advanced(bySeconds: inputs.labelQuarantineSeconds)
                && (owner.neighbor.nni == binding.nni || owner.neighbor.address == binding.neighbor.address)
                && !(owner.vrf == binding.owner.vrf && binding.nni == NeighborIdentity.core
                    && owner.neighbor.nni == NeighborIdentity.core)
                && !(owner.vrf == binding.owner.vrf
                    && inputs.neighbors[owner.neighbor.peer]?.identity == owner.neighbor)
            {
                violations.append("\(binding) has a common label that is in quarantine there")
            }
            givenUpCommon[binding.owner] = nil
        }
        if binding.owner.subject.commonLabel == nil,
            givenUpCommon.contains(where: {
                $0.key.subject.commonLabel == CommonLabel(binding.label)
                    && now < $0.value.advanced(bySeconds: inputs.labelQuarantineSeconds)
            })
        {
            violations.append("\(binding) has a drawn label that was a common one")
        }
        if let former = givenUp[binding.label], former.owner != binding.owner,
            now < former.at.advanced(bySeconds: inputs.labelQuarantineSeconds)
        {
            violations.append("\(binding) has a label that is in quarantine")
        }
        if inputs.neighbors[binding.neighbor]?.identity != binding.owner.neighbor
            || binding.vrf.flatMap({ inputs.vrfs[$0] })?.identity != binding.owner.vrf
        {
            violations.append("\(binding) is for a neighbor or VRF that is gone")
        }
        switch binding.owner.subject {
        case .circuitPrefix:
            if swaps[binding] == nil { violations.append("\(binding) is installed and leads nowhere") }
        case .nextHop, .prefix:
            if labelWays[binding] == nil, swaps[binding] == nil {
                violations.append("\(binding) is installed and leads nowhere")
            }
        case .vrf, .vrfOnCircuit, .common, .relayed, .relayedPrefix, .labelledPrefix, .relayedService, .segment: break
        }
        if binding.owner.vrf == nil, swaps[binding] == nil, copies[binding] == nil {
            violations.append("\(binding) leads nowhere")
        }
        if !up.contains(binding.neighbor), inputs.neighbors[binding.neighbor] != nil, !mayInstallWithoutSession {
            violations.append("\(binding) is installed without a session")
        }
    }

    /// Whether both have one common label: it is one VRF's for many neighbors, or, as its time there is over, another's elsewhere.
    private func areSame(_ a: LabelOwner, _ b: LabelOwner) -> Bool {
        guard let label = a.subject.commonLabel, b.subject.commonLabel == label else { return false }
        return a.vrf == b.vrf || (a.neighbor.nni != b.neighbor.nni && a.neighbor.address != b.neighbor.address)
    }

    private func setSwap(_ binding: LabelBinding, _ target: SwapTarget) {
        if swaps[binding] == target, installed.contains(binding) { violations.append("\(binding) leads there already") }
        switch binding.owner.subject {
        case .relayed(let named) where named != target, .relayedService(let named) where named != target:
            violations.append("\(binding) leads to \(target)")
        default: break
        }
        swaps[binding] = target
        labelWays[binding] = nil
    }

    private func setCopies(_ binding: LabelBinding, _ targets: [SwapTarget]) {
        if copies[binding] == targets, installed.contains(binding) {
            violations.append("\(binding) leads there already")
        }
        guard case .segment = binding.owner.subject, (1...LabelTarget.mostCopies).contains(targets.count),
            targets == Set(targets).sorted(), targets.allSatisfy({ $0.labels.count == 1 && $0.stack == .packet })
        else {
            violations.append("\(binding) leads to \(targets)")
            return
        }
        copies[binding] = targets
    }

    private func setWay(_ binding: LabelBinding, _ way: VRFWay?) {
        if labelWays[binding] == .some(way), installed.contains(binding) {
            violations.append("\(binding) leads there already")
        }
        labelWays[binding] = .some(way)
        if binding.owner.vrf != nil { swaps[binding] = nil }
    }

    /// Where the labels of the routes lead that a neighbor has been told; those of whole VRFs are left out.
    func labelWays(to neighbor: PeerAddress) -> [VPNPrefix: VRFWay?] {
        var found: [VPNPrefix: VRFWay?] = [:]
        for (route, sent) in sent[neighbor] ?? [:] {
            let binding = installed.first { $0.neighbor == neighbor && $0.label == sent.label }
            if let binding, let way = labelWays[binding] { found[route] = .some(way) }
        }
        return found
    }

    private func remove(_ binding: LabelBinding, _ removal: LabelRemoval) {
        // The owner carries effects out in order: what was asked to be installed is by now.
        toInstall.removeAll { $0 == binding }
        // A removal that waited for the withdrawals to be read waits no longer.
        toRemove.removeAll { $0 == binding }
        installed.remove(binding)
        toRemove.append(binding)
        for (neighbor, routes) in sent where neighbor == binding.neighbor {
            // What a swapped label led to is gone: packets are dropped before the neighbor has heard of it.
            if removal == .atOnce, swaps[binding] != nil { continue }
            if routes.values.contains(where: { $0.label == binding.label }) {
                violations.append("\(binding) is removed while \(neighbor) has routes with it")
            }
        }
        let ways = sentLabeled[binding.neighbor]?.values.map(\.label) ?? []
        if removal == .whenWithdrawalsAreRead, ways.contains(binding.label) {
            violations.append("\(binding) is removed while its neighbor has ways with it")
        }
    }

    /// What is left valid where it has no business any more.
    func validWithoutSession() -> [LabelBinding] {
        installed.filter { !up.contains($0.neighbor) && (restartEnds[$0.neighbor].map { $0 <= now } ?? true) }
    }

    private func withdraw(_ routes: [NLRI], _ neighbor: PeerAddress) {
        for route in routes {
            let had =
                switch route {
                case .vpn(let prefix): sent[neighbor]?.removeValue(forKey: prefix) != nil
                case .unicast(let prefix): sentUnicast[neighbor]?.removeValue(forKey: prefix) != nil
                case .labeledUnicast(let prefix): sentLabeled[neighbor]?.removeValue(forKey: prefix) != nil
                case .routeTargets(let membership): sentTargets[neighbor]?.removeValue(forKey: membership) != nil
                case .multicastVPN, .evpn: sentSignalling[neighbor]?.removeValue(forKey: route) != nil
                }
            if !had { violations.append("\(route) is withdrawn from \(neighbor), which does not have it") }
        }
    }

    /// Whether the neighbor is in the own network and gets what another one there has sent, with its label.
    private func isReflected(_ route: AnnouncedRoute, to neighbor: PeerAddress) -> Bool {
        guard inputs.neighbors[neighbor]?.nni == NeighborIdentity.core, let stack = route.labels, stack.count == 1
        else { return false }
        return heard.contains { sender, routes in
            sender != neighbor && inputs.neighbors[sender]?.nni == NeighborIdentity.core && routes[route.nlri] == stack
        }
    }

    /// Whether the neighbor gets what another one has sent, with a label that leads there.
    private func isRelayed(_ route: AnnouncedRoute, to neighbor: PeerAddress) -> Bool {
        let binding = installed.first {
            $0.neighbor == neighbor && $0.label == route.labels?.onlyLabel && $0.owner.vrf == nil
        }
        guard let target = binding.flatMap({ swaps[$0] }) else { return false }
        return heard.contains { sender, routes in
            guard sender != neighbor, routes[route.nlri]?.labels == target.labels else { return false }
            return switch target.way {
            case .neighbor(let way): way.peer == sender
            case .provider: inputs.neighbors[sender]?.nni == NeighborIdentity.core
            }
        }
    }

    private func advertise(_ routes: [AnnouncedRoute], _ attributes: PathAttributes, _ neighbor: PeerAddress) {
        for route in routes {
            if case .routeTargets(let membership) = route.nlri {
                if inputs.neighbors[neighbor]?.families[.routeTargets]?.role == nil {
                    violations.append("\(route) goes to \(neighbor)")
                }
                sentTargets[neighbor, default: [:]][membership] = attributes
                continue
            }
            if !isConverged { violations.append("advertised before the first convergence") }
            if let family = route.nlri.sessionFamily, family.isSignalling {
                let role = inputs.neighbors[neighbor]?.families[family]?.role
                if role != .internal, role != .reflectorClient, role != .optionBSignalling {
                    violations.append("\(route) goes to \(neighbor)")
                }
                sentSignalling[neighbor, default: [:]][route.nlri] = attributes
                continue
            }
            if case .unicast(let prefix) = route.nlri {
                if neighbor.vrf == nil { violations.append("\(route) goes out of its VRF to \(neighbor)") }
                sentUnicast[neighbor, default: [:]][prefix] = attributes
            }
            if case .labeledUnicast(let prefix) = route.nlri, let label = route.labels?.onlyLabel {
                let family = SessionFamily(labeledUnicast: prefix.family)
                let role = inputs.neighbors[neighbor]?.families[family]?.role
                if role != .transport, role != .optionC, role != .customerCarrier {
                    violations.append("\(route) goes to \(neighbor)")
                }
                let binding = installed.first { $0.neighbor == neighbor && $0.label == label }
                if role == .customerCarrier {
                    let identity = inputs.vrfs.values.first { $0.number == neighbor.vrf }?.identity
                    if identity.map({ binding?.owner.subject != .circuitPrefix($0, prefix) }) ?? true {
                        violations.append("\(route) goes to \(neighbor) by a label that is not valid")
                    }
                } else if role == .optionC || !inputs.loopbacks.contains(prefix),
                    binding?.owner.subject != .labelledPrefix(prefix)
                {
                    violations.append("\(route) goes to \(neighbor) by a label that is not valid")
                }
                sentLabeled[neighbor, default: [:]][prefix] = Sent(attributes: attributes, label: label)
            }
            guard case .vpn(let prefix) = route.nlri else { continue }
            if isReflected(route, to: neighbor) {
                if let label = route.labels?.onlyLabel {
                    sent[neighbor, default: [:]][prefix] = Sent(attributes: attributes, label: label)
                }
                continue
            }
            if isRelayed(route, to: neighbor) {
                if let label = route.labels?.onlyLabel {
                    sent[neighbor, default: [:]][prefix] = Sent(attributes: attributes, label: label)
                }
                continue
            }
            let vrf = inputs.vrfs.values.first { $0.routeDistinguisher == prefix.routeDistinguisher }
            guard let vrf, vrf.eligibleNeighbors.contains(neighbor),
                let identity = inputs.neighbors[neighbor]?.identity, let stack = route.labels,
                let label = stack.labels.last
            else {
                violations.append("\(route) of a VRF that is not eligible on \(neighbor)")
                continue
            }
            let isInstalled = installed.contains {
                $0.owner.vrf == vrf.identity && $0.owner.neighbor == identity
                    && ($0.context.map { [$0] } ?? []) + [$0.label] == stack.labels
            }
            if stack.count > 1,
                sessions[neighbor]?.multipleLabels.contains(SessionFamily(vpn: prefix.prefix.family)) != true
            {
                violations.append("\(route) goes to \(neighbor), which takes one label")
            }
            if !isInstalled {
                violations.append("\(route) leaves before its label is installed for \(neighbor)")
            }
            if case .labelled(let origin, _, _) = fib[vrf.name]?[prefix.prefix], identity.nni != NeighborIdentity.core,
                !vrf.allowsTransit || origin == neighbor
            {
                violations.append("\(route) of \(origin) goes to \(neighbor)")
            }
            if case .gateway(let circuit, let address) = fib[vrf.name]?[prefix.prefix],
                let origin = vrf.circuitGateways.first(where: {
                    $0.value.values.contains(CircuitGateway(circuit: circuit, address: address))
                })?.key, !vrf.allowsTransit || origin == neighbor
            {
                violations.append("\(route) of \(origin), on a circuit, goes to \(neighbor)")
            }
            sent[neighbor, default: [:]][prefix] = Sent(attributes: attributes, label: label)
            sentStacks[neighbor, default: [:]][prefix] = stack
        }
    }
}
