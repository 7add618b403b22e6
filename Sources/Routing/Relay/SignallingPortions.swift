import Addressing
import BGP

/// What a change leads to for many routes, a portion at a time.
extension SignallingRelay {
    /// Whether it has not been decided on all routes.
    var isDeciding: Bool { !pending.isEmpty }

    /// Whether it has been decided on all that there was for a neighbor when its session came up, or the inputs became others. What
    /// has come since does not count: routes that flap keep End-of-RIB from nobody.
    func isDecided(for neighbor: NeighborState) -> Bool { !pending.concernsAll(of: neighbor.peer) }

    func redecideAnswers(to question: AnsweredRoutes.Question) {
        if !answers[question].isEmpty { pending.add(.question(question)) }
    }

    func redecide(_ cause: PendingDecisions.Cause) { pending.add(cause) }

    /// Decides on the next routes, and returns how many decisions that took.
    func continueDeciding(limit: Int) -> Int {
        guard isDeciding else { return 0 }
        var taken = 0
        while taken < limit, let (nlri, peer) = pending.popNext(routes: routes) {
            taken += peer == nil ? max(1, receivers.count) : 1
            guard let family = nlri.sessionFamily else { continue }
            guard let peer else {
                decide(nlri, family)
                continue
            }
            guard let receiver = receivers.first(where: { $0.peer == peer }) else { continue }
            if decide(nlri, family, offers(of: nlri), for: receiver), nlri.announcesTunnel {
                redecideAnswers(to: .route(nlri))
            }
            segmentation.answer(nlri, to: [receiver], isGiven: isGiven, isHeard: packets.isHeard)
        }
        // End-of-RIB may have waited.
        for neighbor in neighbors.inOrder where neighbor.advertised.isEndOfRIBDue && isDecided(for: neighbor) {
            neighbor.advertised.requestSignal()
        }
        return taken
    }

    private func routes(of cause: PendingDecisions.Cause) -> [NLRI] {
        switch cause {
        case .question(let question): return Array(answers[question])
        case .receiver: return Array(senders.all)
        case .inputs:
            defer { forsaken = [] }
            return Array(senders.all) + forsaken
        }
    }
}
