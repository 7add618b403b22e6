import Addressing

/// Whether the kernel has the box's addresses on NNIs by an interface of its own, which then answers in the box's place.
extension Doctor {
    func addresses() -> [DoctorFinding] {
        needs.nniAddresses.compactMap { address in
            guard isLocal(address), let owner = interface(towards: address) else { return nil }
            return problem(
                "address",
                "the kernel has \(address), the box's own on an NNI, on \(owner.name), too: it answers there in the box's place",
                mend: "ip address del \(address)/\(owner.length) dev \(owner.name)")
        }
    }

    /// Whether the kernel takes the address for its own:
    ///
    ///     |-- 192.0.2.1
    ///        /32 host LOCAL
    private func isLocal(_ address: IPv4Address) -> Bool {
        let lines = machine.lines("/proc/net/fib_trie").map { $0.drop { $0 == " " } }
        return zip(lines, lines.dropFirst()).contains { $0 == "|-- \(address)" && $1.hasPrefix("/32 host LOCAL") }
    }

    /// The interface of the longest connected route, if it is none of ours.
    ///
    ///     Iface  Destination  Gateway  Flags  RefCnt  Use  Metric  Mask  ...          (hexadecimal, of the machine's order)
    private func interface(towards address: IPv4Address) -> (name: Substring, length: Int)? {
        var best: (name: Substring, mask: UInt32)?
        for line in machine.lines("/proc/net/route").dropFirst() {
            let words = line.split { $0 == "\t" || $0 == " " }
            guard words.count >= 8, let destination = UInt32(words[1], radix: 16),
                let gateway = UInt32(words[2], radix: 16),
                let mask = UInt32(words[7], radix: 16)
            else { continue }
            let (network, bits) = (destination.byteSwapped, mask.byteSwapped)
            guard bits != 0, gateway == 0, address.rawValue & bits == network, bits >= best?.mask ?? 0 else { continue }
            best = (words[0], bits)
        }
        return best.flatMap { $0.name.hasPrefix("stile") ? nil : ($0.name, $0.mask.nonzeroBitCount) }
    }
}
