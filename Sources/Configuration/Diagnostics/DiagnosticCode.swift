/// What a diagnostic is about, by a name that stays the same from release to release.
public enum DiagnosticCode: String, Hashable, Sendable, CaseIterable {
    // The text.
    case invalidCharacter = "invalid-character"
    case unterminatedQuote = "unterminated-quote"
    case unknownKeyword = "unknown-keyword"
    case missingArgument = "missing-argument"
    case invalidValue = "invalid-value"
    case unexpectedArgument = "unexpected-argument"
    case notSupported = "not-supported"
    case nothingToExit = "nothing-to-exit"
    case conflictingStatement = "conflicting-statement"
    /// Of a line that is typed, not of a text: what `no` shall take away is not there.
    case undefinedLine = "undefined-line"

    // Names.
    case undefinedVRF = "undefined-vrf"
    case undefinedLabelSpace = "undefined-label-space"
    case undefinedAccessList = "undefined-access-list"
    case undefinedPrefixList = "undefined-prefix-list"
    case undefinedCommunityList = "undefined-community-list"
    case undefinedASPathList = "undefined-as-path-list"
    case undefinedClassMap = "undefined-class-map"
    case undefinedPolicyMap = "undefined-policy-map"
    case undefinedFlowExporter = "undefined-flow-exporter"
    case undefinedFlowMonitor = "undefined-flow-monitor"
    case undefinedObjectGroup = "undefined-object-group"
    case undefinedTableMap = "undefined-table-map"
    case undefinedRouteMap = "undefined-route-map"
    case undefinedPeerGroup = "undefined-peer-group"
    case undefinedNeighbor = "undefined-neighbor"

    // Interfaces.
    case portWithoutDevice = "port-without-device"
    case duplicateDevice = "duplicate-device"
    case interfaceWithoutRole = "interface-without-role"
    case ambiguousUnit = "ambiguous-unit"
    case unitWithoutVRF = "unit-without-vrf"
    case duplicateUnit = "duplicate-unit"
    case unitWithAddress = "unit-with-address"
    case nniWithVRF = "nni-with-vrf"
    case nniWithoutAddress = "nni-without-address"
    case nniWithTwoTags = "nni-with-two-tags"
    case loopbackWithoutAddress = "loopback-without-address"
    case addressWithoutVRF = "address-without-vrf"
    case tagOnWholePort = "tag-on-whole-port"
    case misplacedBinding = "misplaced-binding"
    case vlanClash = "vlan-clash"
    case duplicateAddress = "duplicate-address"
    case unusableAddress = "unusable-address"
    case overlappingSubnets = "overlapping-subnets"
    case familyNotCarried = "family-not-carried"
    case mtuAbovePort = "mtu-above-port"
    case interfaceWithoutPort = "interface-without-port"
    case wrongAccessListFamily = "wrong-access-list-family"
    case misplacedService = "misplaced-service"
    case serviceWithoutEffect = "service-without-effect"

    // VRFs and routes.
    case missingRouteDistinguisher = "missing-route-distinguisher"
    case duplicateRouteDistinguisher = "duplicate-route-distinguisher"
    case commonLabelOutsideBlock = "common-label-outside-block"
    case commonLabelClash = "common-label-clash"
    case labelSpaceWithoutLabel = "label-space-without-label"
    case vrfWithoutTargets = "vrf-without-targets"
    case neighborNotOptionE = "neighbor-not-option-e"
    case neighborNotOptionB = "neighbor-not-option-b"
    case gatewayOffCircuit = "gateway-off-circuit"
    case familyWithoutFarEnd = "family-without-far-end"
    case duplicateRoute = "duplicate-route"
    case unreachableNextHop = "unreachable-next-hop"
    case transportWithoutLoopback = "transport-without-loopback"
    case transportWithoutCore = "transport-without-core"
    case staticLabelInRange = "static-label-in-range"
    case conflictingMultipointLabel = "conflicting-multipoint-label"
    case duplicateBranch = "duplicate-branch"
    case branchToSource = "branch-to-source"
    case tooManyBranches = "too-many-branches"
    case multipointWithoutCore = "multipoint-without-core"
    case fpmWithoutPort = "fpm-without-port"
    case duplicateHostDevice = "duplicate-host-device"
    case dataplaneCores = "dataplane-cores"
    case reservedMemoryTooLarge = "reserved-memory-too-large"
    case metricsOnInterface = "metrics-on-interface"
    case tooManyLogCollectors = "too-many-log-collectors"

    // BGP.
    case missingRemoteAS = "missing-remote-as"
    case internalOptionE = "internal-option-e"
    case internalOptionB = "internal-option-b"
    case internalOptionC = "internal-option-c"
    case labelledWithoutList = "labelled-without-list"
    case manyReflectors = "many-reflectors"
    case optionMismatch = "option-mismatch"
    case relayWithoutTargets = "relay-without-targets"
    case relayWithoutEffect = "relay-without-effect"
    case internalWithoutLoopback = "internal-without-loopback"
    case externalReflectorClient = "external-reflector-client"
    case externalLabeledUnicast = "external-labeled-unicast"
    case externalRouteTargets = "external-route-targets"
    case externalSignalling = "external-signalling"
    case routeTargetsWithoutVPN = "route-targets-without-vpn"
    case updateSourceWithoutEffect = "update-source-without-effect"
    case neighborOffNNI = "neighbor-off-nni"
    case neighborIsSelf = "neighbor-is-self"
    case internalNeighbor = "internal-neighbor"
    case neighborOffCircuit = "neighbor-off-circuit"
    case neighborWithoutPolicy = "neighbor-without-policy"
    case activatedWithoutPolicy = "activated-without-policy"
    case impossibleTimers = "impossible-timers"
    case nothingToExchange = "nothing-to-exchange"
    case lineWithoutEffect = "line-without-effect"
    case hiddenPassword = "hidden-password"
    case tooFewLabels = "too-few-labels"

    // Access lists and policies.
    case duplicateSequence = "duplicate-sequence"
    case emptyAccessList = "empty-access-list"
    case accessListTooLarge = "access-list-too-large"
    case emptyObjectGroup = "empty-object-group"
    case wrongObjectGroup = "wrong-object-group"
    case emptyClassMap = "empty-class-map"
    case impossibleRate = "impossible-rate"
    case burstBelowFrame = "burst-below-frame"
    case unreachableClass = "unreachable-class"

    // Policy-based routing.
    case ineffectiveSet = "ineffective-set"
    case policyRouteNotAllowed = "policy-route-not-allowed"
    case wrongRouteMapUse = "wrong-route-map-use"

    // Flow export.
    case incompleteFlowExporter = "incomplete-flow-exporter"
    case incompleteFlowMonitor = "incomplete-flow-monitor"
    case sourceOfOtherFamily = "source-of-other-family"
}

extension DiagnosticCode {
    public var severity: DiagnosticSeverity {
        switch self {
        case .vrfWithoutTargets, .reservedMemoryTooLarge, .unreachableNextHop, .activatedWithoutPolicy,
            .neighborWithoutPolicy, .emptyAccessList, .emptyObjectGroup,
            .serviceWithoutEffect, .interfaceWithoutPort, .nothingToExchange, .updateSourceWithoutEffect,
            .lineWithoutEffect,
            .tooFewLabels,
            .burstBelowFrame, .gatewayOffCircuit, .familyWithoutFarEnd, .relayWithoutTargets, .relayWithoutEffect,
            .labelledWithoutList, .manyReflectors:
            .warning
        default: .error
        }
    }
}
