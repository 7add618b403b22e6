import Addressing
import BGP
import NIOCore
import NIOPosix

/// A speaker on the event loop of an actor, as a control process owns it, with all that it reported.
actor SpeakerHarness {
    private let eventLoop: any EventLoop
    private var speaker: BGPSpeaker?
    /// What is listened on.
    private(set) var port: UInt16?
    private var events: [(neighbor: PeerAddress, event: NeighborEvent)] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Starts the speaker and listens on `address`; gives the port.
    func start(identifier: IPv4Address, listenOn address: IPAddress) async throws -> UInt16 {
        let harness = self
        let speaker = BGPSpeaker(eventLoop: eventLoop, identifier: identifier, seed: 1) { neighbor, event in
            harness.assumeIsolated { $0.record(event, of: neighbor) }
        }
        self.speaker = speaker
        let port = try await speaker.listen(on: address, port: 0).get()
        self.port = port
        return port
    }

    private func record(_ event: NeighborEvent, of neighbor: PeerAddress) {
        events.append((neighbor, event))
    }

    /// The first event for which `condition` holds, when it has come; fails after ten seconds without it.
    func event(where condition: @Sendable (NeighborEvent) -> Bool) async throws -> NeighborEvent {
        for _ in 0..<1000 {
            if let found = events.first(where: { condition($0.event) }) { return found.event }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw MissingValue()
    }

    func forgetEvents() { events = [] }

    func configure(_ configuration: NeighborConfiguration) { speaker?.configure(configuration) }

    func remove(_ neighbor: PeerAddress) { speaker?.removeNeighbor(neighbor) }

    func reset(_ neighbor: PeerAddress) { speaker?.reset(neighbor, .cease(.administrativeReset)) }

    func status(of neighbor: PeerAddress) -> NeighborStatus? { speaker?.status(of: neighbor) }

    var rejectedConnections: UInt64 { speaker?.rejectedConnections ?? 0 }

    func send(_ update: Update, to neighbor: PeerAddress) throws -> SendOutcome {
        try speaker?.send(update, to: neighbor) ?? .notEstablished
    }

    func sendEndOfRIB(_ family: AddressFamilyIdentifier, to neighbor: PeerAddress) {
        speaker?.sendEndOfRIB(family, to: neighbor)
    }

    func requestRefresh(_ family: AddressFamilyIdentifier, from neighbor: PeerAddress) {
        speaker?.send(RouteRefreshMessage(family: family), to: neighbor)
    }

    func shutDown() async throws { try await speaker?.shutDown(communication: "test over").get() }
}

extension NeighborEvent {
    var isEstablished: Bool {
        if case .established = self { return true }
        return false
    }

    /// Why an attempt was in vain.
    var failure: String? {
        if case .attemptFailed(let reason) = self { return reason }
        return nil
    }

    var isDown: Bool {
        if case .down = self { return true }
        return false
    }
}
