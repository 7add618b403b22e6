import Addressing

/// The second control-plane rule of Option E: a label is valid before it is said, and is not given to another VRF
/// until its quarantine is over.
extension RoutingTable {
    /// Brings labels and bindings to what eligibility asks for.
    func reconcileLabels() {
        let wanted = wantedBindings()
        let before = labels
        vrfsWithoutLabel.formIntersection(wanted.keys)
        for vrf in wanted.keys.sorted() where labels.labels[vrf] == nil {
            if labels.allocate(for: vrf, from: inputs.labelRange, now: now) != nil {
                vrfsWithoutLabel.remove(vrf)
            } else if vrfsWithoutLabel.insert(vrf).inserted {
                effects.append(.log(.labelsExhausted(vrf: vrf)))
            }
        }
        for vrf in labels.labels.keys where wanted[vrf] == nil && !bindings.hasBindings(vrf) { releaseLabel(of: vrf) }
        // On disk before it is used: after a crash the label must be known to be this VRF's.
        if labels != before { saveAllocations() }
        for (vrf, nnis) in wanted.sorted(by: { $0.key < $1.key }) {
            for nni in nnis.sorted() { want(LabelBindings.Key(vrf: vrf, nni: nni)) }
        }
        for key in bindings.keys.sorted() where wanted[key.vrf]?.contains(key.nni) != true { unwant(key) }
    }

    /// The NNIs on which each VRF is eligible; VRFs that are eligible nowhere are left out.
    private func wantedBindings() -> [String: Set<String>] {
        var wanted: [String: Set<String>] = [:]
        for vrf in inputs.vrfs.values {
            for address in vrf.eligibleNeighbors {
                guard let neighbor = inputs.neighbors[address], neighbor.isOptionE, let nni = neighbor.nni else {
                    continue
                }
                wanted[vrf.name, default: []].insert(nni)
            }
        }
        return wanted
    }

    private func isWanted(_ key: LabelBindings.Key) -> Bool {
        inputs.vrfs[key.vrf]?.eligibleNeighbors.contains { address in
            inputs.neighbors[address].map { $0.isOptionE && $0.nni == key.nni } ?? false
        } ?? false
    }

    private func want(_ key: LabelBindings.Key) {
        guard let label = labels.labels[key.vrf] else { return }
        switch bindings[key]?.state {
        case nil:
            bindings[key] = .init(label: label, state: .installing)
            effects.append(.installLabel(LabelBinding(vrf: key.vrf, nni: key.nni, label: label)))
        case .withdrawing:
            bindings[key]?.state = .installed
            enqueueRoutes(of: key)
        case .installing, .installed, .removing:
            // After a removal that is under way it is installed anew when the owner has confirmed that.
            break
        }
    }

    private func unwant(_ key: LabelBindings.Key) {
        guard let binding = bindings[key] else { return }
        switch binding.state {
        case .installing: remove(key, binding)
        case .installed: bindings[key]?.state = .withdrawing
        case .withdrawing, .removing: break
        }
    }

    private func remove(_ key: LabelBindings.Key, _ binding: LabelBindings.Binding) {
        bindings[key]?.state = .removing
        effects.append(.removeLabel(LabelBinding(vrf: key.vrf, nni: key.nni, label: binding.label)))
    }

    /// Removes the labels whose last route has been withdrawn.
    func finishWithdrawals() {
        guard !bindings.withdrawing.isEmpty else { return }
        for key in bindings.withdrawing.sorted() {
            guard let binding = bindings[key] else { continue }
            let isStillAdvertised = neighbors.values.contains {
                $0.inputs.nni == key.nni && ($0.advertisedCount[binding.label] ?? 0) > 0
            }
            if !isStillAdvertised { remove(key, binding) }
        }
    }

    func labelInstalled(_ binding: LabelBinding) {
        let key = LabelBindings.Key(vrf: binding.vrf, nni: binding.nni)
        guard bindings[key] == .init(label: binding.label, state: .installing) else { return }
        bindings[key]?.state = .installed
        enqueueRoutes(of: key)
    }

    func labelRemoved(_ binding: LabelBinding) {
        let key = LabelBindings.Key(vrf: binding.vrf, nni: binding.nni)
        guard bindings[key] == .init(label: binding.label, state: .removing) else { return }
        bindings[key] = nil
        if isWanted(key) {
            want(key)
        } else if !bindings.hasBindings(binding.vrf), !isEligibleSomewhere(binding.vrf) {
            releaseLabel(of: binding.vrf)
            scheduleAllocationsSave()
        }
    }

    private func isEligibleSomewhere(_ vrf: String) -> Bool {
        inputs.vrfs[vrf]?.eligibleNeighbors.contains { inputs.neighbors[$0]?.isOptionE ?? false } ?? false
    }

    private func releaseLabel(of vrf: String) {
        labels.release(vrf, now: now, quarantineSeconds: inputs.labelQuarantineSeconds)
    }

    /// The label by which routes of the VRF may be advertised on the NNI: once it is installed there.
    func installedLabel(of vrf: String, on nni: String?) -> MPLSLabel? {
        guard let nni, let binding = bindings[LabelBindings.Key(vrf: vrf, nni: nni)], binding.state == .installed else {
            return nil
        }
        return binding.label
    }

    private func enqueueRoutes(of key: LabelBindings.Key) {
        guard let vrf = vrfs[key.vrf] else { return }
        for neighbor in neighborsInOrder where neighbor.inputs.nni == key.nni {
            enqueueRoutes(of: vrf, for: neighbor)
            // Also without a route: End-of-RIB may have waited for the label.
            neighbor.needsSignal = true
        }
    }
}
