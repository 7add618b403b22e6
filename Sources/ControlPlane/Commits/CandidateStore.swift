import Configuration
import ControlProtocol

/// The candidates that are open, each of a connection, with which it goes. They are in memory alone: nothing of them is on
/// disk before it is committed.
actor CandidateStore {
    /// How many there may be at once.
    static let most = 16
    /// The most octets of a candidate's text: as much as one request can carry.
    static let largestOctets = RequestDocument.largestBytes

    private var candidates: [ControlSession: EditedCandidate] = [:]

    /// The candidate of a connection.
    /// - Throws: a ``ControlError`` if it has opened none.
    func candidate(of session: ControlSession?) throws(ControlError) -> EditedCandidate {
        guard let session, let candidate = candidates[session] else {
            throw ControlError(.refused, "no candidate is open on this connection: 'configure' opens one")
        }
        return candidate
    }

    /// Keeps a new candidate, or one in place of that which the connection has.
    func put(_ candidate: EditedCandidate, of session: ControlSession?) throws(ControlError) {
        guard let session else {
            throw ControlError(.refused, "a candidate belongs to a connection of the control socket")
        }
        guard candidates[session] == nil else {
            candidates[session] = candidate
            return
        }
        guard candidates.count < Self.most else {
            throw ControlError(.refused, "\(Self.most) candidates are open, and no more can be")
        }
        candidates[session] = candidate
        session.keep { Task { await self.remove(session) } }
    }

    /// Changes the candidate of a connection, or leaves it as it was.
    func change<Result: Sendable>(
        of session: ControlSession?, _ body: (inout ConfigurationEditor) throws(InvalidConfiguration) -> Result
    ) throws(ControlError) -> (EditedCandidate, Result) {
        var candidate = try candidate(of: session)
        let result: Result
        do {
            result = try body(&candidate.text)
        } catch {
            throw ControlError(
                .configurationInvalid, "the candidate is as it was", diagnostics: error.diagnostics.map(Diagnostic.init)
            )
        }
        guard candidate.text.octets <= Self.largestOctets else {
            throw ControlError(
                .refused, "the candidate would be longer than \(Self.largestOctets) octets and is as it was")
        }
        try put(candidate, of: session)
        return (candidate, result)
    }

    var count: Int { candidates.count }

    private func remove(_ session: ControlSession) { candidates[session] = nil }
}
