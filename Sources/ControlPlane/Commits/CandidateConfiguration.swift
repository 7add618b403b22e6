import Configuration
import ControlProtocol

/// A text that somebody would like to be the configuration. Whatever is done with it is done beside the event loop.
struct CandidateConfiguration: Sendable {
    let text: ConfigurationText

    func loaded(on basis: PlanBasis) throws(ControlError) -> LoadedConfiguration {
        do {
            return try ConfigurationParser.parse(
                text: text.text, fileName: text.fileName, base: basis.index.configuration)
        } catch {
            throw ControlError(
                .configurationInvalid, "the configuration is invalid, nothing was applied",
                diagnostics: error.diagnostics.map(Diagnostic.init))
        }
    }

    func prepared(on basis: PlanBasis) throws(ControlError) -> PreparedConfiguration {
        try PreparedConfiguration(try loaded(on: basis), of: text, on: basis)
    }

    /// A text that takes most away, that of a file which was cut short for instance, must be meant.
    func refuseWhatTakesMostAway(_ loaded: LoadedConfiguration, on basis: PlanBasis) throws(ControlError) {
        guard text.force != true else { return }
        let (old, new) = (basis.index.configuration, loaded.configuration)
        guard !new.isEmpty else {
            throw refusal("\(text.fileName) says nothing, and all would be removed")
        }
        let lostVRFs = old.vrfs.keys.count(where: { new.vrfs[$0] == nil })
        guard lostVRFs * 2 <= old.vrfs.count else {
            throw refusal("\(lostVRFs) of \(old.vrfs.count) VRFs are not in \(text.fileName), and would be removed")
        }
        let oldNNIs = old.nniNames
        guard oldNNIs.isEmpty || !oldNNIs.isDisjoint(with: new.nniNames) else {
            throw refusal("none of the \(oldNNIs.count) NNIs is in \(text.fileName), and all would be removed")
        }
    }

    private func refusal(_ reason: String) -> ControlError {
        ControlError(.configurationInvalid, "\(reason): nothing was applied; add 'force' if that is meant")
    }
}

extension Configuration {
    /// The names of the interfaces to other operators.
    fileprivate var nniNames: Set<InterfaceName> {
        var names: Set<InterfaceName> = []
        for (name, interface) in interfaces {
            if case .nni = interface.kind { names.insert(name) }
        }
        return names
    }
}

extension PreparedConfiguration {
    /// What it has otherwise than the one in force.
    var changedLines: [ConfigurationDiffLine] {
        ConfigurationDiff(from: basis.index.configuration, to: loaded.configuration).shownLines
    }
}

extension ConfigurationDiff {
    var shownLines: [ConfigurationDiffLine] {
        lines.map(ConfigurationDiffLine.init)
    }
}
