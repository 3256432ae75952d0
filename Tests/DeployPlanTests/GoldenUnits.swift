/// Units as they must be rendered, line by line.
enum GoldenUnits {
    static let genServer = """
        [Unit]
        Description=gen-server, deployed by fleetctl
        Documentation=file:/opt/fleet/gen-server/current
        After=network.target
        # Ten failures within five minutes and it stays down for a person to look at.
        StartLimitIntervalSec=300
        StartLimitBurst=10
        Conflicts=generator.service
        After=generator.service

        [Service]
        # Up once it listens and has written the relays off; a loop that hangs is ended and begun anew.
        Type=notify
        WatchdogSec=15
        WorkingDirectory=/opt/fleet/gen-server/current
        ExecStart=/opt/fleet/gen-server/current/gen-server --host 0.0.0.0 --port 9999
        User=root
        Group=
        Restart=always
        RestartSec=2
        # A bad option does not get better.
        RestartPreventExitStatus=64
        # The process switches the relays off on SIGTERM; it gets its time.
        KillSignal=SIGTERM
        TimeoutStopSec=20
        OOMScoreAdjust=-900
        MemoryMax=32M
        TasksMax=4
        LimitNOFILE=64
        NoNewPrivileges=yes
        ProtectSystem=strict
        ReadWritePaths=/run
        # Service hours and starts.
        StateDirectory=gen-server
        ProtectHome=yes
        PrivateTmp=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        SystemCallArchitectures=native
        CapabilityBoundingSet=
        DevicePolicy=closed
        DeviceAllow=char-i2c rw
        Environment="MODE=50%% of $HOME"
        ExecStartPre=+/opt/fleet/gen-server/current/port-guard --port 9999 --unit gen-server.service
        ExecStopPost=/opt/fleet/gen-server/current/port-guard --port 9999 --unit gen-server.service \
        --ran ${EXIT_CODE} -- /opt/fleet/gen-server/current/gen-server --relays-off

        [Install]
        WantedBy=multi-user.target

        """

    static let pigennyMonitor = """
        [Unit]
        Description=pigenny-monitor, deployed by fleetctl
        Documentation=file:/opt/fleet/pigenny-monitor/current
        Wants=network-online.target
        After=network-online.target
        # Ten failures within five minutes and it stays down for a person to look at.
        StartLimitIntervalSec=300
        StartLimitBurst=10
        Conflicts=pigenny.service
        After=pigenny.service
        Conflicts=pigenny-old.service
        After=pigenny-old.service

        [Service]
        Type=notify
        NotifyAccess=main
        WatchdogSec=60
        WorkingDirectory=/opt/fleet/pigenny-monitor/current
        # What the next process must know, how things are for fleetctl, and the daily CSV files.
        StateDirectory=pigenny-monitor
        RuntimeDirectory=pigenny-monitor
        LogsDirectory=pigenny
        ExecStart=/opt/fleet/pigenny-monitor/current/pigenny-monitor \
        --inverter-port /dev/ttySC1 --generator-host 203.0.113.2
        User=pigenny
        Group=
        # The serial port of the inverter.
        SupplementaryGroups=dialout
        Restart=always
        RestartSec=5
        # A bad option does not get better.
        RestartPreventExitStatus=64
        TimeoutStartSec=30
        TimeoutStopSec=20
        MemoryMax=32M
        TasksMax=4
        LimitNOFILE=64
        NoNewPrivileges=yes
        ProtectSystem=strict
        ProtectHome=yes
        # The operators' files, pigenny_force_charge and pigenny_force_stop, are in the machine's own /tmp.
        PrivateTmp=no
        ReadWritePaths=/tmp
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        SystemCallArchitectures=native
        CapabilityBoundingSet=
        DevicePolicy=closed
        DeviceAllow=char-tty rw
        DeviceAllow=char-ttySC rw
        DeviceAllow=char-ttyUSB rw
        DeviceAllow=char-pts rw

        [Install]
        WantedBy=multi-user.target

        """

    static let plain = """
        [Unit]
        Description=thing, deployed by fleetctl
        After=network-online.target
        Wants=network-online.target
        StartLimitIntervalSec=300
        StartLimitBurst=10

        [Service]
        Type=exec
        ExecStart=/opt/fleet/thing/current/thing \
        --config /opt/fleet/thing/current/config/thing.conf
        User=root
        Group=
        Restart=always
        RestartSec=5
        TimeoutStopSec=20
        NoNewPrivileges=yes
        WorkingDirectory=/opt/fleet/thing/current

        [Install]
        WantedBy=multi-user.target

        """
}
