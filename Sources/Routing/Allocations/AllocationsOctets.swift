import Addressing
import BGP

/// What kind of subject a label in a file of allocations has.
private enum OwnerKind: UInt8 {
    case vrf = 0
    case relayToNeighbor = 1
    case relayToProvider = 2
    case relayedPrefix = 3
    case labelledPrefix = 4
    case nextHopOfVRF = 5
    case prefixOfVRF = 6
    case prefixOfCircuit = 7
    case vrfOnCircuit = 8
    case commonLabel = 9
    case commonLabelOfSpace = 10
    case segment = 11
    case relayedService = 12
}

extension OwnerKind {
    /// The first version of the file that has it.
    var firstVersion: UInt16 {
        switch self {
        case .vrf, .relayToNeighbor, .relayToProvider, .relayedPrefix: AllocationsFile.firstVersionWithRelays
        case .segment: AllocationsFile.firstVersionWithSegments
        default: AllocationsFile.firstVersionWithNewKinds
        }
    }
}

/// What kind of next hop of a VRF.
private enum NextHopKind: UInt8 {
    case gateway = 0
    case labelled = 1
    case marked = 2
}

/// Collects the octets of a file of allocations.
struct AllocationsWriter {
    var octets: [UInt8] = []
    /// The first version of the file that has the kinds of all owners.
    private(set) var neededVersion = AllocationsFile.firstVersionWithRelays

    /// The low `count` octets of `value` in network byte order.
    mutating func write(_ value: UInt64, octets count: Int) {
        for index in (0..<count).reversed() { octets.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }

    /// Names are those of interfaces, VRFs and classes and lines of access lists, far below the 65,535 octets that fit.
    mutating func writeName(_ name: String) {
        let text = name.utf8.prefix(Int(UInt16.max))
        write(UInt64(text.count), octets: 2)
        octets += text
    }

    mutating func writeOwner(_ owner: LabelOwner) {
        switch owner.subject {
        case .vrf(let vrf):
            write(OwnerKind.vrf)
            write(vrf)
        case .vrfOnCircuit(let vrf):
            write(OwnerKind.vrfOnCircuit)
            write(vrf)
        case .common(let vrf, let label):
            write(label.context == nil ? OwnerKind.commonLabel : .commonLabelOfSpace)
            write(vrf)
            if let context = label.context { write(UInt64(context.rawValue), octets: 4) }
            write(UInt64(label.label.rawValue), octets: 4)
        case .relayed(let target): write(target)
        case .relayedService(let target):
            write(OwnerKind.relayedService)
            write(UInt64(target.stack.rawValue), octets: 1)
            write(target)
        case .segment(let route):
            write(OwnerKind.segment)
            write(UInt64(route.family.rawValue), octets: 1)
            write(UInt64(route.kind.rawValue), octets: 1)
            write(UInt64(route.octets.count), octets: 2)
            octets += route.octets
        case .nextHop(let vrf, let family, let nextHop):
            write(OwnerKind.nextHopOfVRF)
            write(vrf)
            write(UInt64(family.rawValue), octets: 1)
            write(nextHop)
        case .prefix(let vrf, let prefix):
            write(OwnerKind.prefixOfVRF)
            write(vrf)
            writeName(prefix.description)
        case .circuitPrefix(let vrf, let prefix):
            write(OwnerKind.prefixOfCircuit)
            write(vrf)
            writeName(prefix.description)
            write(UInt64(owner.neighbor.vrf?.rawValue ?? 0), octets: 2)
        case .relayedPrefix(let prefix):
            write(OwnerKind.relayedPrefix)
            write(prefix.routeDistinguisher.rawValue, octets: 8)
            writeName(prefix.prefix.description)
        case .labelledPrefix(let prefix):
            write(OwnerKind.labelledPrefix)
            writeName(prefix.description)
        }
        writeNeighbor(owner.neighbor)
    }

    private mutating func write(_ vrf: VRFIdentity) {
        writeName(vrf.name)
        write(vrf.routeDistinguisher.rawValue, octets: 8)
    }

    private mutating func write(_ nextHop: VRFNextHop) {
        switch nextHop {
        case .gateway(let circuit, let address):
            write(UInt64(NextHopKind.gateway.rawValue), octets: 1)
            writeName(circuit)
            writeName(address.description)
        case .labelled(let target):
            write(UInt64(NextHopKind.labelled.rawValue), octets: 1)
            write(target)
        case .marked(let target):
            write(UInt64(NextHopKind.marked.rawValue), octets: 1)
            write(target)
        }
    }

    private mutating func write(_ target: SwapTarget) {
        switch target.way {
        case .neighbor(let neighbor):
            write(OwnerKind.relayToNeighbor)
            writeNeighbor(neighbor)
        case .provider(let address):
            write(OwnerKind.relayToProvider)
            writeName(address.description)
        }
        writeEntries(target.labels) { $0.write(UInt64($1.rawValue), octets: 4) }
    }

    private mutating func write(_ kind: OwnerKind) {
        neededVersion = max(neededVersion, kind.firstVersion)
        write(UInt64(kind.rawValue), octets: 1)
    }

    private mutating func writeNeighbor(_ neighbor: NeighborIdentity) {
        write(UInt64(neighbor.autonomousSystem), octets: 4)
        writeName(neighbor.address.description)
        writeName(neighbor.nni)
    }

    mutating func writeEntries<Entry>(_ entries: [Entry], _ body: (inout Self, Entry) -> Void) {
        write(UInt64(entries.count), octets: 4)
        for entry in entries { body(&self, entry) }
    }
}

/// Takes a file of allocations apart; every read is checked against the end.
struct AllocationsReader {
    var octets: ArraySlice<UInt8>
    /// The next octet to read.
    var offset: Int
    /// The version of the file, which says of what kinds owners may be.
    var version = AllocationsFile.firstVersionWithRelays

