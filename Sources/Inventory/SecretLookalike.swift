/// Recognises options and variables that carry secrets. Arguments and environment end up in
/// units, in `ps` and in the journal, which others may read.
public enum SecretLookalike {
    static let advice =
        "let the program read it from a file of mode 0600 on the host, and pass the file's path"

    private static let words: Set<String> = [
        "password", "passwd", "passphrase", "pass", "secret", "token", "apikey", "credential",
        "credentials",
    ]
    private static let pairs: Set<String> = ["api_key", "access_key", "private_key", "secret_key"]
    /// Endings of names that hold a place and not the secret.
    private static let places: Set<String> = ["file", "path", "dir", "fd"]

    /// The option of an argument such as `--password=x` or `--api-key`; nil where it is none
    /// that passes a secret.
    public static func option(_ argument: String) -> String? {
        guard argument.hasPrefix("-") else { return nil }
        let option = String(argument.prefix { $0 != "=" })
        return isSecretName(option) ? option : nil
    }

    /// True for names such as `DB_PASSWORD`, false for `PASSWORD_FILE`.
    public static func isSecretName(_ name: String) -> Bool {
        let parts = name.lowercased().split { "_-.".contains($0) }.map(String.init)
        guard let last = parts.last, !places.contains(last) else { return false }
        if parts.contains(where: words.contains) { return true }
        return zip(parts, parts.dropFirst()).contains { pairs.contains("\($0)_\($1)") }
    }
}
