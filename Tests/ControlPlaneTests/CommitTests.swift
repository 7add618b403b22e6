import ControlPlane
import ControlProtocol
import Foundation
import Synchronization
import Testing

private typealias Text = LaboratoryConfiguration

/// A clock of the machine that a test sets.
private final class SetClock: Sendable {
    private let time = Mutex<Int64>(1000)

    func pass(seconds: Int64) { time.withLock { $0 += seconds } }

    func clock(boot: String = "first") -> BootClock {
        BootClock(identifier: boot) { self.time.withLock { $0 } }
    }
}

/// Changes of the configuration are commits: kept, undone, and what a box starts with.
@Suite struct CommitTests {
    private static let second =
        "! why it is called so\n" + Text.first.replacing("hostname laboratory", with: "hostname second")
    private static let third = Text.first.replacing("hostname laboratory", with: "hostname third")

    private static func text(
        _ text: String, force: Bool? = nil, comment: String? = nil, minutes: UInt32? = nil
    ) -> ConfigurationText {
        ConfigurationText(text: text, fileName: "new.conf", force: force, comment: comment, confirmMinutes: minutes)
    }

    /// Starts, or starts again, as a box does that has no file named at the start.
    private static func start(_ laboratory: Laboratory, _ first: String? = nil, clock: BootClock = .kernel) async throws
    {
        try await laboratory.start(
            try StartConfiguration.lastCommit(
                in: laboratory.options, firstFile: try firstFile(laboratory, first), isForced: false, clock: clock),
            clock: clock)
    }

    private static func firstFile(_ laboratory: Laboratory, _ text: String?) throws -> String {
        let path = laboratory.options.firstFile ?? ""
        if let text { try text.write(toFile: path, atomically: true, encoding: .utf8) }
        return path
    }

    private static func hostname(_ laboratory: Laboratory) async throws -> String {
        try await laboratory.ask(ShowStatus()).hostname
    }

