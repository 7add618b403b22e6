import Addressing
import Configuration

/// Between whom labels of route reflectors carry sessions: Option C's prefix lists of depth 1.
extension ForwardingPlanCompiler {
    /// On an NNI to our reflectors, from those of its neighbors; in the core (`nil`) the other way round, of all neighbors.
    func listedSessions(onNNI nni: InterfaceName?) -> [LocalService] {
        var services: [LocalService] = []
        for session in index.sessions(inVRF: nil) where session.isOptionC && !session.isShutdown {
            guard nni == nil || index.place(of: session.name)?.interface.name == nni else { continue }
            for (family, settings) in session.families where settings.isOptionC {
                let lists = settings.depthLists[.one]
                let (ours, theirs) = (
                    listed(lists?.exported, family.addressFamily), listed(lists?.imported, family.addressFamily)
                )
                services += (nni == nil ? theirs : ours).map { service(.sessionsTo, $0) }
                services += (nni == nil ? ours : theirs).map { service(.sessionsFrom, $0) }
            }
        }
        return Set(services).sorted()
    }

    private func service(_ kind: LocalService.Kind, _ prefix: IPPrefix) -> LocalService {
        LocalService(local: prefix.address, remote: prefix, kind: kind)
    }

    /// What a list permits that may be a loopback.
    private func listed(_ name: String?, _ family: AddressFamily) -> [IPPrefix] {
        let entries = name.flatMap { configuration.prefixLists[family]?[$0]?.entries } ?? []
        return entries.filter { $0.permits && $0.lengths.contains(UInt8(family.bits)) }.map(\.prefix)
    }
}
