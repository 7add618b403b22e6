import Addressing
import ForwardingPlaneManager
import Testing

@Suite struct EngineTableTests {
    private let prefix: IPPrefix
    private let route = EngineRoute(target: .nextHop(7), protocolNumber: 187)
    private let leg = EngineLeg(gateway: IPAddress("10.1.1.3"), interfaceIndex: 2, labels: [])
    private let other = EngineLeg(gateway: IPAddress("10.1.1.4"), interfaceIndex: 2, labels: [])

    init() throws { prefix = try #require(IPPrefix("10.0.0.2/32")) }

    @Test func `a next hop may come before its route or behind it`() {
        for isFirst in [true, false] {
            var table = EngineTable()
            let messages: [EngineMessage] = [.nextHop(7, .leg(leg)), .route(prefix, route)]
            for message in isFirst ? messages : messages.reversed() { table.apply(message) }
            #expect(table.legs(to: prefix) == [leg])
            #expect(table.takeChanges() == [prefix])
        }
    }

    @Test func `another next hop under the number changes all that name it, by groups too`() throws {
        let second = try #require(IPPrefix("10.0.0.4/32"))
        var table = EngineTable()
        table.apply(.nextHop(7, .leg(leg)))
        table.apply(.nextHop(8, .group([7, 9])))
        table.apply(.nextHop(9, .leg(other)))
        table.apply(.route(prefix, route))
        table.apply(.route(second, EngineRoute(target: .nextHop(8), protocolNumber: 187)))
        #expect(table.legs(to: second) == [leg, other])
        _ = table.takeChanges()
        table.apply(.nextHop(7, .leg(other)))
        #expect(table.takeChanges() == [prefix, second])
        table.apply(.nextHop(7, .leg(other)))
        #expect(table.takeChanges().isEmpty)
        table.apply(.nextHop(9, nil))
        #expect(table.takeChanges() == [second])
        #expect(table.legs(to: second) == [other])
    }

    @Test func `groups that hold each other come to an end`() {
        var table = EngineTable()
        table.apply(.nextHop(7, .group([8])))
        table.apply(.nextHop(8, .group([7, 7])))
        table.apply(.route(prefix, route))
        #expect(table.legs(to: prefix).isEmpty)
    }

    @Test func `each member of a group counts once, however often it is named`() {
        var table = EngineTable()
        table.apply(.nextHop(1, .group([UInt32](repeating: 1, count: 8000) + [UInt32](repeating: 2, count: 8000))))
        table.apply(.nextHop(2, .leg(leg)))
        table.apply(.route(prefix, EngineRoute(target: .nextHop(1), protocolNumber: 187)))
        #expect(table.legs(to: prefix) == [leg])
        table.apply(.nextHop(2, .leg(other)))
        let changes = table.takeChanges()
        #expect(table.legs(to: prefix) == [other] && changes == [prefix])
    }

    @Test func `a route that is gone leads nowhere, and one said again is named`() {
        var table = EngineTable()
        table.apply(.nextHop(7, .leg(leg)))
        table.apply(.route(prefix, route))
        _ = table.takeChanges()
        table.apply(.route(prefix, route))
        #expect(table.takeChanges() == [prefix])
        table.apply(.route(prefix, nil))
        #expect(table.legs(to: prefix).isEmpty && table.takeChanges() == [prefix])
        table.apply(.nextHop(7, .leg(other)))
        #expect(table.takeChanges().isEmpty)
    }

    @Test func `what is said holds for the hold time, and what is not repeated for the refresh time`() {
        var presence = EnginePresence(holdTime: .seconds(180), refreshTime: .seconds(60))
        #expect(presence.takeExpiry(now: .seconds(1000)) == nil)
        presence.connect(now: .seconds(1000))
        #expect(presence.takeExpiry(now: .seconds(5000)) == nil, "there was nothing to repeat")
        presence.lose(now: .seconds(6000))
        presence.lose(now: .seconds(6100))
        #expect(presence.takeExpiry(now: .seconds(6179)) == nil)
        #expect(presence.takeExpiry(now: .seconds(6180)) == .everything)
        #expect(presence.takeExpiry(now: .seconds(6181)) == nil)
        #expect(presence.takeFlapping(now: .seconds(6900)) == false, "all is removed already")
        presence.connect(now: .seconds(7000))
        #expect(presence.state == .connected(since: .seconds(7000)))
        #expect(presence.takeExpiry(now: .seconds(7059)) == nil)
        #expect(presence.takeExpiry(now: .seconds(7060)) == .notRepeated)
        #expect(presence.takeExpiry(now: .seconds(9000)) == nil)
    }

    @Test func `an engine that comes and goes has the hold time for all of that together`() {
        var presence = EnginePresence(holdTime: .seconds(180), refreshTime: .seconds(60))
        presence.connect(now: .seconds(1000))
        presence.lose(now: .seconds(2000))
        for moment in [2050, 2100, 2150] {
            presence.connect(now: .seconds(moment))
            let isFlapping = presence.takeFlapping(now: .seconds(moment + 20))
            #expect(!isFlapping)
            presence.lose(now: .seconds(moment + 20))
        }
        presence.connect(now: .seconds(2175))
        #expect(presence.takeFlapping(now: .seconds(2180)) == true)
        presence.lose(now: .seconds(2180))
        // What was said meanwhile has a time of its own.
        presence.connect(now: .seconds(2200))
        #expect(presence.takeFlapping(now: .seconds(2210)) == false)
        #expect(presence.takeExpiry(now: .seconds(2260)) == .notRepeated)
        #expect(presence.takeFlapping(now: .seconds(9000)) == false)
    }
}
