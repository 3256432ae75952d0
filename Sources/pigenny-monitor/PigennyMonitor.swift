@main struct PigennyMonitor { static func main() {} }