    @Test func `a box starts with its last commit, and with a file if it has none`() async throws {
        let laboratory = try Laboratory()
        try await Self.start(laboratory, Text.first)
        let answer = try await laboratory.ask(
            ReplaceConfiguration(Self.text(Self.second, comment: "a better name")))
        #expect(answer.commit == 2 && answer.confirmBy == nil)
        await laboratory.stop()
        try await Self.start(laboratory)
        #expect(try await Self.hostname(laboratory) == "second")
        let commits = try await laboratory.ask(ShowCommits())
        #expect(commits.inForce == 2 && commits.commits.map(\.number) == [2, 1])
        #expect(commits.commits[0].comment == "a better name" && commits.commits[0].source == "new.conf")
        #expect(commits.commits[0].user == "stiled" && commits.commits[1].comment == "the first commit")
        let changed = try await laboratory.ask(ShowCommit(number: 2))
        #expect(changed.comparedWith == 1)
        #expect(
            changed.changes == [
                ConfigurationDiffLine(kind: .removed, text: "hostname laboratory"),
                ConfigurationDiffLine(kind: .added, text: "hostname second"),
            ])
        #expect(try await laboratory.ask(ShowCommit(number: 2, wantsText: true)).text == Self.second)
        let unknown = await #expect(throws: ControlError.self) { try await laboratory.ask(ShowCommit(number: 9)) }
        #expect(unknown?.code == .noSuchObject)
        // The same text again is no commit; with a comment of its own it is.
        #expect(try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second))).commit == 2)
        #expect(try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, comment: "again"))).commit == 3)
        let back = try await laboratory.ask(RollbackConfiguration(number: 1))
        #expect(back.commit == 4)
        #expect(try await Self.hostname(laboratory) == "laboratory")
        await laboratory.stop()
    }

    @Test func `a file that is the truth at each start is a commit when it has changed`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second)))
        await laboratory.stop()
        for (text, number) in [(Text.first, UInt64(3)), (Text.first, 3), (Self.third, 4)] {
            try await laboratory.start(text)
            #expect(try await laboratory.ask(ShowStatus()).commit == number)
            await laboratory.stop()
        }
    }

    @Test func `a commit that nobody confirms is undone`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        let answer = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 5)))
        #expect(answer.commit == 2 && answer.confirmBy != nil)
        time.pass(seconds: 100)
        // Another one that is to be confirmed has more time, and leads back to the same.
        #expect(try await laboratory.ask(ReplaceConfiguration(Self.text(Self.third, minutes: 5))).commit == 3)
        time.pass(seconds: 299)
        try await Task.sleep(for: .milliseconds(1500))
        #expect(try await laboratory.ask(ShowStatus()).confirmBy != nil)
        time.pass(seconds: 1)
        try await laboratory.eventually("it is undone") { try await Self.hostname(laboratory) == "laboratory" }
        let commits = try await laboratory.ask(ShowCommits())
        #expect(commits.inForce == 4 && commits.commits[0].comment == "commit 3 was not confirmed")
        #expect(commits.commits.allSatisfy { $0.confirmBy == nil })
        #expect(try await laboratory.ask(ShowStatus()).confirmBy == nil)
        await laboratory.stop()
    }

    @Test(arguments: ["confirm", "another commit"])
    func `a commit that is confirmed stays`(way: String) async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        let early = await #expect(throws: ControlError.self) { try await laboratory.ask(ConfirmCommit()) }
        #expect(early?.code == .refused)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 5)))
        if way == "confirm" {
            #expect(try await laboratory.ask(ConfirmCommit()).commit == 2)
        } else {
            _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second)))
        }
        time.pass(seconds: 1000)
        try await Task.sleep(for: .milliseconds(1500))
        #expect(try await Self.hostname(laboratory) == "second")
        await laboratory.stop()
        try await Self.start(laboratory, clock: time.clock(boot: "second"))
        #expect(try await Self.hostname(laboratory) == "second")
        await laboratory.stop()
    }

    @Test func `a restart takes nothing of the time`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 1)))
        await laboratory.stop()
        time.pass(seconds: 30)
        try await Self.start(laboratory, clock: time.clock())
        #expect(try await Self.hostname(laboratory) == "second")
        time.pass(seconds: 30)
        try await laboratory.eventually("it is undone") { try await Self.hostname(laboratory) == "laboratory" }
        // And one whose time has passed while nobody was there is undone before it is in force.
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.third, minutes: 1)))
        await laboratory.stop()
        time.pass(seconds: 60)
        try await Self.start(laboratory, clock: time.clock())
        #expect(try await Self.hostname(laboratory) == "laboratory")
        #expect(try await laboratory.ask(ShowCommits()).commits[0].comment == "commit 4 was not confirmed")
        await laboratory.stop()
    }

    @Test func `after another start of the machine the commit before is there at once`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 60)))
        await laboratory.stop()
        let start = try StartConfiguration.lastCommit(
            in: laboratory.options, firstFile: "", isForced: false, clock: time.clock(boot: "second"))
        #expect(start.loaded.configuration.hostname == "laboratory")
        try await Self.start(laboratory, clock: time.clock(boot: "second"))
        #expect(try await laboratory.ask(ShowStatus()).commit == 3)
        await laboratory.stop()
    }

    @Test func `a commit that cannot be read is said`() async throws {
        let laboratory = try Laboratory()
        try await Self.start(laboratory, Text.first)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second)))
        await laboratory.stop()
        let path = laboratory.options.stateDirectory + "/commits/2"
        #expect(truncate(path, 40) == 0)
        try await Self.start(laboratory)
        #expect(try await Self.hostname(laboratory) == "laboratory")
        func alarms() async throws -> [Alarm] { try await laboratory.ask(ShowStatus()).alarms }
        try await laboratory.eventually("it is said") {
            try await alarms().contains { $0.kind == .commitsUnreadable && $0.subjects == [path] }
        }
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
        #expect(try await laboratory.ask(ReplaceConfiguration(Self.text(Self.third))).commit == 3)
        try await laboratory.eventually("it is over") { try await alarms().isEmpty }
        await laboratory.stop()
        // Without any commit that can be read the box does not start with what the first file says.
        for number in [1, 3] { #expect(truncate(laboratory.options.stateDirectory + "/commits/\(number)", 40) == 0) }
        // Nor does it at the next attempt, when they have been put aside.
        for _ in 0..<2 {
            await #expect(throws: StartConfigurationError.self) { try await Self.start(laboratory, Text.first) }
        }
        let forced = try StartConfiguration.lastCommit(
            in: laboratory.options, firstFile: try Self.firstFile(laboratory, nil), isForced: true)
        #expect(forced.loaded.configuration.hostname == "laboratory")
    }

    @Test func `a box that was cut off before its first commit starts again`() async throws {
        let laboratory = try Laboratory()
        try await Self.start(laboratory, "! nothing yet\n")
        await laboratory.stop()
        // The allocations are there by then, and say nothing; the commit is half written.
        let path = laboratory.options.stateDirectory + "/commits/1"
        try FileManager.default.moveItem(atPath: path, toPath: path + ".new")
        try await Self.start(laboratory)
        #expect(try await laboratory.ask(ShowStatus()).commit == 2)
        await laboratory.stop()
    }

    @Test func `a file with a text that was undone has not been taken`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        _ = try Self.firstFile(laboratory, Self.second)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 1)))
        time.pass(seconds: 60)
        try await laboratory.eventually("it is undone") { try await Self.hostname(laboratory) == "laboratory" }
        let store = CommitStore(stateDirectory: laboratory.options.stateDirectory)
        let known = try await store.commit(1).commit.record.knownFile
        let undone = try await store.commit(2).commit.record.knownFile
        let back = try await store.commit(3).commit.record.knownFile
        #expect(known != nil && undone != known && back == known)
        await laboratory.stop()
    }

    @Test func `a commit that a further one has confirmed is there to stay when that one is lost`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 5)))
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.third)))
        await laboratory.stop()
        #expect(truncate(laboratory.options.stateDirectory + "/commits/3", 40) == 0)
        try await Self.start(laboratory, clock: time.clock(boot: "second"))
        #expect(try await Self.hostname(laboratory) == "second")
        await laboratory.stop()
    }

    @Test func `where the start of the machine is not known no commit waits for being confirmed`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock(boot: ""))
        let error = await #expect(throws: ControlError.self) {
            try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 5)))
        }
        #expect(error?.code == .refused)
        #expect(try await laboratory.ask(ShowStatus()).commit == 1)
        #expect(try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second))).commit == 2)
        await laboratory.stop()
    }

    @Test func `a first file that has been changed is said and not taken`() async throws {
        let laboratory = try Laboratory()
        try await Self.start(laboratory, Text.first)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second)))
        await laboratory.stop()
        try await Self.start(laboratory, Self.third)
        func isSaid() async throws -> Bool {
            try await laboratory.ask(ShowStatus()).alarms.contains { $0.kind == .configurationFileChanged }
        }
        try await laboratory.eventually("it is said") { try await isSaid() }
        #expect(try await Self.hostname(laboratory) == "second")
        await laboratory.stop()
        // It is taken when somebody commits it.
        try await Self.start(laboratory)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.third)))
        await laboratory.stop()
        try await Self.start(laboratory)
        try await Task.sleep(for: .milliseconds(1500))
        #expect(try await !isSaid())
        await laboratory.stop()
    }

    @Test func `a box that has had a configuration does not start with nothing`() async throws {
        let laboratory = try Laboratory()
        let missing = await #expect(throws: StartConfigurationError.self) { try await Self.start(laboratory) }
        #expect(missing?.description.contains("there is no commit and no") == true)
        // A new one may.
        try await Self.start(laboratory, "! nothing yet\n")
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Text.first)))
        await laboratory.stop()
        try FileManager.default.removeItem(atPath: laboratory.options.stateDirectory + "/commits")
        let lost = await #expect(throws: StartConfigurationError.self) { try await Self.start(laboratory) }
        #expect(lost?.description.contains("this box has had a configuration") == true)
    }

    @Test func `what takes most customers away must be meant`() async throws {
        let laboratory = try Laboratory()
        let vrfs = [3, 4, 5].map { "ip vrf more\($0)\n rd 42:\($0)\n route-target both 42:\($0)\n" }
        try await Self.start(laboratory, Text.first + vrfs.joined())
        let withoutNNIs = Text.first.replacing(
            "interface ten1/0\n encap mpls optE\n ip address 192.0.2.1/30\ninterface ten1/0.1\n vrf definition one\n",
            with: ""
        ).replacing(" optE 192.0.2.2\n", with: "").replacing(Text.bgp, with: "")
        let few = "ip vrf more3\n rd 42:3\n route-target both 42:3\nip vrf more4\n rd 42:4\n route-target both 42:4\n"
        for (text, reason) in [
            (few, "3 of 5 VRFs are not in new.conf"),
            (withoutNNIs + vrfs.joined(), "none of the 1 NNIs is in new.conf"),
        ] {
            let requests: [any ControlRequest] = [
                ReplaceConfiguration(Self.text(text)), CheckConfiguration(Self.text(text)),
            ]
            for request in requests {
                let error = await #expect(throws: ControlError.self) { try await laboratory.ask(request) }
                #expect(error?.code == .configurationInvalid && error?.message.hasPrefix(reason) == true)
            }
            // What would become of it can be asked for.
            _ = try await laboratory.ask(DiffConfiguration(Self.text(text)))
        }
        #expect(try await laboratory.ask(ShowStatus()).commit == 1)
        // Two of five go without a question, and all with one.
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Text.first + vrfs[0])))
        let back = await #expect(throws: ControlError.self) {
            try await laboratory.ask(ReplaceConfiguration(Self.text("hostname a\n")))
        }
        #expect(back?.code == .configurationInvalid)
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text("hostname a\n", force: true)))
        await laboratory.stop()
    }

    @Test func `what traffic a change cuts is said before`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        func cuts(_ text: String) async throws -> [TrafficCut.Kind: [String]] {
            let checked = try await laboratory.ask(CheckConfiguration(Self.text(text, force: true)))
            let planned = try await laboratory.ask(DiffConfiguration(Self.text(text)))
            #expect(checked.cuts == planned.cuts)
            return Dictionary(grouping: planned.cuts, by: \.kind).mapValues { $0.map(\.subject) }
        }
        #expect(try await cuts(Self.second).isEmpty)
        try await laboratory.eventually("VRF two has a label") {
            try await laboratory.ask(ShowLabels()).labels.contains { $0.vrf == "two" }
        }
        let label = try #require(try await laboratory.ask(ShowLabels()).labels.first { $0.vrf == "two" }?.label)
        let otherDistinguisher = try await cuts(Text.first.replacing("rd 42:2", with: "rd 42:22"))
        #expect(otherDistinguisher == [.labelGoes: ["\(label.rawValue)"]])
        let otherTimers = try await cuts(
            Text.first.replacing(
                "remote-as 65001\n", with: "remote-as 65001\n neighbor 192.0.2.2 timers 10 30\n"))
        #expect(otherTimers == [.sessionResets: ["192.0.2.2"]])
        let shutDown = try await cuts(
            Text.first.replacing("remote-as 65001\n", with: "remote-as 65001\n neighbor 192.0.2.2 shutdown\n"))
        #expect(shutDown == [.sessionEnds: ["192.0.2.2"]])
        let nothing = try await cuts("hostname a\n")
        #expect(nothing[.customerVanishes] == ["one", "two"] && nothing[.sessionEnds] == ["192.0.2.2"])
        #expect(nothing[.interfaceVanishes] == ["ten1/0", "ten1/0.1", "ten1/1", "ten1/2.30"])
        await laboratory.stop()
    }

    @Test func `what cannot be written is not put into force`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        // In the way of the new file, as a full disk is.
        let obstacle = laboratory.options.stateDirectory + "/commits/2.new"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        let error = await #expect(throws: ControlError.self) {
            try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second)))
        }
        #expect(error?.code == .refused && error?.message.hasPrefix("the commit cannot be written") == true)
        #expect(try await Self.hostname(laboratory) == "laboratory")
        try FileManager.default.removeItem(atPath: obstacle)
        #expect(try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second))).commit == 2)
        await laboratory.stop()
    }

    @Test func `an undone commit comes back also where that cannot be written`() async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second, minutes: 1)))
        let obstacle = laboratory.options.stateDirectory + "/commits/3.new"
        try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        time.pass(seconds: 60)
        try await laboratory.eventually("it is undone") { try await Self.hostname(laboratory) == "laboratory" }
        #expect(try await laboratory.ask(ShowStatus()).commit == nil)
        await laboratory.stop()
        try FileManager.default.removeItem(atPath: obstacle)
        try await Self.start(laboratory, clock: time.clock())
        #expect(try await Self.hostname(laboratory) == "laboratory")
        #expect(try await laboratory.ask(ShowStatus()).commit == 3)
        await laboratory.stop()
    }

    @Test func `words that a commit cannot keep are refused`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let long = String(repeating: "ä", count: 501)
        var texts = [
            Self.text(Self.second, comment: ""), Self.text(Self.second, comment: "two\nlines"),
            Self.text(Self.second, comment: long), Self.text(Self.second, minutes: 0),
            Self.text(Self.second, minutes: 1441),
        ]
        texts.append(ConfigurationText(text: Self.second, fileName: long))
        for text in texts {
            let error = await #expect(throws: ControlError.self) {
                try await laboratory.ask(ReplaceConfiguration(text))
            }
            #expect(error?.code == .invalidParameters)
        }
        // A name that is odd and short is written so that it is one line.
        let odd = ConfigurationText(text: Self.second, fileName: "two\n! time lines")
        #expect(try await laboratory.ask(ReplaceConfiguration(odd)).commit == 2)
        #expect(try await laboratory.ask(ShowCommits()).commits[0].source == "two\\u{a}! time lines")
        // Nothing is a configuration that one can come back from.
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text("", force: true)))
        #expect(try await laboratory.ask(ShowCommit(number: 3, wantsText: true)).text == "")
        #expect(try await laboratory.ask(RollbackConfiguration(number: 2)).commit == 4)
        await laboratory.stop()
    }

    @Test(arguments: [true, false])
    func `where the former commit cannot be read an earlier one comes back`(isRestarted: Bool) async throws {
        let (laboratory, time) = (try Laboratory(), SetClock())
        try await Self.start(laboratory, Text.first, clock: time.clock())
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.second)))
        _ = try await laboratory.ask(ReplaceConfiguration(Self.text(Self.third, minutes: 1)))
        let path = laboratory.options.stateDirectory + "/commits/2"
        #expect(truncate(path, 40) == 0)
        if isRestarted { await laboratory.stop() }
        time.pass(seconds: 60)
        if isRestarted { try await Self.start(laboratory, clock: time.clock()) }
        try await laboratory.eventually("it is undone") { try await Self.hostname(laboratory) == "laboratory" }
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
        #expect(try await laboratory.ask(ShowCommits()).commits.map(\.number) == [4, 3, 1])
        await laboratory.stop()
    }

    @Test func `commits at the same time come one after the other`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let plane = try #require(laboratory.plane)
        let numbers = try await withThrowingTaskGroup(of: UInt64?.self) { group in
            for number in 0..<8 {
                let text = Text.first.replacing("hostname laboratory", with: "hostname box\(number)")
                group.addTask { try await plane.ask(ReplaceConfiguration(Self.text(text))).commit }
            }
            return try await group.reduce(into: Set<UInt64>()) { if let number = $1 { $0.insert(number) } }
        }
        #expect(numbers == Set(2...9))
        let last = try await laboratory.ask(ShowCommit(number: 9, wantsText: true))
        #expect(last.text?.contains("hostname \(try await Self.hostname(laboratory))\n") == true)
        await laboratory.stop()
    }
}
