import Addressing
import Configuration
import Testing

/// The configuration of a text without errors.
func load(_ text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws -> LoadedConfiguration {
    do {
        return try ConfigurationParser.parse(text: text, fileName: "test.conf")
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
        throw error
    }
}

/// All that the parser says about a text, whether it takes it or not.
func diagnostics(of text: String) -> [ConfigurationDiagnostic] {
    do {
        return try ConfigurationParser.parse(text: text, fileName: "test.conf").warnings
    } catch {
        return error.diagnostics
    }
}

extension BGPConfiguration {
    func session(withNeighbor address: String, inVRF vrf: String? = nil) -> BGPSession? {
        IPAddress(address).flatMap { session(with: NeighborName(vrf: vrf, address: $0)) }
    }
}