    mutating func readOctets(_ count: Int) throws(AllocationsFileError) -> ArraySlice<UInt8> {
        guard count <= octets.endIndex - offset else { throw .truncated(atOctet: octets.endIndex) }
        defer { offset += count }
        return octets[offset..<offset + count]
    }

    mutating func readNumber(octets count: Int) throws(AllocationsFileError) -> UInt64 {
        try readOctets(count).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func readName() throws(AllocationsFileError) -> String {
        let start = offset
        let count = Int(try readNumber(octets: 2))
        guard let name = String(validating: try readOctets(count), as: UTF8.self) else {
            throw .nameNotUTF8(atOctet: start)
        }
        return name
    }

    /// - Parameter hasKind: whether what it is stands before it; otherwise it is a VRF's.
    mutating func readOwner(hasKind: Bool) throws(AllocationsFileError) -> LabelOwner {
        let kind = hasKind ? try readKind() : .vrf
        let subject = try readSubject(kind)
        // Only who is on a circuit is in a VRF.
        let vrf = kind == .prefixOfCircuit ? VRFNumber(rawValue: UInt16(try readNumber(octets: 2))) : nil
        return LabelOwner(subject, neighbor: try readNeighbor(inVRF: vrf))
    }

    private mutating func readKind() throws(AllocationsFileError) -> OwnerKind {
        let start = offset
        let number = UInt8(try readNumber(octets: 1))
        guard let kind = OwnerKind(rawValue: number), kind.firstVersion <= version else {
            throw .unknownOwner(number, atOctet: start)
        }
        return kind
    }

    private mutating func readSubject(_ kind: OwnerKind) throws(AllocationsFileError) -> LabelSubject {
        switch kind {
        case .vrf: return .vrf(try readVRF())
        case .vrfOnCircuit: return .vrfOnCircuit(try readVRF())
        case .commonLabel: return .common(try readVRF(), CommonLabel(try readLabel()))
        case .commonLabelOfSpace:
            let vrf = try readVRF()
            let context = try readLabel()
            return .common(vrf, CommonLabel(try readLabel(), context: context))
        case .relayToNeighbor, .relayToProvider: return .relayed(try readTarget(kind))
        case .relayedService:
            let start = offset
            let number = UInt8(try readNumber(octets: 1))
            guard let stack = SwappedStack(rawValue: number) else { throw .unknownOwner(number, atOctet: start) }
            return .relayedService(try readTarget(try readKind(), under: stack))
        case .segment: return .segment(try readTunnel())
        case .relayedPrefix:
            let routeDistinguisher = RouteDistinguisher(rawValue: try readNumber(octets: 8))
            return .relayedPrefix(VPNPrefix(routeDistinguisher: routeDistinguisher, prefix: try readPrefix()))
        case .labelledPrefix: return .labelledPrefix(try readPrefix())
        case .nextHopOfVRF:
            let vrf = try readVRF()
            let start = offset
            guard let family = AddressFamily(rawValue: UInt8(try readNumber(octets: 1))) else {
                throw .notAnAddress(atOctet: start)
            }
            return .nextHop(vrf, family, try readNextHop())
        case .prefixOfVRF:
            let vrf = try readVRF()
            return .prefix(vrf, try readPrefix())
        case .prefixOfCircuit:
            let vrf = try readVRF()
            return .circuitPrefix(vrf, try readPrefix())
        }
    }

    private mutating func readTunnel() throws(AllocationsFileError) -> MulticastVPNRoute {
        let start = offset
        let family = AddressFamily(rawValue: UInt8(try readNumber(octets: 1)))
        let kind = MulticastVPNRoute.Kind(rawValue: UInt8(try readNumber(octets: 1)))
        let octets = try readOctets(Int(try readNumber(octets: 2)))
        guard let family, let kind, let route = MulticastVPNRoute(family, kind, octets) else {
            throw .notARoute(atOctet: start)
        }
        return route
    }

    private mutating func readVRF() throws(AllocationsFileError) -> VRFIdentity {
        let name = try readName()
        return VRFIdentity(
            name: name, routeDistinguisher: RouteDistinguisher(rawValue: try readNumber(octets: 8)))
    }

    private mutating func readPrefix() throws(AllocationsFileError) -> IPPrefix {
        let start = offset
        guard let prefix = IPPrefix(try readName()) else { throw .notAPrefix(atOctet: start) }
        return prefix
    }

    private mutating func readTarget(
        _ kind: OwnerKind, under stack: SwappedStack = .packet
    ) throws(AllocationsFileError) -> SwapTarget {
        let way: SwapTarget.Way =
            kind == .relayToProvider ? .provider(try readAddress()) : .neighbor(try readNeighbor())
        return SwapTarget(way: way, labels: try readStack(), under: stack)
    }

    private mutating func readNextHop() throws(AllocationsFileError) -> VRFNextHop {
        let start = offset
        let number = UInt8(try readNumber(octets: 1))
        guard let kind = NextHopKind(rawValue: number) else { throw .unknownOwner(number, atOctet: start) }
        guard kind != .gateway else {
            let circuit = try readName()
            return .gateway(circuit: circuit, try readAddress())
        }
        let target = try readTarget(try readKind())
        return kind == .marked ? .marked(target) : .labelled(target)
    }

    private mutating func readNeighbor(
        inVRF vrf: VRFNumber? = nil
    ) throws(AllocationsFileError) -> NeighborIdentity {
        let system = UInt32(truncatingIfNeeded: try readNumber(octets: 4))
        let address = try readAddress()
        return NeighborIdentity(address: address, autonomousSystem: system, nni: try readName(), vrf: vrf)
    }

    private mutating func readAddress() throws(AllocationsFileError) -> IPAddress {
        let start = offset
        guard let address = IPAddress(try readName()) else { throw .notAnAddress(atOctet: start) }
        return address
    }

    private mutating func readStack() throws(AllocationsFileError) -> [MPLSLabel] {
        var labels: [MPLSLabel] = []
        for _ in 0..<(try readNumber(octets: 4)) { labels.append(try readLabel()) }
        return labels
    }

    mutating func readLabel() throws(AllocationsFileError) -> MPLSLabel {
        let number = UInt32(truncatingIfNeeded: try readNumber(octets: 4))
        guard let label = MPLSLabel(rawValue: number), !label.isReserved else { throw .notALabelOfAVRF(number) }
        return label
    }
}
