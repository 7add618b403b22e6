import Addressing
import BGP
import Configuration
import Logging
import NIOCore
import Routing

/// The sessions with BGP neighbors: the speaker, who of them is slow to take what is sent, and what is told of them to
/// operators and to the next run of the process.
final class BGPSessions {
    /// From ``begin(identifier:isRestarting:onEvent:)`` on.
    private var speaker: BGPSpeaker?
    /// Neighbors that are slow to take what is sent.
    private var congested: Set<PeerAddress> = []
    private var histories: [PeerAddress: SessionHistory] = [:]
    private var updateFaultLog = UpdateFaultLog()
    private var failureLog = SessionFailureLog()
    /// Whether BGP is configured: without it nobody is listened to.
    private var isWanted = false
    /// Where the neighbors in no VRF are listened to; `nil`: on all devices.
    private var defaultDomain: AddressDomain?
    /// The VRFs whose neighbors are to be listened to, and those that are.
    private var wantedDomains: Set<AddressDomain> = []
    private var domains: Set<AddressDomain> = []
    private var isStopping = false

    /// Neighbors in an operator's words.
    private let names: (PeerAddress) -> NeighborName
    private let eventLoop: any EventLoop
    private let options: ControlPlaneOptions
    private let clock: WallClock
    private let logger: Logger

    init(
        eventLoop: any EventLoop, options: ControlPlaneOptions, clock: WallClock, logger: Logger,
        names: @escaping (PeerAddress) -> NeighborName
    ) {
        self.names = names
        self.eventLoop = eventLoop
        self.options = options
        self.clock = clock
        self.logger = logger
    }

    // MARK: Beginning and ending

    /// Makes the speaker, and listens on all addresses that are asked for if BGP is configured. One is enough: a kernel
    /// without IPv6 has no `::`.
    /// - Parameters:
    ///   - defaultDomain: the link of the NNIs and the core, if there is one: what comes by another is no neighbor's.
    ///   - onEvent: is called on the event loop.
    /// - Throws: ``ControlPlaneStartError`` if there is none to listen on.
    nonisolated(nonsending) func begin(
        identifier: IPv4Address, isWanted: Bool, by defaultDomain: AddressDomain?,
        onEvent: @escaping @Sendable (PeerAddress, NeighborEvent) -> Void
    ) async throws {
        self.isWanted = isWanted
        self.defaultDomain = defaultDomain
        let speaker = BGPSpeaker(
            eventLoop: eventLoop, identifier: identifier, seed: .random(in: .min ... .max), onEvent: onEvent)
        self.speaker = speaker
        guard isWanted else { return }
        var failure: ControlPlaneStartError?
        var isListening = false
        for address in options.listenAddresses {
            let listening = speaker.listen(on: address, port: options.bgpPort, in: defaultDomain)
            do {
                _ = try await listening.get()
                isListening = true
            } catch {
                failure = report(error, listeningOn: address)
            }
        }
        if let failure, !isListening { throw failure }
    }

    /// Whether OPENs say that the process has restarted and the data plane gone on.
    func setRestarting(_ isRestarting: Bool) { speaker?.isRestarting = isRestarting }

    /// Begins or ends listening with the first and the last line of `router bgp`, and changes the identifier when the
    /// configured one is another: one that was chosen among the addresses stays while sessions know it.
    /// - Parameter identifier: that of the new configuration.
    func follow(_ new: BGPConfiguration?, from old: BGPConfiguration?, identifier: @autoclosure () -> IPv4Address) {
        isWanted = new != nil
        guard let new else {
            speaker?.stopListening()
            domains = []
            wantedDomains = []
            return
        }
        guard let old else {
            speaker?.setIdentifier(identifier())
            for address in options.listenAddresses { listenLater(on: address, in: defaultDomain) }
            return
        }
        if old.routerID != new.routerID { speaker?.setIdentifier(identifier()) }
    }

    /// Listens to the neighbors of these VRFs and of no others. Their links have been made.
    func listen(in wanted: Set<AddressDomain>) {
        for vrf in domains.subtracting(wanted).compactMap(\.vrf) { speaker?.stopListening(in: vrf) }
        domains.formIntersection(wanted)
        wantedDomains = wanted
        listenAgain()
    }

    /// Tries where listening was not possible, for want of the link for instance; to be called now and then.
    func listenAgain() {
        guard isWanted else { return }
        for domain in wantedDomains.subtracting(domains) {
            domains.insert(domain)
            for address in options.listenAddresses { listenLater(on: address, in: domain) }
        }
    }

