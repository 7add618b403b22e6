import AccessListSamples
import CDPDKShim
import CTableLayout
import Dataplane
import ForwardingTables
import Glibc
import Logging
import SeededRandom
import Synchronization
import Testing

@Suite(.serialized) struct AccessListClassifierTests {
    /// The EAL starts once in a process.
    private static let hasEnvironment: Bool = {
        let arguments = EnvironmentArguments(
            memoryMegabytes: 512, freeHugepageMegabytes: 0, hasPCI: false,
            processors: Environment.allowedProcessors(), runtimeDirectory: "/tmp/stile-classifier-tests-\(getpid())",
            operatorArguments: [])
        do throws(StartFailure) { try Environment.start(arguments) } catch { return false }
        return true
    }()

    @Test(arguments: [false, true], AccessListSamples.Kind.allCases)
    func findsTheRuleThatALinearEvaluationFinds(isIPv6: Bool, kind: AccessListSamples.Kind) throws {
        try #require(Self.hasEnvironment)
        var random = SeededGenerator()
        for count in [2, 3, 7, 20, 60] + [Int](repeating: 12, count: 20) + [300] {
            try compare(count, isIPv6: isIPv6, kind: kind, keys: 1024, &random)
        }
    }

    @Test func tenThousandRules() throws {
        try #require(Self.hasEnvironment)
        var random = SeededGenerator()
        try compare(10_000, isIPv6: true, kind: .hosts, keys: 512, &random)
    }

