import Foundation

@main
enum Bench {
    private static let usage = """
        usage: bench pipeline [--routes FILE --packets FILE.pcap [--vrfs N] [--first-label L] [--first-vlan V]]
                              [--services none|all] [--seed N] [--seconds S] [--hugepages DIRECTORY] [--json]
               bench lookup|update|policer|scaling [--seed N] [--seconds S] [--hugepages DIRECTORY] [--json]
               bench scaling --dataplane PROGRAM
               bench label-spaces [--json]
               bench instructions [--only nni-nni|nni-ac|ac-nni]
        """

    static func main() {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            switch options.part {
            case "pipeline": try PipelineCommand(options: options).run()
            case "instructions": try InstructionsCommand(options: options).run()
            case "lookup": try LookupCommand(options: options).run()
            case "update": try UpdateCommand(options: options).run()
            case "policer": try PolicerCommand(options: options).run()
            case "scaling": try ScalingCommand(options: options).run()
            case "label-spaces": try LabelSpacesCommand(options: options).run()
            default: throw Options.Refusal(description: usage)
            }
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(2)
        }
    }
}
