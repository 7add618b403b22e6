import Addressing
import BGP

/// Which answers there are to which routes: leaves name one whole (RFC 6514 §4.4), and customers' joins the route distinguisher of VPN
/// routes (RFC 6514 §11.1.3).
struct AnsweredRoutes {
    /// What answers of a kind are decided on together.
    enum Question: Hashable {
        case route(NLRI)
        case distinguisher(RouteDistinguisher)

        /// `nil` for what is no answer, and for a leaf that answers no tunnel's route.
        init?(of answer: NLRI) {
            if answer.isJoin, let distinguisher = answer.routeDistinguisher {
                self = .distinguisher(distinguisher)
            } else if answer.isAnswer, let route = answer.answeredRoute {
                self = .route(route)
            } else {
                return nil
            }
        }

        /// How many answers to it one neighbor may have: a leaf is a PE, and a join a customer's group.
        fileprivate var most: Int {
            switch self {
            case .route: 4096
            case .distinguisher: 16_384
            }
        }
    }

    private struct Asked: Hashable {
        let question: Question
        let neighbor: PeerAddress
    }

    private var answers: [Question: Set<NLRI>] = [:]
    private var counts: [Asked: Int] = [:]

    /// Whether a neighbor may have one more like this.
    func admits(_ answer: NLRI, of neighbor: PeerAddress) -> Bool {
        guard let question = Question(of: answer) else { return true }
        return (counts[Asked(question: question, neighbor: neighbor)] ?? 0) < question.most
    }

    /// A neighbor says an answer, or does not any more.
    /// - Parameter isThere: whether anybody says it.
    mutating func note(_ answer: NLRI, of neighbor: PeerAddress, _ change: Int, isThere: Bool) {
        guard let question = Question(of: answer) else { return }
        let asked = Asked(question: question, neighbor: neighbor)
        let count = (counts[asked] ?? 0) + change
        counts[asked] = count > 0 ? count : nil
        if isThere { answers[question, default: []].insert(answer) } else { answers[question]?.remove(answer) }
        if answers[question]?.isEmpty == true { answers[question] = nil }
    }

    subscript(question: Question) -> Set<NLRI> { answers[question] ?? [] }

    mutating func removeAll() { self = AnsweredRoutes() }
}