    private func compare(
        _ count: Int, isIPv6: Bool, kind: AccessListSamples.Kind, keys: Int, _ random: inout SeededGenerator
    ) throws {
        let rules = AccessListSamples.rules(count, isIPv6: isIPv6, kind: kind, &random)
        let classifier = try #require(
            stile_access_classifier_build(rules, UInt32(count), isIPv6 ? 1 : 0), "\(count) rules")
        defer { stile_access_classifier_free(classifier) }
        let keys = (0..<keys).map { _ in AccessListSamples.key(for: rules, isIPv6: isIPv6, &random) }
        let expected = keys.map { AccessListSamples.firstMatch($0, in: rules) }
        var found: [UInt32] = []
        while found.count < keys.count {
            let burst = Array(keys[found.count..<min(found.count + 1 + random.below(64), keys.count)])
            found += try #require(Self.classify(burst) { stile_access_classifier_find(classifier, $0, $1, $2) })
        }
        #expect(found == expected, "\(count) rules, IPv6: \(isIPv6)")
    }

    private static func classify(
        _ keys: [stile_flow_key],
        _ ask: (UnsafePointer<UnsafePointer<stile_flow_key>?>, UnsafeMutablePointer<UInt32>, UInt32) -> Int32
    ) -> [UInt32]? {
        keys.withUnsafeBufferPointer { keys in
            guard let first = keys.baseAddress else { return [] }
            let pointers = keys.indices.map { Optional(first + $0) }
            var positions = [UInt32](repeating: .max, count: keys.count)
            return ask(pointers, &positions, UInt32(keys.count)) == 1 ? positions : nil
        }
    }

    /// A thread that looks at the list in use, turn by turn, as a worker does.
    private final class Reader: Sendable {
        let asked = Atomic<UInt64>(0)
        let paused = Atomic<UInt64>(0)
        let isAskedToStop = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
        let compiledVerdicts = Atomic<Int>(0)
        let wrongVerdicts = Atomic<Int>(0)
    }

    /// What the readers look at: the list in use as an index and a serial number, one in each half of the word.
    private final class Shared: @unchecked Sendable {
        let current = Atomic<UInt64>(0)
        let classifier: stile_classifier
        let keys: [stile_flow_key]
        /// By which of the two lists it is, odd or even serial numbers.
        let expected: [[UInt32]]

        init(classifier: stile_classifier, keys: [stile_flow_key], expected: [[UInt32]]) {
            self.classifier = classifier
            self.keys = keys
            self.expected = expected
        }
    }

    private static func turns(_ reader: Reader, _ shared: Shared) {
        var classifier = shared.classifier
        while !reader.isAskedToStop.load(ordering: .relaxed) {
            reader.paused.store(reader.asked.load(ordering: .acquiring), ordering: .releasing)
            let word = shared.current.load(ordering: .acquiring)
            let serial = word & 0xFFFF_FFFF
            let found = classify(shared.keys) {
                stile_classify(&classifier, UInt32(word >> 32), serial, $0, $1, $2)
            }
            // Not compiled (yet).
            guard let found else { continue }
            reader.compiledVerdicts.add(found.count, ordering: .relaxed)
            if found != shared.expected[Int(serial % 2)] { reader.wrongVerdicts.add(1, ordering: .relaxed) }
        }
        reader.hasEnded.store(true, ordering: .releasing)
    }

    @Test func listsChangeUnderReadersThatSeeTheOldOneOrTheNewOne() throws {
        try #require(Self.hasEnvironment)
        let directory = TestTables.newDirectory()
        try #require(mkdir(directory, 0o700) == 0)
        defer {
            unlink("\(directory)/tables.1")
            rmdir(directory)
        }
        let tables = try TablesWriter(directory: directory, generation: 1)
        var random = SeededGenerator()
        // More than bit vectors are made for.
        let count = AccessListVectors.mostRules + 10
        let lists = (0..<2).map { _ in AccessListSamples.rules(count, isIPv6: false, kind: .hosts, &random) }
        let keys = (0..<64).map { AccessListSamples.key(for: lists[$0 % 2], isIPv6: false, &random) }
        let expected = lists.map { list in keys.map { AccessListSamples.firstMatch($0, in: list) } }
        try #require(expected[0] != expected[1])

        let readers = [Reader(), Reader()]
        var lastPause: UInt64 = 0
        let classifiers = AccessListClassifiers(
            tables: tables.reader,
            pauses: .init(
                ask: {
                    lastPause += 1
                    for reader in readers { reader.asked.store(lastPause, ordering: .releasing) }
                    return lastPause
                },
                havePaused: { number in readers.allSatisfy { $0.paused.load(ordering: .acquiring) >= number } }),
            logger: Logger(label: "test"))
        let shared = Shared(classifier: classifiers.classifier, keys: keys, expected: expected)
        for reader in readers { Thread.start { Self.turns(reader, shared) } }

        var former: UInt32 = 0
        for round in 0..<12 {
            let before = readers.map { $0.compiledVerdicts.load(ordering: .relaxed) }
            // Serial numbers count from 1.
            let index = try tables.accessLists.add(family: 4, rules: lists[(round + 1) % 2])
            let serial = tables.reader.accessLists[Int(index)].serial
            try #require(Int(serial % 2) == (round + 1) % 2)
            shared.current.store(UInt64(index) << 32 | serial, ordering: .releasing)
            tables.accessLists.retire(former)
            former = index
            let sequence = tables.reader.header.pointee.access_lists_sequence
            while classifiers.compiledSequence != sequence {
                classifiers.tick()
                stile_sleep(100_000)
            }
            #expect(classifiers.compiledCount == 1)
            while zip(readers, before).contains(where: { $0.compiledVerdicts.load(ordering: .relaxed) <= $1 }) {
                stile_sleep(100_000)
            }
        }
        for reader in readers { reader.isAskedToStop.store(true, ordering: .relaxed) }
        for reader in readers { while !reader.hasEnded.load(ordering: .acquiring) { stile_sleep(100_000) } }
        classifiers.stop()
        for reader in readers { #expect(reader.wrongVerdicts.load(ordering: .relaxed) == 0) }
    }

    private enum Thread {
        private final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }

        static func start(_ run: @escaping @Sendable () -> Void) {
            var thread = pthread_t()
            let body = Unmanaged.passRetained(Body(run))
            pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                }, body.toOpaque())
            pthread_detach(thread)
        }
    }
}
