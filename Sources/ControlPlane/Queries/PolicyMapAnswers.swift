import CTableLayout
import Configuration
import ControlProtocol
import ForwardingTables

/// How many attached policies are read in one turn of the event loop.
private let policiesAtOnce = 10

extension ShowPolicyMap: AnsweredRequest {
    package func answer(by plane: ControlPlane) async throws(ControlError) -> PolicyMapResult {
        let policies = await plane.attachedPolicies
        let takenAt = Timestamp.now
        var statuses: [AttachedPolicyStatus] = []
        for portion in try policies.on(interface).portions(of: policiesAtOnce) {
            statuses += await plane.statuses(of: portion, policies)
        }
        return PolicyMapResult(takenAt: takenAt, policies: statuses)
    }
}

extension ControlPlane {
    fileprivate func statuses(
        of attached: ArraySlice<AttachedPolicy>, _ policies: AttachedPolicies
    ) -> [AttachedPolicyStatus] {
        let counters = operatorCounters.shown
        return attached.map { policies.status(of: $0, counters) }
    }
}

extension ClearPolicyMap: PromptlyAnswered {
    func answer(in plane: isolated ControlPlane) throws(ControlError) -> CountersClearedResult {
        let policies = plane.attachedPolicies
        let instances = try policies.on(interface).flatMap { attached in
            PolicyCompiler.classNames(of: attached.policy).compactMap { policies.instance(of: $0, in: attached) }
        }
        plane.operatorCounters.clear { $0.clearClasses(instances, in: $1) }
        return CountersClearedResult(clearedAt: .now, counters: instances.count)
    }
}

extension AttachedPolicies {
    fileprivate func status(of attached: AttachedPolicy, _ counters: ShownCounters) -> AttachedPolicyStatus {
        AttachedPolicyStatus(
            interface: attached.interface.name.description, unit: attached.impliedUnit, vrf: attached.vrf,
            direction: ServiceDirection(attached.direction), policyMap: attached.policy.name,
            classes: PolicyCompiler.classNames(of: attached.policy).map { name in
                let numbers = counters.counters(ofClass: instance(of: name, in: attached))
                let policer = attached.policy.classes.first { $0.name == name }?.policer
                return PolicyClassStatus(
                    name: name, green: numbers.count(STILE_GREEN), yellow: numbers.count(STILE_YELLOW),
                    red: numbers.count(STILE_RED), policer: policer.map(PolicerStatus.init))
            })
    }
}

extension ClassCounters {
    /// What was of one colour.
    func count(_ colour: stile_colour) -> TrafficCount {
        TrafficCount(packets: packets[Int(colour.rawValue)], bytes: octets[Int(colour.rawValue)])
    }
}

extension ServiceDirection {
    init(_ direction: TrafficDirection) {
        switch direction {
        case .input: self = .input
        case .output: self = .output
        }
    }
}

extension PolicerStatus {
    init(_ policer: Policer) {
        self.init(
            committedRateBitsPerSecond: policer.committedRateBitsPerSecond,
            committedBurstBytes: policer.committedBurstOctets, peakRateBitsPerSecond: policer.peakRateBitsPerSecond,
            excessBurstBytes: policer.excessBurstOctets, conformAction: Self.text(policer.conformAction),
            exceedAction: Self.text(policer.exceedAction), violateAction: policer.violateAction.map(Self.text),
            accountBytes: Int(policer.accountOctets), conformColour: policer.conformColour,
            exceedColour: policer.exceedColour)
    }

    private static func text(_ action: PolicerAction) -> String {
        switch action {
        case .transmit: "transmit"
        case .drop: "drop"
        case .setDSCP(let value): "set dscp \(value)"
        case .setTrafficClass(let value): "set mpls experimental \(value)"
        }
    }
}