    private func listenLater(on address: IPAddress, in domain: AddressDomain? = nil) {
        let listening = speaker?.listen(on: address, port: options.bgpPort, in: domain)
        listening?.assumeIsolated().whenComplete { [weak self] result in
            guard let self else { return }
            if !self.isWanted {
                self.speaker?.stopListening()
            } else if let domain, let vrf = domain.vrf, !self.wantedDomains.contains(domain) {
                self.speaker?.stopListening(in: vrf)
            } else if case .failure(let error) = result {
                _ = self.report(error, listeningOn: address)
                guard let domain, let vrf = domain.vrf else { return }
                // What the other address has goes as well: both are tried again.
                self.speaker?.stopListening(in: vrf)
                self.domains.remove(domain)
            }
        }
    }

    private func report(_ error: any Error, listeningOn address: IPAddress) -> ControlPlaneStartError {
        let problem = ControlPlaneStartError.listening(address: address, port: options.bgpPort, "\(error)")
        logger.error("\(problem)")
        return problem
    }

    func configure(_ neighbor: NeighborConfiguration) { speaker?.configure(neighbor) }

    /// A neighbor that is configured no more.
    func remove(_ neighbor: PeerAddress) {
        speaker?.removeNeighbor(neighbor)
        histories[neighbor] = nil
        updateFaultLog.forget(neighbor)
        failureLog.forget(neighbor)
        congested.remove(neighbor)
    }

    /// Ends the sessions with those of the neighbors that have no graceful restart: the others see the connection end with
    /// the process, without a word, and keep our routes. Who was up stays on disk from now on.
    func stop(_ neighbors: [NeighborConfiguration]) {
        isStopping = true
        for var neighbor in neighbors {
            guard let status = speaker?.status(of: neighbor.peer), status.state == .established,
                status.negotiated?.peerGracefulRestart == nil
            else { continue }
            neighbor.shutdown = true
            speaker?.configure(neighbor)
        }
    }

    // MARK: What is known

    /// Our BGP identifier; `nil` before there is a speaker.
    var identifier: IPv4Address? { speaker?.identifier }
    func status(of neighbor: PeerAddress) -> NeighborStatus? { speaker?.status(of: neighbor) }
    func history(of neighbor: PeerAddress) -> SessionHistory? { histories[neighbor] }
    func isEstablished(with neighbor: PeerAddress) -> Bool { speaker?.status(of: neighbor)?.state == .established }

    /// Takes note of what the speaker reports.
    /// - Parameter obstacle: what keeps packets from reaching the neighbor, as far as the box can see.
    func note(_ event: NeighborEvent, of neighbor: PeerAddress, obstacle: @autoclosure () -> String?) {
        switch event {
        case .readyToSend: congested.remove(neighbor)
        case .established(let session):
            congested.remove(neighbor)
            failureLog.forget(neighbor)
            histories[neighbor, default: SessionHistory(changedAt: 0)].changedAt = WallClock.secondsSince1970
            logger.info(
                "BGP session up",
                metadata: ["neighbor": "\(names(neighbor))", "families": "\(session.families.sorted())"])
            saveEstablished(adding: neighbor)
        case .down(let reason, _):
            congested.remove(neighbor)
            let now = WallClock.secondsSince1970
            histories[neighbor] = SessionHistory(
                changedAt: now, lastDownReason: reason.description, lastDownAt: now)
            logger.warning("BGP session down", metadata: ["neighbor": "\(names(neighbor))", "reason": "\(reason)"])
            if !isStopping { saveEstablished(removing: neighbor) }
        case .familyDisabled(let family): logDisabled(family, of: neighbor)
        case .attemptFailed(let reason):
            failureLog.add(
                reason, obstacle: obstacle(), of: neighbor, named: names(neighbor), now: clock.now, to: logger)
        case .fault(let fault):
            updateFaultLog.add(fault, of: neighbor, named: names(neighbor), now: clock.now, to: logger)
        default: break
        }
    }

    /// A family whose routes cannot be read, unless the session has ended with it.
    private func logDisabled(_ family: AddressFamilyIdentifier, of neighbor: PeerAddress) {
        guard let disabled = speaker?.status(of: neighbor)?.disabledFamilies[family] else { return }
        let wait = disabled.since.duration(to: disabled.retryAt).components.seconds
        logger.error(
            "BGP family disabled until the session is reset: the neighbor's routes cannot be read",
            metadata: [
                "neighbor": "\(names(neighbor))", "family": "\(family)", "reason": "\(disabled.fault.cause)",
                "reset_in_seconds": "\(wait)",
            ])
    }

    /// Says of sessions that wait for something what it is; to be called once a minute.
    func reportWaiting() { speaker?.reportWaitingSessions() }

