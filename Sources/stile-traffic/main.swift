import Foundation
import TrafficGenerator

exit(StileTraffic.start(arguments: Array(CommandLine.arguments.dropFirst())))
