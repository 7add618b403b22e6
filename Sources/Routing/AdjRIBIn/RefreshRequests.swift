import Addressing
import BGP

/// Asks neighbors to send again what was not kept (RFC 2918): what limits refused when there is room, and what new inputs may
/// call for.
struct RefreshRequests {
    let context: RoutingContext

    /// A route is gone or has other attributes. When half of what the neighbor may have is free again, what was refused is
    /// asked for.
    func askForRefused(of neighbor: NeighborState) {
        guard neighbor.received.hasRefusedForLimits, let session = neighbor.session, session.routeRefresh,
            neighbor.received.holdings.isHalfFree(neighbor.inputs)
        else { return }
        for family in SessionFamily.allCases where neighbor.received[family].hasRefusedForLimits {
            neighbor.received[family].forgetRefusedForLimits()
            context.add(.requestRefresh(neighbor: neighbor.peer, family.identifier))
        }
    }

    /// Asks for what was left out of the families of Option B: distinguishers are no longer the own network's.
    func askForReleased(of neighbor: NeighborState) {
        guard neighbor.session?.routeRefresh == true else { return }
        for family in SessionFamily.allCases
        where neighbor.role(in: family)?.isRelayed == true && neighbor.exchanges(family)
            && neighbor.received[family].hasLeftOutRoutes
        {
            neighbor.received[family].forgetLeftOut()
            context.add(.requestRefresh(neighbor: neighbor.peer, family.identifier))
        }
    }

    /// Asks a neighbor for what was not kept and may be needed now.
    func askForMore(of neighbor: NeighborState, unlike old: RoutingInputs) {
        guard let session = neighbor.session else { return }
        let keepsMoreAttributes = !context.inputs.keptAttributes.passedTypeCodes.isSubset(
            of: old.keptAttributes.passedTypeCodes)
        let formerlyReflected = Set(old.reflectorClients.keys)
        for family in SessionFamily.allCases where neighbor.exchanges(family) && neighbor.inputs.isHeard(in: family) {
            let table = neighbor.received[family]
            guard table.hasLeftOutRoutes || table.hasLeftOutAttributes, !table.isDisabled else { continue }
            let isReflectedNow = context.isReflected(family, of: neighbor) && !formerlyReflected.contains(family)
            let isNeeded =
                isReflectedNow || (keepsMoreAttributes && table.hasLeftOutAttributes)
                || (table.hasLeftOutRoutes && isMoreImported(of: neighbor, family, than: old))
            guard isNeeded else { continue }
            guard session.routeRefresh else {
                context.log(.refreshNotPossible(neighbor: neighbor.peer, family.identifier))
                continue
            }
            table.forgetLeftOut()
            context.add(.requestRefresh(neighbor: neighbor.peer, family.identifier))
        }
    }

    /// Whether a route that was not kept may be needed now.
    private func isMoreImported(
        of neighbor: NeighborState, _ family: SessionFamily, than old: RoutingInputs
    ) -> Bool {
        let inputs = context.inputs
        let former = old.neighbors[neighbor.peer]
        return former.map { !$0.isHeard(in: family) || neighbor.inputs.acceptsMore(than: $0) } ?? true
            || neighbor.inputs.families[family].flatMap(\.importFilter).mayPermitMore(
                than: former?.families[family].flatMap(\.importFilter))
            || neighbor.inputs.families[family].flatMap(\.importPolicy).mayPermitMore(
                than: former?.families[family].flatMap(\.importPolicy))
            || (inputs.keepsRoutesWithoutImport && !old.keepsRoutesWithoutImport)
            || isMoreRelayed(of: neighbor, family, than: old)
            || inputs.vrfs.values.contains {
                family.isVPN
                    ? $0.importsMore(than: old.vrfs[$0.name], from: neighbor.inputs, family.addressFamily)
                    : $0.carriesMore(than: old.vrfs[$0.name], of: neighbor.peer, family.addressFamily)
            }
    }

    /// Whether a route may be relayed now, or have a route distinguisher that was the own network's.
    private func isMoreRelayed(of neighbor: NeighborState, _ family: SessionFamily, than old: RoutingInputs) -> Bool {
        guard context.isRelaying, family.isVPN || family.isSignalling else { return false }
        guard neighbor.isInternal else {
            return neighbor.role(in: family)?.isRelayed == true
                && !old.vrfs.values.allSatisfy { context.vrfDistinguishers.contains($0.routeDistinguisher) }
        }
        let former = old.neighbors[neighbor.peer]?.families[family]?.relay.imported
        return !old.isRelaying || neighbor.inputs.families[family]?.relay.imported != former
    }
}
