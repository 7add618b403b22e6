import Addressing
import Configuration
import ControlProtocol
import Routing

extension CandidateConfiguration {
    /// What is provisioned must not mean two things: refused are a block in which labels have been drawn, and a static label that
    /// somebody has or had until lately. Both stay with those that have them.
    func refuseLabelsInUse(
        _ new: LoadedConfiguration, in plane: ControlPlane
    ) async throws(ControlError) {
        if let use = await plane.useOfBlock(new.configuration) {
            throw refusal(
                "labels of the block are in use", code: "block-in-use",
                "label \(use.label) is that of \(use.holder(new)), so that the block is in use", at: .labelBlock,
                of: new,
                hint: "choose a block outside the labels in use ('show labels')")
        }
        if let use = await plane.useOfStaticLabel(new.configuration) {
            throw refusal(
                "a static label is in use", code: "static-label-in-use",
                "label \(use.label) is that of \(use.holder(new))", at: .multipointLabel(use.label), of: new,
                hint: "choose another, or wait until it is in 'show labels' no more")
        }
    }

    private func refusal(
        _ summary: String, code: String, _ message: String, at object: ConfigurationObject, of new: LoadedConfiguration,
        hint: String
    ) -> ControlError {
        let place = new.sources[object] ?? SourceLocation(file: text.fileName, line: 1, column: 1)
        let lines = text.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return ControlError(
            .configurationInvalid, "\(summary), nothing was applied",
            diagnostics: [
                Diagnostic(
                    severity: .error, code: code, message: message, file: place.file, line: place.line,
                    column: place.column,
                    lineText: lines.indices.contains(place.line - 1) ? String(lines[place.line - 1]) : "", length: 1,
                    expected: [], hint: hint)
            ])
    }
}

/// A label that is somebody's, or was until lately.
private struct LabelUse {
    let label: MPLSLabel
    /// `nil`: not known.
    let owner: LabelOwner?

    func holder(_ new: LoadedConfiguration) -> String {
        guard let owner else { return "somebody of whom nothing is known" }
        let line = owner.vrf.flatMap { new.sources[.vrf($0.name)] }.map { " (line \($0.line))" } ?? ""
        let holder = owner.vrf.map { "VRF '\($0.name)'\(line)" } ?? "what is relayed"
        return "\(holder) towards \(owner.neighbor.address)"
    }
}

extension ControlPlane {
    /// A label in the block that was drawn for somebody; `nil` if the block is reserved already.
    fileprivate func useOfBlock(_ new: Configuration) -> LabelUse? {
        guard let block = new.mpls.commonBlock, configuration.mpls.commonBlock != block else { return nil }
        return routing.labels.drawn(within: block, limit: 1).first.map { LabelUse(label: $0.label, owner: $0.owner) }
    }

    /// A static label that is new, and somebody's.
    fileprivate func useOfStaticLabel(_ new: Configuration) -> LabelUse? {
        let former = Set(configuration.multipointLabels.map(\.label))
        for label in new.multipointLabels.map(\.label).sorted() where !former.contains(label) {
            if let owner = routing.labels.knownOwners(of: CommonLabel(label)).min() {
                return LabelUse(label: label, owner: owner)
            }
            if routing.labels.quarantine[label] != nil { return LabelUse(label: label, owner: nil) }
        }
        return nil
    }
}
