// What can be done to the hosts. A test that uses any of these has the trait `.faultsLab`, because
// every other test shares the hosts with it.

/// Faults and their ends. Interfaces are eth0 (pi, renogy: lan; olimex: field) and eth1 (pi: field).
extension Lab {
    /// Pulls the cable of a host's interface.
    public func cut(_ host: String, _ interface: String) async throws {
        try await verb("cut", host, interface)
    }

    /// Puts the cable back.
    public func join(_ host: String, _ interface: String) async throws {
        try await verb("join", host, interface)
    }

    /// Stops every process of a host; its network stack still answers.
    public func freeze(_ host: String) async throws { try await verb("freeze", host) }

    /// Lets them go on.
    public func thaw(_ host: String) async throws { try await verb("thaw", host) }

    /// Ends a host at once; what it wrote stays.
    public func kill(_ host: String) async throws { try await verb("kill", host) }

    /// Ends a host at once; what it had not fsynced is lost.
    public func powercut(_ host: String) async throws { try await verb("powercut", host) }

    /// Shuts a host down in order.
    public func halt(_ host: String) async throws { try await verb("halt", host) }

    /// Boots a host that is down and waits for its sshd.
    public func start(_ host: String) async throws {
        try await verb("start", host)
        try await verb("wait", host)
    }

    /// Reboots a host from inside and waits for the next boot's sshd.
    public func reboot(_ host: String) async throws { try await verb("reboot", host) }

    /// Fills a host's disk until `mebibytes` are left.
    public func fill(_ host: String, leaving mebibytes: Int) async throws {
        try await verb("fill", host, String(mebibytes))
    }

    /// Undoes `fill`.
    public func unfill(_ host: String) async throws { try await verb("unfill", host) }

    /// Limits a link both ways, such as "256kbit"; `clear` undoes it.
    public func rate(_ host: String, _ interface: String, _ rate: String) async throws {
        try await verb("rate", host, interface, rate)
    }

    /// Drops this share (0 to 1) of the frames that arrive; `clear` undoes it.
    public func loss(_ host: String, _ interface: String, _ fraction: Double) async throws {
        try await verb("loss", host, interface, String(fraction))
    }

    /// Undoes rate, loss and a wire that is left.
    public func clear(_ host: String, _ interface: String) async throws {
        try await verb("clear", host, interface)
    }

    /// Runs `body` while the cable is out, and puts it back whatever happens.
    public func whileCut<Result: Sendable>(
        _ host: String, _ interface: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await cut(host, interface)
        return try await finally(body) { try await join(host, interface) }
    }

    /// Runs `body` while the host is frozen, and thaws it whatever happens.
    public func whileFrozen<Result: Sendable>(
        _ host: String, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await freeze(host)
        return try await finally(body) { try await thaw(host) }
    }

    /// Runs `body` while the host's disk has `mebibytes` left, and empties it whatever happens.
    public func whileFull<Result: Sendable>(
        _ host: String, leaving mebibytes: Int, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await fill(host, leaving: mebibytes)
        return try await finally(body) { try await unfill(host) }
    }

    /// Runs `body` over a slow link, and ends the delay whatever happens.
    public func whileWired<Result: Sendable>(
        _ host: String, _ interface: String, roundTrip: Duration, jitter: Duration = .zero,
        loss: Double = 0, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        let wire = try await wire(
            host, interface, roundTrip: roundTrip, jitter: jitter, loss: loss)
        return try await finally(body) { try await wire.end() }
    }

    private func finally<Result: Sendable>(
        _ body: @Sendable () async throws -> Result, _ undo: @Sendable () async throws -> Void
    ) async throws -> Result {
        let result: Result
        do {
            result = try await body()
        } catch {
            try await undo()
            throw error
        }
        try await undo()
        return result
    }
}
