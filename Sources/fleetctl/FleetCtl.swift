@main struct FleetCtl { static func main() {} }
