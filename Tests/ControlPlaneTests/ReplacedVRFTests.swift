import Addressing
import CTableLayout
import ControlPlane
import ControlProtocol
import ForwardingTables
import Testing

/// A VRF is its name and its route distinguisher: another one under the same name is another customer, and inherits
/// nothing that packets or counters could be mistaken by.
@Suite struct ReplacedVRFTests {
    private static let first =
        LaboratoryConfiguration.first + """
            policy-map gold
             class class-default
              police cir 8000000 bc 15000 conform-action transmit exceed-action drop
            interface ten1/1
             service-policy input gold

            """
    /// The same names; another route distinguisher and other targets.
    private static let replaced = first.replacing(
        "rd 42:1\n route-target both 42:1", with: "rd 42:7\n route-target both 42:7")

    /// What the tables call a VRF, its circuit and the circuit's class.
    private struct Numbers {
        let vrf: UInt16
        let circuit: UInt16
        let classInstance: UInt32
        let label: MPLSLabel

        init(_ laboratory: Laboratory) async throws {
            let services = try laboratory.services()
            let record = services.interface(port: 1)
            vrf = record.vrf
            circuit = record.counter
            let attached = services.services(record)
            classInstance = try #require(
                services.classes(first: attached.classes_in_first, count: attached.classes_in_count).first
            ).instance
            let labels = try await laboratory.ask(ShowLabels())
            // That of a former VRF of the name may be valid still.
            let (own, reader) = (vrf, services.reader)
            let nni = reader.interfaces + Int(reader.interface(untaggedOn: 0))
            label = try #require(labels.labels.first { reader.labelEntry($0.label.rawValue, on: nni).vrf == own }).label
        }
    }

    private func isValid(_ label: MPLSLabel, _ laboratory: Laboratory) throws -> Bool {
        let reader = try laboratory.tables().reader
        let nni = reader.interfaces + Int(reader.interface(untaggedOn: 0))
        return UInt32(reader.labelEntry(label.rawValue, on: nni).flags) & STILE_FLAG_VALID.rawValue != 0
    }

    @Test(arguments: [true, false])
    func nothingOfTheFormerIsTheNewOnes(inOneCommit: Bool) async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.first)
        let before = try await Numbers(laboratory)
        #expect(try isValid(before.label, laboratory))
        if !inOneCommit { try await laboratory.replace(LaboratoryConfiguration.ports) }
        try await laboratory.replace(Self.replaced)
        let after = try await Numbers(laboratory)
        #expect(after.vrf != before.vrf)
        #expect(after.circuit != before.circuit)
        #expect(after.classInstance != before.classInstance)
        #expect(after.label != before.label)
        let reader = try laboratory.tables().reader
        #expect(reader.ipv4Root(ofVRF: before.vrf) == 0, "the former VRF has no route")
        try await laboratory.eventually("the former VRF's label is not valid") {
            try !isValid(before.label, laboratory)
        }
        // The former comes back while its label is in quarantine: it is its own.
        try await laboratory.replace(Self.first)
        let again = try await Numbers(laboratory)
        #expect(again.label == before.label)
        #expect(again.vrf == before.vrf)
        #expect(again.circuit == before.circuit)
        await laboratory.stop()
    }

    /// While the old label is valid still, its packets have no route: they meet nothing of the new VRF.
    @Test func theFormersLabelLeadsIntoNothing() async throws {
        let laboratory = try Laboratory()
        try await laboratory.start(Self.first)
        let before = try await Numbers(laboratory)
        try await laboratory.replace(Self.replaced)
        let services = try laboratory.services()
        for entry in services.labelEntries(port: 0) where entry.vrf == before.vrf {
            #expect(services.reader.ipv4Root(ofVRF: entry.vrf) == 0)
            #expect(services.unit(entry).vrf == before.vrf)
        }
        await laboratory.stop()
    }
}
