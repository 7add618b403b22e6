import Addressing

/// Which parts of a VRF have changed, so that only what depends on them is gone through.
extension VRFInputs {
    /// Whether it is the VRF that `other` is, be it as it may.
    func isSame(as other: VRFInputs?) -> Bool { identity == other?.identity && number == other?.number }

    /// Whether it may import other routes than `former` did; `nil` is a VRF that did not exist.
    func imports(unlike former: VRFInputs?) -> Bool {
        guard let former else { return !importTargets.isEmpty || !sideTargets.isEmpty }
        return importTargets != former.importTargets || sideTargets != former.sideTargets || families != former.families
            || eligibleNeighbors != former.eligibleNeighbors || importFilters != former.importFilters
            || importPolicies != former.importPolicies
    }

    /// Whether it may import routes of `neighbor` that `former` did not.
    func importsMore(than former: VRFInputs?, from neighbor: NeighborInputs, _ family: AddressFamily) -> Bool {
        let targets = importTargets(from: neighbor)
        guard families.contains(family), eligibleNeighbors.contains(neighbor.peer), !targets.isEmpty else {
            return false
        }
        guard let former, former.families.contains(family), former.eligibleNeighbors.contains(neighbor.peer) else {
            return true
        }
        return !targets.isSubset(of: former.importTargets(from: neighbor))
            || importFilters[family].mayPermitMore(than: former.importFilters[family])
            || importPolicies[family].mayPermitMore(than: former.importPolicies[family])
    }

    /// Whether it takes a customer's routes that `former` did not.
    func carriesMore(than former: VRFInputs?, of peer: PeerAddress, _ family: AddressFamily) -> Bool {
        peer.vrf == number && families.contains(family)
            && !(former.map { $0.isSame(as: self) && $0.families.contains(family) } ?? false)
    }

    /// The neighbors whose routes' packets go another way than `former` had it.
    func rerouted(unlike former: VRFInputs?) -> Set<PeerAddress> {
        guard let former, !circuitGateways.isEmpty || !former.circuitGateways.isEmpty else { return [] }
        return Set(circuitGateways.keys).union(former.circuitGateways.keys).filter {
            circuitGateways[$0] != former.circuitGateways[$0]
        }
    }

    /// Whether it may export other routes, or the same ones otherwise, than `former` did.
    func exports(unlike former: VRFInputs?) -> Bool {
        guard let former else { return true }
        return routeDistinguisher != former.routeDistinguisher || exportTargets != former.exportTargets
            || sideTargets != former.sideTargets
            || families != former.families || allowsTransit != former.allowsTransit
            || eligibleNeighbors != former.eligibleNeighbors || circuitGateways != former.circuitGateways
            || redistributed != former.redistributed
            || exportFilters != former.exportFilters || exportPolicies != former.exportPolicies
            || labelMode != former.labelMode || servesCarrier != former.servesCarrier
            || commonLabel != former.commonLabel || hasFallbackLabel != former.hasFallbackLabel
    }
}
