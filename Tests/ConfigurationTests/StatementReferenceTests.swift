import Configuration
import Foundation
import Testing

/// Every statement of the language has its help and an example, and the example is read, kept and printed.
@Suite struct StatementReferenceTests {
    private static let statements = StatementReference.blocks.flatMap { block in
        block.statements.map { Sample(block: block.title, statement: $0) }
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        let block: String
        let statement: DocumentedStatement

        var testDescription: String { "\(statement.example) in \(block)" }
    }

    @Test(arguments: statements)
    func `a statement has help, and its example begins with its words`(_ sample: Sample) {
        let statement = sample.statement
        #expect(!statement.help.isEmpty && !statement.help.hasSuffix("."))
        var example = statement.example.split(separator: " ").map(String.init)
        if sample.block.contains("access-list"), Int(example[0]) != nil { example.removeFirst() }
        let words = statement.words.replacing("encapsulation mpls", with: "encap mpls").split(separator: " ")
        #expect(example.prefix(words.count) == words.map(String.init)[...])
    }

    @Test(arguments: statements)
    func `a statement is read from its example and printed canonically`(_ sample: Sample) throws {
        let statement = sample.statement
        let (without, with) = try StatementContext.texts(around: statement.example, in: sample.block)
        let canonical = try load(with).configuration.canonicalText
        // What the example adds to the canonical text, its own line or that of the other spelling among it.
        let expected: String
        switch statement.printing {
        case .itself: expected = statement.example
        case .like(let line): expected = line
        case .never:
            #expect(try load(without).configuration.canonicalText == canonical)
            return
        }
        let lines = canonical.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.contains { $0 == expected }, "\(canonical)")
        #expect(try load(canonical).configuration.canonicalText == canonical)
    }

    /// The property tests meet what the generator writes.
    @Test func `the random configurations say every statement`() {
        var said: [String: Set<String>] = [:]
        for seed in UInt64(1)...100 {
            for (block, line) in StatementContext.lines(of: RandomConfiguration.make(seed: seed).canonicalText) {
                said[block, default: []].insert(line)
            }
        }
        let unsaid = Self.statements.filter { sample in
            guard sample.statement.printing == .itself else { return false }
            let words = sample.statement.words.replacing("192.0.2.2 ", with: "").replacing("198.51.100.2 ", with: "")
                .replacing("10.1.0.2 ", with: "")
                .replacing("encapsulation mpls", with: "encap mpls")
            return said[sample.block]?.contains { $0 == words || $0.hasPrefix(words + " ") } != true
        }.map(\.testDescription)
        #expect(unsaid == [])
    }

    /// `docs/statements.md` is written from the tables. After a change that is meant, `STILE_WRITE_GOLDEN=1` writes it anew.
    @Test func `the reference in docs is what the language has`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/statements.md")
        let head = """
            # The statements of a configuration

            Written by `StatementReferenceTests` from the tables by which configurations are read and printed
            (`Sources/Configuration/Parsing/Statements`). Each line shows an example.

            """
        let text = head + StatementReference.blocks.map(Self.text).joined()
        if ProcessInfo.processInfo.environment["STILE_WRITE_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    private static func text(of block: DocumentedBlock) -> String {
        let lines = block.statements.map { statement in
            var text = "- `\(statement.example)`: \(statement.help)."
            if case .like(let line) = statement.printing, line != statement.example { text += " Printed as `\(line)`." }
            return text + "\n"
        }
        return "\n## In \(block.title.replacing("'", with: "`"))\n" + lines.joined()
    }
}
