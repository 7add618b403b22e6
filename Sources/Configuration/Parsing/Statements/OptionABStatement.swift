import Addressing

/// `optAB` of an `ip vrf` block.
enum OptionABStatement {
    static let all: [Statement<VRFDraft>] = [
        .line(
            "optAB",
            help:
                "it exchanges routes with an Option E neighbor, and packets without labels: with these addresses, one of a "
                + "family, on circuits of its own; 'optE' without addresses is about the others",
            example: "optAB 192.0.2.2 next-hop 10.1.0.9",
            prints: .lines(rank: 1) { vrf in
                vrf.optionAB.sorted { $0.key < $1.key }.map { neighbor, nextHops in
                    let addresses = nextHops.sorted { $0.key < $1.key }.map(\.value.description)
                    return "optAB \(neighbor) next-hop \(addresses.joined(separator: " "))"
                }
            }
        ) { line, vrf throws(Finding) in
            let neighbor = try line.address("the address of an Option E neighbor")
            try line.expect("next-hop")
            var nextHops: [AddressFamily: Located<IPAddress>] = [:]
            repeat {
                let token = try line.next("the far end's address on a circuit of the VRF")
                guard let address = IPAddress(token.text), nextHops[address.family] == nil else {
                    throw line.invalid(
                        token, expected: "the far end's address on a circuit of the VRF, at most one of a family")
                }
                nextHops[address.family] = line.located(address, token)
            } while !line.isAtEnd
            let draft = CircuitNeighborDraft(line: line.wordsRange, neighbor: neighbor, nextHops: nextHops)
            if let former = vrf.circuitNeighbors.first(where: { $0.neighbor.value == neighbor.value }) {
                guard former.nextHops.mapValues(\.value) == nextHops.mapValues(\.value) else {
                    throw line.contradiction(of: former.line)
                }
                return
            }
            vrf.circuitNeighbors.append(draft)
        }
    ]
}
