import Crypto
import Foundation
import RemoteOps

extension ReleaseManifest {
    /// The name of a release with these files. A release on a host whose files give another name
    /// than its folder has is damaged.
    public var id: ReleaseID {
        let digest = SHA256.hash(data: Data(canonicalText.utf8)).hexadecimal
        guard let id = ReleaseID(String(digest.prefix(ReleaseID.length))) else {
            preconditionFailure("a SHA-256 in hexadecimal begins with a release's name")
        }
        return id
    }
}
