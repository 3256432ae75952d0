import FleetCommands

@main
struct Main {
    static func main() async {
        DescriptorLimit.raise()
        await FleetCtl.main(spelledOut: CommandLine.arguments)
    }
}
