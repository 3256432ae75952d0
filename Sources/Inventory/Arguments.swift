/// A service's arguments, as far as others must understand them.
public enum Arguments {
    /// The value behind an option, or behind its `=`; nil where there is none.
    public static func value(of option: String, in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix(option + "=") {
                return String(argument.dropFirst(option.count + 1))
            }
            if argument == option, index + 1 < arguments.count { return arguments[index + 1] }
        }
        return nil
    }
}
