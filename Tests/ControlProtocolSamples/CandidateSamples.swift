import ControlProtocol

extension Samples {
    public static let candidateState = CandidateState(
        hostname: "asbr1", baseCommit: 12, commitInForce: 13, isChanged: true,
        block: ["router bgp 42", "address-family vpnv4"], removed: ["neighbor 1.2.3.4 maximum-prefix 10"])

    public static let lineHints = LineHintsResult(hints: [
        LineHintsResult.Hint(word: "description", help: "a text for people", isLiteral: true),
        LineHintsResult.Hint(word: "VALUE", help: "octets, 576 to 9216", isLiteral: false),
    ])

    public static let candidateText = CandidateTextResult(text: "interface ten1/0\n ! as ordered\n mtu 1400\n")
}
