import FleetCommands

@main
struct Main {
    static func main() async {
        await FleetCtl.main(spelledOut: CommandLine.arguments)
    }
}
