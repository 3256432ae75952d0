/// The runbooks of this project, compiled into fleetctl: Texts is a link to its folder Runbooks/.
public enum BuiltInRunbooks {
    /// Their Markdown by name, sorted by that.
    public static let texts: [(name: String, text: [UInt8])] = [
        ("board-unreachable", PackageResources.board_unreachable_md),
        ("charging-does-not-happen", PackageResources.charging_does_not_happen_md),
        ("csv-not-written", PackageResources.csv_not_written_md),
        ("generator-will-not-start", PackageResources.generator_will_not_start_md),
        ("migrate-from-python", PackageResources.migrate_from_python_md),
        ("monitor-keeps-stopping", PackageResources.monitor_keeps_stopping_md),
        ("orphan-holds-a-port", PackageResources.orphan_holds_a_port_md),
        ("port-conflict", PackageResources.port_conflict_md),
        ("restore-a-board", PackageResources.restore_a_board_md),
        ("sd-card-full", PackageResources.sd_card_full_md),
        ("thread-or-memory-leak", PackageResources.thread_or_memory_leak_md),
        ("update-gen-server", PackageResources.update_gen_server_md),
    ]
}
