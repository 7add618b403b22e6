import Addressing
import Configuration
import ForwardingPlaneManager
import Logging
import NIOCore
import Routing

/// FRR beside the box: what its IGP and LDP know of ways into the core becomes transports to PEs, and ways of the box's own
/// packets (docs/decisions/forwarding-plane-manager.md).
package final class RoutingEngine {
    /// What has come of it, for `show fpm`.
    package struct Counters {
        var connections: UInt64 = 0
        var messages: UInt64 = 0
        /// Connections that were ended because of what came by them.
        package var malformed: UInt64 = 0
    }

    private let transports: CoreTransports
    private let eventLoop: any EventLoop
    private let clock = WallClock()
    private let file: EngineWaysFile
    private let logger: Logger
    private(set) var settings: RoutingEngineSettings?
    private(set) var table = EngineTable()
    private(set) var presence = EnginePresence(holdTime: .zero, refreshTime: .zero)
    package private(set) var counters = Counters()
    /// Where packets to the prefixes of its routes go. CoreTransports has those that carry labels.
    package private(set) var ways: [IPPrefix: LearntWay] = [:]
    /// Prefixes whose ways are of an earlier connection, and were not said by this one.
    package private(set) var unrepeated: Set<IPPrefix> = []
    private(set) var listener: FPMListener?
    private var isBinding = false
    private var bindFailure: String?
    /// By the kernel's numbers of their devices.
    private var interfaces: [UInt32: InterfaceNumber] = [:]
    private var implicitNull: Set<IPPrefix> = []
    private var isToBeSaved = false
    /// Is called when transports may have changed.
    var onChange: () -> Void = {}

    /// By the clock of ``presence``.
    var now: Duration { clock.now }

    /// How many prefixes are named in one line of the log.
    private static let mostNamed = 20

    /// - Parameter path: of the file with what is kept for a restart.
    package init(transports: CoreTransports, eventLoop: any EventLoop, path: String, logger: Logger) {
        self.transports = transports
        self.eventLoop = eventLoop
        file = EngineWaysFile(path: path, logger: logger)
        self.logger = logger
    }

    /// Goes on with what an earlier run had, until the hold time is over or FRR has said it again.
    package func restore(_ saved: EngineWays, _ settings: RoutingEngineSettings) {
        adopt(settings)
        guard !saved.ways.isEmpty else { return }
        for (prefix, way) in saved.ways { _ = set(prefix, way) }
        unrepeated = Set(saved.ways.keys)
        presence.lose(now: clock.now)
    }

    // MARK: Configuration

    private func adopt(_ new: RoutingEngineSettings) {
        settings = new
        implicitNull = Set(new.implicitNull)
        presence.holdTime = .seconds(new.holdTimeSeconds)
        presence.refreshTime = .seconds(new.refreshTimeSeconds)
    }

    /// Listens as the configuration says, and knows FRR's interfaces by the devices that there are.
    package func follow(_ new: RoutingEngineSettings?, _ devices: [UInt32: InterfaceNumber]) {
        let former = settings
        let hadOther = devices != interfaces
        interfaces = devices
        guard let new else { return end() }
        adopt(new)
        if hadOther { _ = settle(Set(table.routes.keys)) }
        if former?.implicitNull != new.implicitNull {
            for (prefix, way) in ways { give(prefix, way) }
        }
        if former?.port != new.port || listener == nil { listen() }
        onChange()
    }

    private func end() {
        guard settings != nil else { return }
        listener?.stop()
        listener = nil
        settings = nil
        presence = EnginePresence(holdTime: .zero, refreshTime: .zero)
        table = EngineTable()
        remove(Set(ways.keys), because: "FRR is not listened to any more")
    }

    private func listen() {
        guard let settings, !isBinding else { return }
        let listener = listener ?? FPMListener(eventLoop: eventLoop) { [weak self] in self?.receive($0) }
        self.listener = listener
        isBinding = true
        let engine = NIOLoopBound(self, eventLoop: eventLoop)
        listener.listen(on: settings.port).whenComplete { engine.value.hasBound($0.map { settings.port }) }
    }

    private func hasBound(_ result: Result<UInt16, any Error>) {
        isBinding = false
        switch result {
        case .success(let port):
            bindFailure = nil
            // The configuration may have changed meanwhile.
            if let settings, settings.port != port { return listen() }
            logger.info("FRR is listened to", metadata: ["port": "\(port)"])
        case .failure(let error):
            guard bindFailure != "\(error)" else { return }
            bindFailure = "\(error)"
            logger.error(
                "FRR cannot be listened to: its routes are not known",
                metadata: ["port": "\(settings?.port ?? 0)", "error": "\(error)"])
        }
    }

    package func stop() {
        listener?.stop()
        listener = nil
    }

    // MARK: What FRR says

    package func receive(_ event: FPMListener.Event) {
        guard settings != nil else { return }
        switch event {
        case .connected:
            counters.connections += 1
            presence.connect(now: clock.now)
            table = EngineTable()
            unrepeated = Set(ways.keys)
            logger.info("FRR is connected", metadata: ["kept_routes": "\(ways.count)"])
        case .said(let messages):
            counters.messages += UInt64(messages.count)
            for message in messages { table.apply(message) }
            if settle(table.takeChanges()) { onChange() }
        case .closed(let malformation):
            if presence.takeFlapping(now: clock.now) {
                remove(unrepeated, because: "FRR comes and goes, and has not said them again")
            }
            presence.lose(now: clock.now)
            unrepeated = Set(ways.keys)
            table = EngineTable()
            let kept: Logger.Metadata = [
                "kept_routes": "\(ways.count)", "hold_time": "\(settings?.holdTimeSeconds ?? 0)",
            ]
            guard let malformation else {
                logger.warning("FRR's connection is lost", metadata: kept)
                return
            }
            counters.malformed += 1
            logger.error(
                "FRR's connection was ended: it said what cannot be read",
                metadata: kept.merging(["error": "\(malformation)"]) { $1 })
        }
    }

    /// To be called once a second.
    package func advance() {
        switch presence.takeExpiry(now: clock.now) {
        case .everything: remove(unrepeated, because: "FRR has not come back within the hold time")
        case .notRepeated: endRefresh()
        case nil: break
        }
        if settings != nil, listener?.port == nil { listen() }
        guard isToBeSaved else { return }
        isToBeSaved = false
        var saved = EngineWays()
        saved.ways = ways
        Task { [file, saved] in await file.save(saved) }
    }

    private func endRefresh() {
        var said: Set<IPPrefix> = []
        for prefix in unrepeated where table.routes[prefix] != nil { said.insert(prefix) }
        let unsaid = unrepeated.subtracting(said)
        unrepeated = []
        // What was said without the label that it had is believed now.
        if settle(said) { onChange() }
        logger.info("FRR has said its routes again", metadata: ["routes": "\(ways.count - unsaid.count)"])
        remove(unsaid, because: "FRR has not said them again within the refresh time")
    }

    private func remove(_ prefixes: Set<IPPrefix>, because reason: String) {
        guard !prefixes.isEmpty else { return }
        var names: [String] = []
        for prefix in prefixes.sorted().prefix(Self.mostNamed) { names.append(prefix.description) }
        if prefixes.count > names.count { names.append("and \(prefixes.count - names.count) more") }
        logger.warning("FRR's routes are removed: \(reason)", metadata: ["routes": "\(names.joined(separator: ", "))"])
        for prefix in prefixes { _ = set(prefix, nil) }
        unrepeated.subtract(prefixes)
        onChange()
    }

    // MARK: Ways

    /// Takes over what FRR says of prefixes; `true`: one has another way than before.
    private func settle(_ prefixes: Set<IPPrefix>) -> Bool {
        var hasChanged = false
        for prefix in prefixes {
            let new = way(to: prefix)
            if isWithoutItsLabelYet(prefix, new) { continue }
            unrepeated.remove(prefix)
            if set(prefix, new) { hasChanged = true }
        }
        return hasChanged
    }

    /// Whether an engine that is back has a route without the label that it had: LDP comes behind the IGP (RFC 5443).
    private func isWithoutItsLabelYet(_ prefix: IPPrefix, _ new: LearntWay?) -> Bool {
        guard unrepeated.contains(prefix), let new, new.labels.isEmpty, let kept = ways[prefix] else { return false }
        return !kept.labels.isEmpty
    }

    /// Of several ways the one that is in use or, if it is none of them, the first in order: a transport is one way.
    private func way(to prefix: IPPrefix) -> LearntWay? {
        var usable: [LearntWay] = []
        for leg in table.legs(to: prefix) {
            if let way = way(by: leg) { usable.append(way) }
        }
        if let present = ways[prefix], usable.contains(present) { return present }
        usable.sort(by: Self.precedes)
        return usable.first
    }

    /// `nil`: not to a router on an interface with a device here.
    private func way(by leg: EngineLeg) -> LearntWay? {
        guard let index = leg.interfaceIndex, let interface = interfaces[index], Self.canBePushed(leg.labels) else {
            return nil
        }
        guard let gateway = leg.gateway else { return nil }
        return LearntWay(nextHop: gateway, interface: interface, labels: leg.labels)
    }

    private static func precedes(_ a: LearntWay, _ b: LearntWay) -> Bool {
        let (first, second) = (a.interface?.rawValue ?? 0, b.interface?.rawValue ?? 0)
        return first == second ? a.nextHop < b.nextHop : first < second
    }

    /// Of the reserved labels only explicit null stands on top of others (RFC 3032 §2.1, RFC 4182).
    private static func canBePushed(_ labels: [MPLSLabel]) -> Bool {
        labels.allSatisfy { !$0.isReserved || $0 == .explicitNull(.ipv4) || $0 == .explicitNull(.ipv6) }
    }

    private func set(_ prefix: IPPrefix, _ way: LearntWay?) -> Bool {
        guard ways[prefix] != way else { return false }
        ways[prefix] = way
        isToBeSaved = true
        give(prefix, way)
        return true
    }

    /// A way without a label is a transport only where the configuration says that implicit null is meant: what nobody gave a
    /// label for looks alike, and the router there would take the VPN's label for one of its own.
    private func give(_ prefix: IPPrefix, _ way: LearntWay?) {
        transports.set(.frr, prefix, isTransport(prefix, way) ? [way].compactMap(\.self) : [])
    }

    /// Whether packets of VPNs go by a way.
    func isTransport(_ prefix: IPPrefix, _ way: LearntWay?) -> Bool {
        guard let way else { return false }
        return !way.labels.isEmpty || implicitNull.contains(prefix)
    }

    /// The router that the box's own packets to an address go to.
    package func router(towards destination: IPAddress) -> NeighborKey? {
        guard !ways.isEmpty else { return nil }
        for length in (0...destination.family.bits).reversed() {
            guard let prefix = IPPrefix(covering: destination, length: length) else { continue }
            if let way = ways[prefix], let interface = way.interface {
                return NeighborKey(interface: interface, address: way.nextHop)
            }
        }
        return nil
    }
}
