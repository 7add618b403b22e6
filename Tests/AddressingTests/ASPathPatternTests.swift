import Addressing
import Testing

/// Regular expressions over AS paths: what they find, and what is no expression.
@Suite struct ASPathPatternTests {
    @Test(arguments: [
        ("^$", [""], ["1"]),
        ("65001", ["65001", "1 65001 2", "165001", "650012"], ["6500", "65 001"]),
        ("_65001_", ["65001", "1 65001 2", "1 {65001,7}", "65001 1"], ["165001", "650012", ""]),
        ("^65001_", ["65001", "65001 7"], ["650011", "7 65001"]),
        ("_7$", ["7", "1 7"], ["17", "7 1"]),
        ("^65001(_65001)*$", ["65001", "65001 65001 65001"], ["65001 7", "7 65001", ""]),
        ("^[0-9]+$", ["1", "4294967294"], ["1 2", ""]),
        ("^[0-9]+ ?[0-9]*$", ["1", "1 2"], ["1 2 3"]),
        ("^(1|2|33) 4$", ["1 4", "2 4", "33 4"], ["3 4", "1", "1 44"]),
        ("[^0-5]", ["6", "1 2"], ["12345", ""]),
        ("^.*$", ["", "1 2 {3}"], []),
        ("^.$", ["1"], ["", "12"]),
        ("\\{7,9\\}", ["1 {7,9}"], ["1 7,9"]),
        ("", ["", "1"], []),
        ("(^1|2$)", ["1 3", "3 2"], ["3 1 3"]),
        ("^(1*)*2$", ["2", "1112"], ["113"]),
        ("(1?)+$", ["", "7"], []),
    ])
    func finds(_ text: String, _ found: [String], _ others: [String]) throws {
        let pattern = try ASPathPattern(text)
        for path in found { #expect(pattern.matches(path), "\(text) in '\(path)'") }
        for path in others { #expect(!pattern.matches(path), "\(text) not in '\(path)'") }
    }

    @Test(arguments: [
        ("1)", 1), ("(1", 2), ("*1", 0), ("1**", 2), ("[", 1), ("[]", 1), ("[1", 2), ("[9-1]", 3), ("[a]", 1),
        ("65001x", 5), ("\\d", 1), ("1{2}", 1), ("|*", 1), (String(repeating: "1", count: 129), 128),
    ])
    func `what is no expression is refused at its character`(_ text: String, _ offset: Int) {
        #expect {
            try ASPathPattern(text)
        } throws: {
            ($0 as? ASPathPattern.Malformed)?.offset == offset
        }
    }

    /// One that goes back and tries again would take longer than the universe is old.
    @Test func `the time is bounded by the lengths`() throws {
        let pattern = try ASPathPattern("^((1+)+)+$")
        #expect(!pattern.matches(String(repeating: "1", count: 5000) + " "))
    }

    @Test func `communities read as they print`() {
        for text in ["0:0", "65001:100", "65535:65535"] { #expect(Community(text)?.description == text) }
        for text in ["65536:1", "1", "1:2:3", "01:1", "1:", ""] { #expect(Community(text) == nil) }
        for text in ["0:0:0", "4294967295:1:2"] { #expect(LargeCommunity(text)?.description == text) }
        for text in ["4294967296:1:2", "1:2", "1:2:x", "1:2:3:4"] { #expect(LargeCommunity(text) == nil) }
    }
}
