/// What the daemons say of themselves.
public enum Product {
    /// Their version, the same for all of them.
    public static var version: String { "0.1.0" }
}
