import Foundation
import OperatorCommands

exit(StileCommand.start(arguments: Array(CommandLine.arguments.dropFirst())).rawValue)
