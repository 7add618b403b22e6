import Addressing
import BGP
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Foundation
import PacketFormats
import Pipeline
import Routing
import Testing

/// A control process with a scene around it: it plays the neighbors and hosts, and sends frames through the real stages over
/// the tables that a data plane would map now.
final class IsolationProbe {
    let laboratory: Laboratory
    private let dataplane: FakeDataplane
    private(set) var scene: IsolationScene
    private(set) var ledger = IsolationLedger()
    /// The neighbors with a session, by slot, and whether both sides have graceful restart.
    private(set) var sessions: [Int: Bool] = [:]
    /// Those that the process waits for after a restart.
    private var awaited: [IsolationScene.Neighbor] = []
    /// The labels of which only the tables knew after everything else was lost: they are nobody's from then on.
    private var ownerless: Set<MPLSLabel> = []
    private(set) var restarts = 0
    private var everSaid: Set<Heard> = []
    /// What has been seen, so that a test can say that it saw anything.
    private(set) var seen: [String: Int] = [:]

    /// The allocations of an earlier time, with what the ledger knew then.
    private var backup: (file: Data, labels: Set<MPLSLabel>)?

    init(_ scene: IsolationScene) async throws {
        self.scene = scene
        laboratory = try Laboratory()
        try await laboratory.start(scene.text, sessions: false)
        dataplane = try await laboratory.dataplane()
        for port in 0..<IsolationScene.ports {
            dataplane.bringUp(port: port, address: IsolationScene.ownHardware(port: port))
        }
    }

