import ArgumentParser

/// fleetctl's exit codes, as the documentation lists them (sysexits.h from 64 on).
public enum FleetExit: Int32, Sendable {
    /// Done, or nothing to do.
    case success = 0
    /// Failed; nothing changed.
    case failed = 1
    /// Changes are pending (`plan --detailed-exitcode`).
    case changesPending = 2
    /// Some hosts failed.
    case someHostsFailed = 3
    /// Rolled back to the previous release.
    case rolledBack = 4
    /// Findings, or unhealthy.
    case findings = 5
    /// The command line or the inventory is wrong.
    case usage = 64
    /// Deferred: the gate is closed.
    case deferred = 75
    /// Not permitted: host key or authentication.
    case notPermitted = 77
    /// Interrupted by the user (128 + SIGINT); what was begun on a host may go on there.
    case interrupted = 130

    /// The error that ends a command with this code, after it has said why itself.
    var error: ExitCode { ExitCode(rawValue) }
}
