import ControlProtocol
import Logging

/// What is not as it should be, since when: one line of the log when it begins and one when it ends.
struct StandingAlarms {
    /// How many there are of a kind, and whose.
    struct Finding {
        var count: Int
        var subjects: [String]
    }

    private static let shownSubjects = 8
    private(set) var alarms: [Alarm] = []

    mutating func update(_ findings: [Alarm.Kind: Finding], secondsSince1970 now: Int64, to logger: Logger) {
        let before = Dictionary(uniqueKeysWithValues: alarms.map { ($0.kind, $0) })
        alarms = Alarm.Kind.allCases.compactMap { kind in
            guard let finding = findings[kind], finding.count > 0 else {
                if let ended = before[kind] {
                    logger.notice(
                        "over: \(kind.help)", metadata: ["alarm": "\(kind.rawValue)", "since": "\(ended.since)"])
                }
                return nil
            }
            let alarm = Alarm(
                kind: kind, since: before[kind]?.since ?? Timestamp(secondsSince1970: now), count: finding.count,
                subjects: Array(finding.subjects.sorted().prefix(Self.shownSubjects)))
            if before[kind] == nil {
                logger.error(
                    "\(kind.help)",
                    metadata: [
                        "alarm": "\(kind.rawValue)", "count": "\(alarm.count)",
                        "of": "\(alarm.subjects.joined(separator: " "))",
                    ])
            }
            return alarm
        }
    }
}

extension ControlPlane {
    /// Brings the alarms up to date, once a second.
    func lookForAlarms() {
        var findings: [Alarm.Kind: StandingAlarms.Finding] = [:]
        func find(_ kind: Alarm.Kind, _ count: Int, of subjects: some Sequence<String>) {
            if count > 0 { findings[kind] = StandingAlarms.Finding(count: count, subjects: Array(subjects)) }
        }
        let waiting = tables.waiting
        find(.routesWithoutRoom, waiting.routeCount, of: waiting.routes.keys.compactMap { plan.vrfNames[$0.rawValue] })
        let refusing = tables.links.waiting
        find(
            .nextHopsWithoutRoom, refusing.count,
            of: Set(refusing.compactMap { tables.links.key(of: $0)?.neighbor.address.description }))
        let withoutLabel = routing.vrfsWithoutFreeLabel
        find(
            .labelsWithoutRoom, refusedBindings.count + withoutLabel.count,
            of: Set(refusedBindings.map(\.vrf)).union(withoutLabel))
        find(.interfacesWithoutRoom, waiting.parts.count, of: waiting.parts.map { "\($0)" })
        find(
            .servicesWithoutRoom, plan.refusals.count + (tables.services.isIncomplete ? 1 : 0),
            of: plan.refusals.map(\.message))
        find(.neighborsWithoutRoom, mirror.missingCount, of: [])
        var full: [String] = []
        var near: [String] = []
        for vrf in index.vrfs {
            switch standing(of: vrf)?.state {
            case .refusing: full.append(vrf.name)
            case .near, .exceeded: near.append(vrf.name)
            case .within, nil: continue
            }
        }
        find(.maximumRoutesReached, full.count, of: full)
        find(.maximumRoutesNear, near.count, of: near)
        alarms.update(findings, secondsSince1970: WallClock.secondsSince1970, to: logger)
    }

    /// Places routes that have found no room, a portion at a time; goes on at the next tick of the timers while there is
    /// room for more.
    func placeWaitingRoutes() {
        let routing = routing
        isPlacingRoutes = tables.retryWaitingRoutes { vrf, prefix in routing.action(for: prefix, in: vrf) }
        commit()
        meetNeeds()
    }
}
