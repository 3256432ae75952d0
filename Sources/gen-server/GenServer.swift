@main struct GenServer { static func main() {} }
