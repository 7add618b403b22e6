import ControlPlane
import ControlProtocol
import Testing

private typealias Text = LaboratoryConfiguration

/// Candidates of the control process: private, one for each connection, and never merged.
@Suite struct CandidateTests {
    private static func caller(_ name: String) -> ControlCaller {
        ControlCaller(userIdentifier: 1000, groupIdentifier: 1000, userName: name, session: ControlSession())
    }

    private static func ask<Request: ControlRequest>(
        _ laboratory: Laboratory, _ request: Request, _ caller: ControlCaller
    ) async throws -> Request.Answer {
        let plane = try #require(laboratory.plane)
        return try #require(try await plane.answer(request, from: caller).get() as? Request.Answer)
    }

    @Test func `a line is told at once, and what is committed is in force`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let alice = Self.caller("alice")
        let opened = try await Self.ask(laboratory, OpenCandidate(), alice)
        #expect(opened.baseCommit == 1 && !opened.isChanged && opened.hostname == "laboratory")
        let wrong = await #expect(throws: ControlError.self) {
            try await Self.ask(laboratory, EnterLine(line: "hostnam second"), alice)
        }
        #expect(wrong?.code == .configurationInvalid && wrong?.diagnostics.first?.hint == "did you mean 'hostname'?")
        _ = try await Self.ask(laboratory, EnterLine(line: "! a better name"), alice)
        let changed = try await Self.ask(laboratory, EnterLine(line: "hostname second"), alice)
        #expect(changed.isChanged && changed.removed == ["hostname laboratory"])
        #expect(
            try await Self.ask(laboratory, CompareCandidate(), alice).lines == [
                ConfigurationDiffLine(kind: .removed, text: "hostname laboratory"),
                ConfigurationDiffLine(kind: .added, text: "! a better name"),
                ConfigurationDiffLine(kind: .added, text: "hostname second"),
            ])
        _ = try await Self.ask(laboratory, CheckCandidate(), alice)
        let done = try await Self.ask(laboratory, CommitCandidate(comment: "renamed"), alice)
        #expect(done.commit == 2)
        let commit = try await laboratory.ask(ShowCommit(number: 2, wantsText: true))
        #expect(commit.commit.user == "alice" && commit.commit.comment == "renamed")
        #expect(commit.text?.contains("! a better name\nhostname second\n") == true)
        let after = try await Self.ask(laboratory, OpenCandidate(), alice)
        #expect(after.baseCommit == 2 && !after.isChanged)
        #expect(try await laboratory.ask(ShowStatus()).hostname == "second")
        _ = try await Self.ask(laboratory, RollBackCandidate(number: 1), alice)
        #expect(try await Self.ask(laboratory, OpenCandidate(), alice).isChanged)
        #expect(try await Self.ask(laboratory, ShowCandidate(), alice).text.contains("hostname laboratory"))
        #expect(!(try await Self.ask(laboratory, DiscardCandidate(), alice).isChanged))
        await laboratory.stop()
    }

    @Test func `of two candidates the second commit is refused, with what has changed under it`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let (alice, bob) = (Self.caller("alice"), Self.caller("bob"))
        for caller in [alice, bob] { _ = try await Self.ask(laboratory, OpenCandidate(), caller) }
        _ = try await Self.ask(laboratory, EnterLine(line: "hostname alices"), alice)
        _ = try await Self.ask(laboratory, EnterLine(line: "mpls label withdrawal-delay 7"), bob)
        #expect(!(try await Self.ask(laboratory, ShowCandidate(), bob).text.contains("alices")))
        _ = try await Self.ask(laboratory, CommitCandidate(), alice)
        let refusal = await #expect(throws: ControlError.self) {
            try await Self.ask(laboratory, CommitCandidate(), bob)
        }
        #expect(refusal?.code == .refused)
        #expect(refusal?.message.contains("commit 2 is in force") == true)
        #expect(refusal?.message.contains("-hostname laboratory\n+hostname alices\n") == true)
        #expect(try await laboratory.ask(ShowStatus()).commit == 2)
        #expect(try await Self.ask(laboratory, OpenCandidate(), bob).commitInForce == 2)
        _ = try await Self.ask(laboratory, DiscardCandidate(), bob)
        _ = try await Self.ask(laboratory, EnterLine(line: "mpls label withdrawal-delay 7"), bob)
        #expect(try await Self.ask(laboratory, CommitCandidate(), bob).commit == 3)
        #expect(try await laboratory.ask(ShowStatus()).hostname == "alices")
        await laboratory.stop()
    }

    @Test func `a candidate goes with its connection, and there are at most sixteen`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let callers = (0..<17).map { Self.caller("user\($0)") }
        for caller in callers.prefix(16) { _ = try await Self.ask(laboratory, OpenCandidate(), caller) }
        let refusal = await #expect(throws: ControlError.self) {
            try await Self.ask(laboratory, OpenCandidate(), callers[16])
        }
        #expect(refusal?.message.contains("16 candidates are open") == true)
        callers[3].session?.end()
        try await laboratory.eventually("there is room again") {
            (try? await Self.ask(laboratory, OpenCandidate(), callers[16])) != nil
        }
        let gone = await #expect(throws: ControlError.self) {
            try await Self.ask(laboratory, ShowCandidate(), callers[3])
        }
        #expect(gone?.code == .refused)
        let without = await #expect(throws: ControlError.self) { try await laboratory.ask(OpenCandidate()) }
        #expect(without?.code == .refused)
        await laboratory.stop()
    }

    @Test func `passwords are not shown, and stay where nobody changes them`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let alice = Self.caller("alice")
        _ = try await Self.ask(laboratory, OpenCandidate(), alice)
        for line in ["router bgp 42", "neighbor customers peer-group", "neighbor customers password one"] {
            _ = try await Self.ask(laboratory, EnterLine(line: line), alice)
        }
        _ = try await Self.ask(laboratory, CommitCandidate(), alice)
        #expect(try await Self.ask(laboratory, ShowCandidate(), alice).text.contains("password <hidden>"))
        let shown = try await Self.ask(laboratory, ShowCandidate(), alice).text
        _ = try await Self.ask(
            laboratory, ReplaceCandidate(ConfigurationText(text: shown, fileName: "pasted")), alice)
        _ = try await Self.ask(laboratory, EnterLine(line: "hostname other"), alice)
        _ = try await Self.ask(laboratory, CommitCandidate(), alice)
        let same = try await laboratory.ask(ShowCommit(number: 3)).changes.map(\.text)
        #expect(same == ["hostname laboratory", "hostname other"])
        _ = try await Self.ask(laboratory, EnterLine(line: "router bgp 42"), alice)
        _ = try await Self.ask(laboratory, EnterLine(line: "neighbor customers password two"), alice)
        #expect(
            try await Self.ask(laboratory, CompareCandidate(), alice).lines.map(\.text).last
                == " neighbor customers password <hidden> ! password changed")
        await laboratory.stop()
    }

    @Test func `an unchanged candidate confirms the commit that waits for that`() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Text.first)
        let alice = Self.caller("alice")
        _ = try await Self.ask(laboratory, OpenCandidate(), alice)
        _ = try await Self.ask(laboratory, EnterLine(line: "hostname second"), alice)
        #expect(try await Self.ask(laboratory, CommitCandidate(confirmMinutes: 5), alice).confirmBy != nil)
        let confirmed = try await Self.ask(laboratory, CommitCandidate(), alice)
        #expect(confirmed.commit == 2 && confirmed.confirmBy == nil)
        #expect(try await laboratory.ask(ShowStatus()).confirmBy == nil)
        await laboratory.stop()
    }
}
