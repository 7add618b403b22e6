import Addressing
import BGP
import SeededRandom
import Testing

@Suite struct UpdateRoundTripTests {
    /// What is encoded is read back as it was, over as many messages as it took.
    @Test(arguments: [UInt64(1), 2, 3])
    func encodedUpdatesAreReadBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let update = try generator.update()
            var read = Update(withdrawing: [])
            for message in try UpdateEncoder(context: internalContext.withEveryFamily).messages(for: update) {
                #expect(message.count <= MessageHeader.longestMessageOctets)
                let decoded = DecodedUpdate(body: body(message), context: internalContext.withEveryFamily)
                try #require(decoded.faults.isEmpty, "seed \(seed): \(decoded.faults)")
                read.withdrawn += decoded.update.withdrawn
                read.announced += decoded.update.announced
                if !decoded.update.announced.isEmpty { read.attributes = decoded.update.attributes }
            }
            #expect(read.withdrawn == update.withdrawn, "seed \(seed)")
            #expect(read.announced == update.announced, "seed \(seed)")
            guard !update.announced.isEmpty else { continue }
            var expected = update.attributes
            // Families of IPv6 carry the IPv4 next hop in its mapped form.
            expected.nextHop = read.attributes.nextHop
            #expect(read.attributes.nextHop?.resolvedAddress == update.attributes.nextHop?.address, "seed \(seed)")
            #expect(read.attributes.nextHop?.linkLocal == update.attributes.nextHop?.linkLocal, "seed \(seed)")
            #expect(read.attributes == expected, "seed \(seed)")
        }
    }

    /// Through a peer of two octets, AS paths and aggregators come out whole (RFC 6793).
    @Test func twoOctetPeersHandThroughFourOctetPaths() throws {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let update = try generator.update()
            for message in try UpdateEncoder(context: twoOctetContext.withEveryFamily).messages(for: update) {
                let decoded = DecodedUpdate(body: body(message), context: twoOctetContext.withEveryFamily)
                try #require(decoded.faults.isEmpty)
                guard !decoded.update.announced.isEmpty else { continue }
                #expect(decoded.update.attributes.asPath == update.attributes.asPath)
                #expect(decoded.update.attributes.aggregator == update.attributes.aggregator)
            }
        }
    }

    /// Random changes to good messages: the outcome is always a value, never a crash, and what is left to do is
    /// consistent with the damage.
    @Test(arguments: [UInt64(11), 12, 13, 14])
    func mutatedUpdatesGiveADamage(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let captures = [
            Captures.goBGPAnnouncementIPv4, Captures.goBGPAnnouncementIPv6, Captures.frrAnnouncementIPv6,
            Captures.frrWithdrawal, Captures.scapyIPv4Announcement, Captures.scapyIPv4Withdrawal,
            Captures.frrExtendedNextHop, Captures.frrIPv6,
            message(IPv4UnicastTests.bothKinds), message(octets(EVPNRouteTests.goBGPPrefix)[...]),
            message(octets(EVPNRouteTests.goBGPMulticast)[...]),
        ]
        for round in 0..<4000 {
            var message = captures[round % captures.count]
            if round % 3 == 0 {
                let generated = try UpdateEncoder(context: internalContext.withEveryFamily).messages(
                    for: generator.update())
                message = generated.randomElement(using: &generator) ?? message
            }
            var mutated = Array(body(message))
            for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&mutated, using: &generator) }
            for context in [internalContext.withEveryFamily, externalContext, twoOctetContext.withEveryFamily] {
                let decoded = DecodedUpdate(body: mutated[...], context: context)
                let consistent =
                    switch decoded.severestFault?.damage {
                    case nil, .attributeDiscard, .routeWithdraw: true
                    case .treatAsWithdraw, .familyDisable: decoded.update.announced.isEmpty
                    case .sessionReset: decoded.update == Update(withdrawing: [])
                    }
                let isWithdrawing = decoded.severestFault.map { $0.damage > UpdateDamage.routeWithdraw } ?? false
                #expect(
                    consistent && (decoded.furtherUpdates.isEmpty || !isWithdrawing),
                    "seed \(seed) round \(round): \(mutated)")
            }
        }
    }

    private func mutate(_ octets: inout [UInt8], using generator: inout SeededGenerator) {
        guard !octets.isEmpty else { return octets.append(UInt8(truncatingIfNeeded: generator.next())) }
        let index = Int.random(in: 0..<octets.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: octets[index] = UInt8(truncatingIfNeeded: generator.next())
        case 1: octets[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: octets.remove(at: index)
        case 3: octets.insert(UInt8(truncatingIfNeeded: generator.next()), at: index)
        default: octets.removeLast(Int.random(in: 0...octets.count, using: &generator))
        }
    }

    /// The same for OPEN and for whole messages.
    @Test func mutatedOpensNeverCrash() throws {
        var generator = SeededGenerator(seed: 21)
        var accepted = 0
        for round in 0..<4000 {
            var mutated = Array(body(round % 2 == 0 ? Captures.frrOpen : Captures.goBGPOpen))
            mutate(&mutated, using: &generator)
            do throws(NotificationMessage) {
                accepted += try OpenMessage(body: mutated[...]).identifier.rawValue == 0 ? 0 : 1
            } catch {
                #expect(error.code == 2)
            }
        }
        #expect(accepted > 0)
    }
}
