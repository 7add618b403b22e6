import ControlProtocol
import OperatorCommands
import Testing

/// What lines mean in configure mode.
@Suite struct ConfigureGrammarTests {
    @Test(
        arguments: [
            ("sh", .request(ShowCandidate(blockOnly: true))), ("show | comp", .request(CompareCandidate())),
            ("show bgp summary", .request(ShowBGPSummary())), ("do show bgp summary", .request(ShowBGPSummary())),
            ("comm", .request(CommitCandidate())), ("commit check", .request(CheckCandidate())),
            (
                "commit confirmed 5 comment a new customer",
                .request(CommitCandidate(comment: "a new customer", confirmMinutes: 5))
            ),
            ("commit confirmed", .request(CommitCandidate(confirmMinutes: 10))), ("ex", .leaveBlock), ("end", .leave),
            ("rollback 3", .request(RollBackCandidate(number: 3))), ("discard", .request(DiscardCandidate())),
            ("load merge a.conf", .configuration(MergeIntoCandidate.self, file: "a.conf")),
            // Whatever is no command is a statement, also where it looks like the beginning of one.
            ("  shut", .request(EnterLine(line: "  shut"))), ("ro bgp 42", .request(EnterLine(line: "ro bgp 42"))),
            ("no mtu", .request(EnterLine(line: "no mtu"))), ("! why", .request(EnterLine(line: "! why"))),
            ("description a | b", .request(EnterLine(line: "description a | b"))),
        ] as [(String, OperatorCommands.Operation)])
    func `lines and what they ask for`(line: String, operation: OperatorCommands.Operation) throws {
        #expect(try ConfigureGrammar.parse(line).operation == operation)
    }

    @Test(arguments: ["rollback", "rollback x", "commit check force", "load merge", "do nonsense", "show | compare x"])
    func `what is no command`(line: String) {
        #expect(throws: UsageError.self) { try ConfigureGrammar.parse(line) }
    }

    @Test func `muscle memory of IOS`() throws {
        for line in ["conf t", "configure terminal", "configure"] {
            #expect(try CommandPipeline(words: line.split(separator: " ").map(String.init)).operation == .configure)
        }
        for line in ["wr", "write memory", "copy running-config startup-config", "copy run start"] {
            let operation = try CommandPipeline(words: line.split(separator: " ").map(String.init)).operation
            guard case .remark(let remark) = operation else {
                Issue.record("\(line): \(operation)")
                continue
            }
            #expect(remark.contains("on disk"))
        }
    }

    @Test func `a caret stands under the word at fault, with what was meant`() {
        let error = #expect(throws: UsageError.self) {
            try CommandPipeline(words: ["show", "bgp", "sumary"])
        }
        #expect(
            error?.text(below: "show  bgp sumary").hasPrefix(
                """
                'sumary' is not known here
                  show  bgp sumary
                            ^~~~~~
                expected: summary,
                """) == true)
        #expect(error?.text(below: "show  bgp sumary").hasSuffix("did you mean 'summary'?") == true)
        let incomplete = #expect(throws: UsageError.self) { try CommandPipeline(words: ["show", "bgp"]) }
        #expect(incomplete?.text(below: "show bgp").contains("  show bgp\n           ^\n") == true)
    }
}
