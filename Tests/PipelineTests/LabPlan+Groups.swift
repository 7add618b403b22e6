import CTableLayout
import ForwardingTables

/// Routes with several next hops at the same time.
extension LabPlan {
    struct Group {
        let vrf: UInt16
        /// Names of `hops`.
        let members: [String]

        /// Of the members that packets of each origin may leave by, or of all where they may by none; in the order of
        /// `stile_group_origin`.
        var buckets: [BucketAssignment] {
            let all = members.indices.map { UInt8($0) }
            let hops = members.compactMap { LabPlan.hops[$0] }
            let fromNNI = all.filter { position in
                let hop = hops[Int(position)]
                let isCircuit = LabPlan.carrier(of: hop) == nil && !LabPlan.isOperatorsCircuit(hop.counter)
                return isCircuit || hop.transport != nil && !hop.isMarked
            }
            let fromCore = all.filter { hops[Int($0)].transport == nil }
            return [all, fromNNI, fromCore].map { permitted in
                var assignment = BucketAssignment(permitted: permitted.isEmpty ? all : permitted)
                let usable = all.filter { ![.failed, .incompleteOnNNI].contains(hops[Int($0)].kind) }
                _ = assignment.follow(usable: usable.reduce(0) { $0 | 1 << UInt16($1) })
                return assignment
            }
        }
    }

    static let groups: [String: Group] = [
        "g1": Group(vrf: 1, members: ["c42", "n21", "p14", "p14border", "t14"]),
        "g1NNI": Group(vrf: 1, members: ["n11", "n21"]),
        "g1Core": Group(vrf: 1, members: ["p14", "p14near", "p14far"]),
        "g1Operators": Group(vrf: 1, members: ["a35", "a37", "p14", "c41"]),
        "g1Silent": Group(vrf: 1, members: ["silent", "c42", "gleanNNI"]),
        "g1Dead": Group(vrf: 1, members: ["silent", "gleanNNI"]),
        "g2": Group(vrf: 2, members: ["c45", "n12", "n22", "p24border", "p24"]),
        "g2NNI": Group(vrf: 2, members: ["n12", "n22"]),
        "g3": Group(vrf: 3, members: ["n33", "p34", "c44"]),
        // What a fault in the control process could install.
        "g1Foreign": Group(vrf: 1, members: ["c41", "foreign"]),
    ]

    static let groupRoutes: [UInt16: [(prefix: String, hop: String)]] = [
        1: [
            ("10.1.3.0/24", "g1"), ("10.2.7.0/24", "g1NNI"), ("10.2.9.0/24", "g1Core"), ("10.5.7.0/24", "g1Silent"),
            ("10.2.1.0/24", "g1Operators"), ("10.5.9.0/24", "g1Dead"), ("10.7.3.0/24", "g1Foreign"),
            ("2001:db8:2:7::/64", "g1"),
            ("2001:db8:3:9::/64", "g1NNI"), ("2001:db8:2:9::/64", "g1Silent"),
        ],
        2: [
            ("10.2.3.0/24", "g2"), ("10.2.7.0/24", "g2NNI"), ("10.3.3.0/24", "g2NNI"), ("2001:db8:2:9::/64", "g2"),
            ("2001:db8:3:9::/64", "g2NNI"),
        ],
        3: [("10.3.7.0/24", "g3")],
    ]
}
