import Addressing
import Configuration
import ControlProtocol
import Routing

extension CandidateConfiguration {
    /// A block is to be reserved in which labels have been given out: they stay with those that have them, so that what is
    /// provisioned would mean two things.
    func refuseLabelsInUse(
        _ new: LoadedConfiguration, in plane: ControlPlane
    ) async throws(ControlError) {
        guard let block = new.configuration.mpls.commonBlock else { return }
        let given = await plane.labelsGiven(within: block)
        guard let first = given.first else { return }
        let (vrf, neighbor) = (first.owner.vrf?.name, first.owner.neighbor.address)
        let line = vrf.flatMap { new.sources[.vrf($0)] }.map { " (line \($0.line))" } ?? ""
        let holder = vrf.map { "VRF '\($0)'\(line)" } ?? "what is relayed"
        let place = new.sources[.labelBlock] ?? SourceLocation(file: text.fileName, line: 1, column: 1)
        let lines = text.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        throw ControlError(
            .configurationInvalid, "labels of the block are in use, nothing was applied",
            diagnostics: [
                Diagnostic(
                    severity: .error, code: "block-in-use",
                    message:
                        "label \(first.label) is that of \(holder) towards \(neighbor), so that the block is in use",
                    file: place.file, line: place.line, column: place.column,
                    lineText: lines.indices.contains(place.line - 1) ? String(lines[place.line - 1]) : "", length: 1,
                    expected: [],
                    hint: "choose a block outside the labels in use ('show labels')")
            ])
    }
}

extension ControlPlane {
    /// A label in the block that was drawn for somebody, and who that is; none if the block is reserved already.
    fileprivate func labelsGiven(within block: ClosedRange<UInt32>) -> [(label: MPLSLabel, owner: LabelOwner)] {
        guard configuration.mpls.commonBlock != block else { return [] }
        return routing.labels.drawn(within: block, limit: 1)
    }
}
