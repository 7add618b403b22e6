import Addressing

/// The statements about several paths of a prefix at the same time.
enum MultipathStatements {
    static let relaxation = Statement<BGPDraft>.line(
        "bgp", "bestpath", "as-path", "multipath-relax",
        help: "paths that are used at the same time need not begin with the same AS",
        example: "bgp bestpath as-path multipath-relax",
        prints: .line("bgp bestpath as-path multipath-relax", if: \.relaxesMultipathASPath)
    ) { line, bgp throws(Finding) in
        bgp.relaxesMultipathASPath = true
    }

    /// Of an address family of a VRF.
    static func limits(_ family: AddressFamily) -> [Statement<BGPVRFDraft>] {
        [
            .line(
                "maximum-paths", help: "so many equal paths of customers and NNIs are used at the same time",
                example: "maximum-paths 4", prints: .line { $0.externalPaths.map { "maximum-paths \($0)" } }
            ) { line, vrf throws(Finding) in
                guard var draft = vrf.families[family] else { return }
                try line.assign(&draft.externalPaths, number(&line))
                vrf.families[family] = draft
            },
            .line(
                "maximum-paths", "ibgp", help: "so many equal paths from the own network are used at the same time",
                example: "maximum-paths ibgp 4", prints: .line { $0.internalPaths.map { "maximum-paths ibgp \($0)" } }
            ) { line, vrf throws(Finding) in
                guard var draft = vrf.families[family] else { return }
                try line.assign(&draft.internalPaths, number(&line))
                vrf.families[family] = draft
            },
            .line(
                "maximum-paths", "eibgp",
                help: "so many equal paths are used at the same time, wherever they come from",
                example: "maximum-paths eibgp 4", prints: .line { $0.mixedPaths.map { "maximum-paths eibgp \($0)" } }
            ) { line, vrf throws(Finding) in
                guard var draft = vrf.families[family] else { return }
                try line.assign(&draft.mixedPaths, number(&line))
                vrf.families[family] = draft
            },
        ]
    }

    private static func number(_ line: inout LineReader) throws(Finding) -> UInt8 {
        try line.number("paths", in: VRFFamilySettings.maximumPathsRange)
    }
}
