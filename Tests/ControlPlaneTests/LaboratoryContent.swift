import ControlProtocol
import Testing

/// What the tables do, without the numbers that depend on the order of allocation.
struct LaboratoryContent: Equatable {
    var isolation: [VRFReach]
    var labels: [String]
    var routes: [String]
    var violations: Int
    var services: [String]
}

extension Laboratory {
    func content() async throws -> LaboratoryContent {
        let isolation = try await ask(ShowIsolation())
        let labels = try await ask(ShowLabels())
        let routes = try await ask(ShowRoutes())
        let reaches = isolation.vrfs.map { reach in
            // Labels are given in the order in which VRFs become eligible; a neighbor that has been asked for long
            // enough in vain has a route of its own.
            VRFReach(
                vrf: reach.vrf,
                entrances: reach.entrances.map { VRFDoor(interface: $0.interface, prefixes: $0.prefixes) },
                exits: reach.exits.map { VRFDoor(interface: $0.interface, label: $0.label, prefixes: 0) },
                policyRouteTargets: reach.policyRouteTargets)
        }
        return LaboratoryContent(
            isolation: reaches, labels: labels.labels.map { "\($0.nni) \($0.unit) \($0.vrf)" }.sorted(),
            routes: routes.routes.map {
                "\($0.vrf) \($0.prefix) \($0.source) \($0.nextHops)\($0.isInstalled ? "" : " no room")"
            },
            violations: isolation.violations.count, services: try await servicesInWords())
    }
}

extension Laboratory {
    /// The content once it is as expected: labels go five seconds behind their withdrawals' being read (`withdrawal-delay`).
    /// After three times as long as it is.
    func content(expecting expected: LaboratoryContent) async throws -> LaboratoryContent {
        var found = try await content()
        for _ in 0..<150 where found != expected {
            try await Task.sleep(for: .milliseconds(100))
            found = try await content()
        }
        return found
    }
}

extension LaboratoryContent {
    /// Expects every part to be the same, and names the one that is not.
    func expectEqual(_ other: LaboratoryContent, _ comment: Comment? = nil) {
        #expect(labels == other.labels, comment)
        #expect(routes == other.routes, comment)
        #expect(isolation == other.isolation, comment)
        #expect(violations == other.violations, comment)
        #expect(services == other.services, comment)
    }
}