    private var plane: ControlPlane {
        get throws { try #require(laboratory.plane) }
    }

    // MARK: What happens

    /// The operator's next configuration, in one commit.
    func replace(with new: IsolationScene) async throws {
        let old = scene
        scene = new
        try await laboratory.replace(new.text, sessions: false)
        for neighbor in old.neighbors where sessions[neighbor.slot] != nil {
            let now = new.neighbor(old.identity(of: neighbor))
            guard now == nil || now?.isShutdown == true else { continue }
            try await lose(neighbor.slot)
        }
        // Nobody's routes are kept who is somebody else now.
        for neighbor in old.neighbors where neighbor.isConfigured {
            let now = new.neighbor(old.identity(of: neighbor))
            if now == nil || now?.isShutdown == true { ledger.end(neighbor.slot, isKept: false) }
        }
    }

    func establish(_ neighbor: IsolationScene.Neighbor, gracefully: Bool) async throws {
        sessions[neighbor.slot] = gracefully
        let plane = try plane
        await plane.handle(
            .established(
                neighbor: PeerAddress(.ipv4(neighbor.address)),
                SessionParameters(
                    peerIdentifier: neighbor.address, families: [.vpnv4, .vpnv6],
                    gracefulRestart: gracefully ? Self.restart : nil)))
        for customer in scene.customers where customer.isConfigured {
            await plane.handle(
                .update(neighbor: PeerAddress(.ipv4(neighbor.address)), try update(from: neighbor, to: customer)))
        }
        for family in [AddressFamilyIdentifier.vpnIPv4, .vpnIPv6] {
            await plane.handle(.endOfRIB(neighbor: PeerAddress(.ipv4(neighbor.address)), family))
        }
    }

    func lose(_ slot: Int) async throws {
        guard let gracefully = sessions.removeValue(forKey: slot) else { return }
        await (try plane).handle(
            .down(
                neighbor: PeerAddress(.ipv4(scene.neighbors[slot].address)),
                gracefulRestart: gracefully ? Self.restart : nil))
        ledger.end(slot, isKept: gracefully)
    }

    enum Loss: CaseIterable {
        case nothing, disk, copy, both, backup, backupAlone
    }

    /// The process ends and comes back without some of its files.
    ///
    /// - Parameter isAwaited: whether it knows which sessions were up, and waits for them with its tables.
    func restart(losing loss: Loss, with new: IsolationScene, isAwaited: Bool = false) async throws {
        let installed = ledger.labelsInHand
        await laboratory.stop()
        awaited = isAwaited ? scene.neighbors.filter { sessions[$0.slot] != nil } : []
        try awaited.map { "\($0.address)\n" }.joined().write(
            toFile: laboratory.options.stateDirectory + "/established", atomically: true, encoding: .utf8)
        // As long as the tables of this run are in use, what they have works.
        for neighbor in scene.neighbors { ledger.end(neighbor.slot, isKept: !awaited.isEmpty) }
        ledger.isSettled = awaited.isEmpty
        sessions = [:]
        let disk = laboratory.options.stateDirectory + "/allocations"
        let copy = laboratory.options.runtimeDirectory + "/allocations"
        if [.copy, .both, .backupAlone].contains(loss) { try FileManager.default.removeItem(atPath: copy) }
        if [.disk, .both].contains(loss) { try FileManager.default.removeItem(atPath: disk) }
        if [.backup, .backupAlone].contains(loss), let backup {
            try backup.file.write(to: URL(fileURLWithPath: disk))
        }
        if loss == .both {
            ledger.forget(allBut: installed)
            ownerless = installed
        }
        if loss == .backupAlone { ownerless = [] }
        if loss == .backupAlone, let backup { ledger.forget(allBut: installed.union(backup.labels)) }
        scene = new
        try await laboratory.start(new.text, sessions: false)
        restarts += 1
        seen["restart losing \(loss)\(awaited.isEmpty ? "" : ", awaiting")", default: 0] += 1
    }

    /// All who can come back do, and with that the new tables are published.
    func settle() async throws {
        let generation = try laboratory.tables().generation
        for neighbor in scene.neighbors where !awaited.contains(neighbor) {
            ledger.end(neighbor.slot, isKept: false)
        }
        for neighbor in scene.neighbors where neighbor.isConfigured && !neighbor.isShutdown {
            try await establish(neighbor, gracefully: true)
        }
        try await laboratory.eventually("the tables are published") {
            try laboratory.tables().generation > generation
        }
        ledger.isSettled = true
    }

    func makeBackup() throws {
        let disk = URL(fileURLWithPath: laboratory.options.stateDirectory + "/allocations")
        backup = (try Data(contentsOf: disk), Set(ledger.owners.keys))
    }

    // MARK: What is found

    /// Compares everything with the ledger. Returns what is wrong.
    func check() async throws -> [String] {
        var wrong = try await introduceEverybody()
        for neighbor in scene.neighbors where sessions[neighbor.slot] != nil {
            wrong += ledger.note(try await told(neighbor), of: neighbor, in: scene)
        }
        let quarantined = try await quarantinedLabels()
        wrong += ownerless.subtracting(quarantined).map {
            "label \($0) is not in quarantine, though nobody knows whose it is"
        }
        let tables = try laboratory.tables().reader
        for (label, owner) in ledger.owners.sorted(by: { $0.key < $1.key }) {
            for nni in IsolationScene.nnis {
                // Where the label was never told one source is like another.
                for source in sources(on: nni).suffix(nni == owner.neighbor.nni ? .max : 2) {
                    wrong += try probe(label, of: owner, on: nni, from: source, tables)
                }
            }
        }
        return wrong
    }

    /// Everybody who could send there, and somebody whom nobody knows.
    private func sources(on nni: Int) -> [MACAddress] {
        scene.neighbors(onNNI: nni).flatMap { [$0.hardware] + [$0.configured].compactMap { $0 } }
            + [MACAddress(rawValue: 0x0200_0BAD_0000)]
    }

    private func probe(
        _ label: MPLSLabel, of owner: IsolationLedger.Owner, on nni: Int, from source: MACAddress,
        _ tables: TablesReader
    ) throws -> [String] {
        let expected = ledger.verdict(on: nni, from: source, label: label, in: scene)
        let explanation = try explain(label, on: nni, from: source, to: IsolationScene.host, tables)
        let what = "label \(label) of \(owner) from \(source) on ten1/\(nni)"
        let outcome = explanation.verdict
        switch (expected, outcome) {
        case (.mustNot, .drop): seen["refused", default: 0] += 1
        case (.may(let port), .transmit(let out)) where Int(out) == port,
            (.must(let port), .transmit(let out)) where Int(out) == port:
            seen["delivered", default: 0] += 1
            return try probeAnswers(label, of: owner, on: nni, from: source, port: port, tables).map {
                "\(what): \($0)"
            }
        case (.may, .drop): seen["between", default: 0] += 1
        default: return ["\(what): \(expected) expected, \(outcome) found"]
        }
        return []
    }

    /// What a valid packet makes the box send besides: on to another NNI, and an error about the packet.
    private func probeAnswers(
        _ label: MPLSLabel, of owner: IsolationLedger.Owner, on nni: Int, from source: MACAddress, port: Int,
        _ tables: TablesReader
    ) throws -> [String] {
        let isTransit = scene.customer(named: owner.name, number: owner.number)?.isTransit == true
        var wrong: [String] = []
        for other in scene.neighbors where sessions[other.slot] != nil {
            let beyond = IPv4Address(rawValue: other.network.rawValue + 9)
            let isAcross = scene.nni(of: other) != nni
            let onward = try explain(label, on: nni, from: source, to: beyond, tables)
            if case .transmit(let out) = onward.verdict {
                seen[isTransit ? "transit" : "onward without transit", default: 0] += 1
                if !isTransit || Int(out) != scene.nni(of: other) {
                    wrong.append("a packet to \(beyond) leaves by port \(out)")
                }
            }
            // Its time is over here, and its source is behind the other neighbor.
            let expired = try explain(
                label, on: nni, from: source, to: IsolationScene.host, sender: beyond, timeToLive: 1, tables)
            if case .transmitted(let out)? = expired.answerSteps.last?.decision {
                seen[isAcross ? "answer across" : "answer back", default: 0] += 1
                if Int(out) != scene.nni(of: other) || (isAcross && !isTransit) {
                    wrong.append("an error to \(beyond) leaves by port \(out)")
                }
            }
        }
        return wrong
    }

    // MARK: How it is asked

    private static let restart = GracefulRestartCapability(
        restarted: false, restartTimeSeconds: 600, forwardingPreserved: [.vpnIPv4: true, .vpnIPv6: true])

    private func quarantinedLabels() async throws -> Set<MPLSLabel> {
        let result = try await laboratory.ask(ShowLabels())
        return Set(result.quarantined.map(\.label))
    }

    private func told(_ neighbor: IsolationScene.Neighbor) async throws -> [(number: Int, label: MPLSLabel)] {
        let query = ShowBGPRoutes(
            family: .vpnv4, view: .advertised, neighbor: .ipv4(neighbor.address), page: Page(limit: 1000))
        let result = try await laboratory.ask(query)
        return try result.routes.map { route in
            let number = route.routeDistinguisher?.description.split(separator: ":").last.flatMap { Int($0) }
            return (try #require(number), try #require(route.label))
        }
    }

    private func update(from neighbor: IsolationScene.Neighbor, to customer: IsolationScene.Customer) throws -> Update {
        var contents = PathAttributes.Contents(
            origin: .igp, asPath: ASPath(sequence: [UInt32(neighbor.system)]),
            nextHop: BGPNextHop(.ipv4(neighbor.address)))
        contents.extendedCommunities = [ExtendedCommunity(try #require(RouteTarget("42:\(customer.number)")))]
        let route = VPNPrefix(
            routeDistinguisher: try #require(RouteDistinguisher("\(neighbor.system):\(customer.number)")),
            prefix: try #require(IPPrefix("\(neighbor.network)/24")))
        let label = try #require(MPLSLabel(rawValue: UInt32(9000 + 100 * neighbor.slot + customer.number)))
        return Update(
            announcing: [AnnouncedRoute(route, labels: .single(label))], attributes: PathAttributes(contents))
    }

    /// Everybody says from which Ethernet address he sends, and the box has heard it. Returns who is heard where he is not.
    private func introduceEverybody() async throws -> [String] {
        var wanted: [Heard] = []
        let services = try laboratory.services()
        func introduce(_ address: IPv4Address, _ hardware: MACAddress, port: Int, to own: IPv4Address) {
            wanted.append(Heard(interface: "ten1/\(port)", address: .ipv4(address), hardware: hardware))
            var frame = IsolationScene.ownHardware(port: port).octets + hardware.octets
            frame += [8, 6, 0, 1, 8, 0, 6, 4, 0, 1] + hardware.octets + address.octets
            frame += [UInt8](repeating: 0, count: 6) + own.octets
            dataplane.punt(
                STILE_PUNT_ARP, counter: services.interface(port: UInt16(port)).counter, isFrame: true, frame)
        }
        for neighbor in scene.neighbors where neighbor.isConfigured {
            introduce(
                neighbor.address, neighbor.hardware, port: scene.nni(of: neighbor),
                to: IsolationScene.ownAddress(subnet: neighbor.subnet))
        }
        for customer in scene.customers where customer.isConfigured {
            introduce(
                IsolationScene.host, IsolationScene.hostHardware(port: customer.port), port: customer.port,
                to: IsolationScene.gateway)
        }
        var heard: Set<Heard> = []
        // What the tables of the run before call a circuit may mean nothing to this run.
        try await laboratory.eventually("everybody is known") {
            let result = try await laboratory.ask(ShowNeighbors())
            heard = Set(
                result.neighbors.compactMap { neighbor in
                    neighbor.macAddress.map {
                        Heard(interface: neighbor.interface, address: neighbor.address, hardware: $0)
                    }
                })
            return heard.isSuperset(of: wanted.filter { ledger.isSettled || $0.interface < "ten1/2" })
        }
        // Who was there before may be remembered there.
        everSaid.formUnion(wanted)
        return heard.subtracting(everSaid).map { "\($0) is heard" }
    }

    private struct Heard: Hashable {
        let interface: String
        let address: IPAddress
        let hardware: MACAddress
    }

    private func explain(
        _ label: MPLSLabel, on nni: Int, from source: MACAddress, to destination: IPv4Address,
        sender: IPv4Address = IPv4Address(198, 18, 0, 1), timeToLive: UInt8 = 64, _ tables: TablesReader
    ) throws -> Explanation {
        var header: [UInt8] = [0x45, 0, 0, 28, 0, 1, 0x40, 0, 64, 17, 0, 0] + sender.octets + destination.octets
        let sum = header.withUnsafeBytes { bytes in
            bytes.baseAddress.map { InternetChecksum.complement(InternetChecksum.sum($0, count: bytes.count)) } ?? 0
        }
        header[10] = UInt8(sum >> 8)
        header[11] = UInt8(sum & 255)
        let entry = label.rawValue << 12 | 0x100 | UInt32(timeToLive)
        let frame =
            IsolationScene.ownHardware(port: nni).octets + source.octets + [0x88, 0x47]
            + [UInt8(entry >> 24), UInt8(entry >> 16 & 255), UInt8(entry >> 8 & 255), UInt8(entry & 255)]
            + header + [0, 9, 0, 9, 0, 8, 0, 0]
        return try Explanation.of(frame: frame, arrivingOn: UInt16(nni), tables: tables)
    }
}
