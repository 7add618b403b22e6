import SeededRandom

/// The text of a valid configuration, made at random: ports that come and go or are another device, NNIs on ports and
/// on VLANs, circuits with all kinds of tags, units, VRFs, static routes, neighbors, and services everywhere.
struct RandomBox {
    private var generator: SeededGenerator
    private var lines: [String] = []
    private var vrfs: [String] = []
    /// The far ends, one on each NNI.
    private var neighbors: [String] = []
    /// Those of them that BGP has.
    private var peers: [String] = []
    /// Those of these that are Option E.
    private var optionE: [String] = []
    private var interfaces: [String] = []

    static func text(_ generator: inout SeededGenerator) -> String {
        var box = RandomBox(generator: generator)
        box.fill()
        generator = box.generator
        return box.lines.joined(separator: "\n") + "\n"
    }

    private init(generator: SeededGenerator) { self.generator = generator }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }
    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    private mutating func fill() {
        vrfs = ["one", "two", "three", "four"].filter { _ in !chance(3) }
        fillServices()
        fillRouteMaps()
        for port in 0..<4 where !chance(4) {
            lines += [
                "port ten1/\(port)", " device net_null\(port)\(chance(5) ? "9" : "")",
                " mac-address 02:00:00:00:00:1\(port)",
            ]
            fillPort(port)
        }
        if !chance(5) {
            peers = neighbors.filter { _ in !chance(4) }
            optionE = peers.filter { _ in !chance(4) }
        }
        for (index, vrf) in vrfs.enumerated() {
            lines += [
                "ip vrf \(vrf)", " policy-route from \(vrfs.joined(separator: " "))", " rd 42:\(index + 1)",
                " route-target both 42:\(number(1...3))",
            ]
            if chance(3) { lines.append(" optE transit") }
            if chance(2) {
                lines.append(" optE")
            } else if let neighbor = optionE.randomElement(using: &generator), chance(2) {
                lines.append(" optE \(neighbor)")
            }
        }
        lines += interfaces
        for (index, vrf) in vrfs.enumerated() where chance(2) {
            let nextHop = chance(3) ? "Null0" : "10.\(number(1...3)).\(number(0...3)).\(number(2...9))"
            lines.append("ip route vrf \(vrf) 172.\(16 + index).0.0/16 \(nextHop)")
        }
        fillBGP()
    }

    private mutating func fillPort(_ port: Int) {
        switch number(0...3) {
        case 0: addNNI("ten1/\(port)", number: port, tag: nil)
        case 1:
            addNNI("ten1/\(port).100", number: 10 + port, tag: 100)
            if chance(2) { addNNI("ten1/\(port).200", number: 20 + port, tag: 200) }
            if chance(2) { addCircuit("ten1/\(port).300", port, "300") }
        case 2:
            addCircuit("ten1/\(port)", port, nil)
        default:
            addCircuit("ten1/\(port).30", port, "30")
            addCircuit("ten1/\(port).40", 4 + port, chance(2) ? "40" : "40 second-dot1q \(number(1...2))")
        }
    }

    private mutating func addNNI(_ name: String, number: Int, tag: Int?) {
        interfaces.append("interface \(name)")
        if let tag { interfaces.append(" encapsulation dot1q \(tag)") }
        interfaces += [" encap mpls optE", " ip address 192.0.2.\(4 * number + 1)/30"]
        if chance(3) { interfaces.append(" optE source-mac") }
        attachServices()
        neighbors.append("192.0.2.\(4 * number + 2)")
        guard tag == nil, let vrf = vrfs.randomElement(using: &generator) else { return }
        interfaces += ["interface \(name).1", " vrf definition \(vrf)"]
        attachServices()
    }

    private mutating func addCircuit(_ name: String, _ subnet: Int, _ tags: String?) {
        guard let vrf = vrfs.randomElement(using: &generator) else { return }
        interfaces.append("interface \(name)")
        if let tags { interfaces.append(" encapsulation dot1q \(tags)") }
        interfaces += [" vrf definition \(vrf)", " ip address 10.\(number(1...3)).\(subnet).1/24"]
        if chance(2) { interfaces.append(" ipv6 address 2001:db8:\(subnet + 1)::1/64") }
        attachServices()
    }

    /// Lists and policies under a few names, with other contents each time.
    private mutating func fillServices() {
        for name in ["a", "b"] {
            lines.append("ip access-list extended \(name)")
            lines += (1...number(1...4)).map { " \(10 * $0) \(entry("ip"))" }
            lines.append("ipv6 access-list \(name)")
            lines += (1...number(1...3)).map { " \(10 * $0) \(entry("ipv6"))" }
        }
        lines += ["class-map match-any first", " match access-group name \(chance(2) ? "a" : "b")"]
        if chance(2) { lines.append(" match dscp \(number(0...63))") }
        lines += ["class-map match-all second", " match mpls experimental topmost \(number(0...7))"]
        for name in ["p", "q"] {
            lines.append("policy-map \(name)")
            for (index, one) in ["first", "second", "class-default"].enumerated() where index == 0 || chance(2) {
                lines += [" class \(one)", "  set dscp \(number(0...63))"]
                if chance(2) {
                    lines.append(
                        "  police cir \(1000 * number(8...100_000)) bc 15000 conform-action transmit exceed-action drop"
                    )
                }
            }
        }
    }

    /// Route maps under two names, with neighbors that some VRF may have.
    private mutating func fillRouteMaps() {
        for name in ["m", "n"] {
            for index in 1...number(1...3) {
                lines.append("route-map \(name) \(chance(5) ? "deny \(10 * index)" : "permit \(10 * index)")")
                if chance(2) { lines.append(" match ip address \(chance(2) ? "a" : "b")") }
                if chance(2) { lines.append(" match length 0 \(number(100...1500))") }
                guard lines.last?.contains("deny") == false, !lines.suffix(3).contains(where: { $0.contains("deny") })
                else { continue }
                switch number(0...3) {
                case 0: lines.append(" set interface null0")
                case 1: if let vrf = vrfs.randomElement(using: &generator) { lines.append(" set vrf \(vrf)") }
                default:
                    lines.append(" set ip next-hop 10.\(number(1...3)).\(number(0...3)).7 10.1.\(number(0...3)).8")
                }
            }
        }
    }

    private mutating func entry(_ any: String) -> String {
        let action = chance(2) ? "permit" : "deny"
        return chance(3) ? "\(action) \(any) any any" : "\(action) tcp any any eq \(number(1...3))"
    }

    private mutating func attachServices() {
        for (statement, name) in [("ip access-group", "a"), ("ipv6 traffic-filter", "b")] {
            for direction in ["in", "out"] where chance(4) {
                interfaces.append(" \(statement) \(chance(2) ? name : "a") \(direction)")
            }
        }
        if chance(4) { interfaces.append(" ip policy route-map \(chance(2) ? "m" : "n")") }
        for direction in ["input", "output"] where chance(4) {
            interfaces.append(" service-policy \(direction) \(chance(2) ? "p" : "q")")
        }
    }

    private mutating func fillBGP() {
        guard !peers.isEmpty else { return }
        lines.append("router bgp \(chance(6) ? 43 : 42)")
        if chance(4) { lines.append(" bgp router-id 192.0.2.\(number(200...202))") }
        lines += peers.map { " neighbor \($0) remote-as 6500\(number(1...2))" }
        if !optionE.isEmpty { lines.append(" address-family vpnv4") }
        lines += optionE.map { "  neighbor \($0) optE" }
        for vrf in vrfs where !chance(3) { lines += [" address-family ipv4 vrf \(vrf)", "  redistribute connected"] }
    }
}
