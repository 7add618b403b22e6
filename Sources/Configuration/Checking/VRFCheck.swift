import Addressing

/// Every VRF has a route distinguisher of its own.
struct VRFCheck: ConfigurationCheck {
    private let vrfs: [String: VRFDraft]
    private let tableMemoryMebibytes: UInt32?
    private let damaged: Set<Mode>
    private let references: References
    private let report: CheckReport

    init(_ text: CheckedText, _ report: CheckReport) {
        self.report = report
        vrfs = text.draft.vrfs
        tableMemoryMebibytes = text.draft.dataplane.tableMemoryMebibytes?.value
        damaged = text.draft.damaged
        references = References(text, report)
    }

    func check(_ configuration: inout Configuration) {
        var owners: [RouteDistinguisher: String] = [:]
        let tableMebibytes = UInt64(
            tableMemoryMebibytes ?? DataplaneSettings.usualTableMebibytes)
        var reserved: UInt64 = 0
        for (name, vrf) in vrfs.sorted(by: { $0.value.declared.line < $1.value.declared.line }) {
            report.record(.vrf(name), at: vrf.declared)
            if let distinguisher = vrf.routeDistinguisher {
                if let owner = owners[distinguisher.value] {
                    report(
                        .duplicateRouteDistinguisher,
                        "VRF '\(owner)' has the route distinguisher \(distinguisher.value) already",
                        at: distinguisher.range,
                        hint: "two VRFs with one distinguisher would overwrite each other's routes")
                }
                owners[distinguisher.value] = owners[distinguisher.value] ?? name
            } else if !damaged.contains(.vrf(name)) {
                report(
                    .missingRouteDistinguisher, "VRF '\(name)' has no route distinguisher", at: vrf.declared,
                    hint: "add 'rd ASN:number'")
            }
            let declaresOptionE = vrf.everyNeighbor ?? vrf.neighbors.first?.range ?? vrf.circuitNeighbors.first?.line
            if let declaresOptionE, vrf.targets == RouteTargetPolicy(), vrf.sideTargets.isEmpty,
                !damaged.contains(.vrf(name))
            {
                report(
                    .vrfWithoutTargets, "VRF '\(name)' has no route targets: nothing can be imported from a neighbor",
                    at: declaresOptionE, hint: "add 'route-target both ASN:number'")
            }
            if let memory = vrf.reservedMemoryMebibytes {
                let isEnough = reserved <= tableMebibytes
                reserved += UInt64(memory.value)
                if isEnough, reserved > tableMebibytes {
                    report(
                        .reservedMemoryTooLarge,
                        "more memory is reserved for VRFs than the \(tableMebibytes) MiB that the tables have",
                        at: memory.range, hint: "all reservations become smaller; see 'memory tables' of 'dataplane'")
                }
            }
            if let monitor = vrf.flowMonitor { references.check(flowMonitor: monitor) }
            for source in vrf.policyRouteSources where vrfs[source.value] == nil {
                references.undefinedVRF(source.value, at: source.range)
            }
            // References to a VRF that lacks its distinguisher must not be reported as well, so it stays in the model.
            configuration.vrfs[name] = model(of: vrf, name: name)
        }
    }

    private func model(of vrf: VRFDraft, name: String) -> VRF {
        var result = VRF(
            name: name, routeDistinguisher: vrf.routeDistinguisher?.value ?? RouteDistinguisher(rawValue: 0))
        result.description = vrf.description?.value
        result.importTargets = vrf.targets.imported
        result.exportTargets = vrf.targets.exported
        result.sideTargets = vrf.sideTargets
        if vrf.everyNeighbor != nil {
            result.optionE = .everyNeighbor
        } else if !vrf.neighbors.isEmpty {
            result.optionE = .neighbors(Set(vrf.neighbors.map(\.value)))
        }
        if vrf.everyRelayNeighbor != nil {
            result.optionB = .everyNeighbor
        } else if !vrf.relayNeighbors.isEmpty {
            result.optionB = .neighbors(Set(vrf.relayNeighbors.map(\.value)))
        }
        for draft in vrf.circuitNeighbors {
            result.optionAB[draft.neighbor.value] = draft.nextHops.mapValues(\.value)
        }
        result.allowsTransit = vrf.transit != nil
        result.acceptsConnectedSubnets = vrf.acceptsConnectedSubnets != nil
        result.loopbacks = vrf.loopbacks.mapValues(\.value)
        result.addressFamilies = vrf.carriedFamilies
        result.propagatesTTL = vrf.propagatesTTL?.value ?? true
        result.commonLabel = vrf.commonLabel?.value
        result.hasFallbackLabel = vrf.fallbackLabel != nil
        result.labelMode = vrf.labelMode?.value ?? .perVRF
        result.maximumRoutes = vrf.maximumRoutes?.value
        result.maximumLabels = vrf.maximumLabels?.value
        result.reservedMemoryMebibytes = vrf.reservedMemoryMebibytes?.value
        result.flowMonitor = vrf.flowMonitor?.value
        result.prefixLists = vrf.prefixLists.mapValues(\.names)
        // A line without a family is for those that the VRF carries.
        for (family, maps) in vrf.routeMaps where vrf.carriedFamilies.contains(family) {
            result.routeMaps[family] = maps.names
        }
        result.policyRouteSources = Set(vrf.policyRouteSources.map(\.value))
        return result
    }
}