    /// Keeps on disk which sessions are up: after a restart these are waited for, and no others.
    private func saveEstablished(adding added: PeerAddress? = nil, removing removed: PeerAddress? = nil) {
        guard let speaker else { return }
        var up = Set(speaker.neighbors.filter { speaker.status(of: $0)?.state == .established })
        if let added { up.insert(added) }
        if let removed { up.remove(removed) }
        let text = up.map(names).sorted().map { "\($0.line)\n" }.joined()
        do {
            try DurableFile.replace(options.establishedPath, with: Array(text.utf8))
        } catch {
            logger.warning("the list of sessions cannot be saved", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Sending

    /// Whether a neighbor takes nothing more before it has read what was sent.
    func isCongested(_ neighbor: PeerAddress) -> Bool { congested.contains(neighbor) }

    /// A mark behind what has been sent to a neighbor; `nil` without a session.
    func mark(of neighbor: PeerAddress) -> TransmissionMark? { speaker?.mark(of: neighbor) }
    func isAcknowledged(_ mark: TransmissionMark) -> Bool { speaker?.isAcknowledged(mark) ?? false }

    /// Sends what routing has for a neighbor.
    func transmit(_ effect: RoutingEffect) {
        guard let speaker else { return }
        do {
            switch effect {
            case .withdraw(let neighbor, let prefixes):
                note(try speaker.send(Update(withdrawing: prefixes), to: neighbor), of: neighbor)
            case .advertise(let neighbor, let attributes, let routes):
                try advertise(routes, attributes, to: neighbor, by: speaker)
            case .endOfRIB(let neighbor, let family):
                note(speaker.sendEndOfRIB(family, to: neighbor), of: neighbor)
            case .beginRefresh(let neighbor, let family):
                note(
                    speaker.send(RouteRefreshMessage(family: family, subtype: .beginning), to: neighbor), of: neighbor)
            case .endRefresh(let neighbor, let family):
                note(speaker.send(RouteRefreshMessage(family: family, subtype: .end), to: neighbor), of: neighbor)
            case .requestRefresh(let neighbor, let family):
                note(speaker.send(RouteRefreshMessage(family: family), to: neighbor), of: neighbor)
            default: return
            }
        } catch {
            logger.error("routes cannot be sent", metadata: ["error": "\(error)"])
        }
    }

    /// Routes whose attributes fit into no message of the session are withdrawn: what the neighbor was told of them
    /// before is not true any more (RFC 8654 §4).
    private func advertise(
        _ routes: [AnnouncedRoute], _ attributes: PathAttributes, to neighbor: PeerAddress, by speaker: BGPSpeaker
    ) throws(UpdateEncodingError) {
        do {
            note(try speaker.send(Update(announcing: routes, attributes: attributes), to: neighbor), of: neighbor)
        } catch {
            logger.error(
                "routes cannot be advertised",
                metadata: ["neighbor": "\(names(neighbor))", "routes": "\(routes.count)", "error": "\(error)"])
            note(try speaker.send(Update(withdrawing: routes.map(\.nlri)), to: neighbor), of: neighbor)
        }
    }

    private func note(_ outcome: SendOutcome, of neighbor: PeerAddress) {
        if outcome == .congested { congested.insert(neighbor) }
    }

    /// Asks a neighbor for all routes of a family again, because an operator wants it.
    func requestRefresh(of neighbor: PeerAddress, _ family: AddressFamilyIdentifier) {
        speaker?.send(RouteRefreshMessage(family: family), to: neighbor)
    }

    // MARK: Resetting

    /// Ends a session because an operator wants it.
    func clear(_ neighbor: PeerAddress, communication: String) {
        speaker?.reset(neighbor, .cease(.administrativeReset, communication: communication))
    }

    /// Ends a session because routing wants it.
    func reset(_ neighbor: PeerAddress, _ reason: SessionResetReason) {
        switch reason {
        case .maximumPrefixesReached(let family, let limit, let time):
            let (duration, until): (Duration?, String) =
                switch time {
                case .untilCleared: (nil, "until it is cleared")
                case .seconds(let seconds): (.seconds(Int(seconds)), "for \(seconds) s")
                }
            logger.error(
                "maximum-prefix exceeded: the session stays down \(until)",
                metadata: ["neighbor": "\(names(neighbor))", "family": "\(family)", "limit": "\(limit)"])
            speaker?.holdDown(neighbor, .maximumPrefixesReached(family: family, limit: limit), for: duration)
        case .configurationChanged: speaker?.reset(neighbor, .cease(.otherConfigurationChange))
        }
    }

    /// The sessions with these neighbors end now, and are begun again when the neighbors are not among them any more.
    func setWithoutLink(_ neighbors: Set<PeerAddress>) { speaker?.neighborsWithoutLink = neighbors }
}

/// When a session was last up or down, for `show`.
struct SessionHistory {
    var changedAt: WallClock.Seconds
    var lastDownReason: String?
    var lastDownAt: WallClock.Seconds?
}
