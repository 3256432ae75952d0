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
        # What 'systemd-analyze security' still names is what it works with: the relays' bus, the network,
        # /proc/uptime and /proc/meminfo for STATUS, and files that a restart as another user must read.
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        PrivateUsers=yes
        PrivateMounts=yes
        ProtectSystem=strict
        # The lock of the bus and the state that outlives the process.
        ReadWritePaths=/run
        # Service hours and starts.
        StateDirectory=gen-server
        PrivateTmp=yes
        ProtectHome=yes
        ProtectProc=invisible
        ProtectClock=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        RemoveIPC=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        # A call that is refused is an error of that call, and no end of a daemon that drives an engine.
        SystemCallErrorNumber=EPERM
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
        # What 'systemd-analyze security' still names is what it works with: the serial line, the network,
        # the machine's /tmp, /proc/uptime, and CSV files that everybody may read.
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        PrivateUsers=yes
        PrivateMounts=yes
        ProtectSystem=strict
        # The operators' files, pigenny_force_charge and pigenny_force_stop, are in the machine's own /tmp.
        PrivateTmp=no
        ReadWritePaths=/tmp
        ProtectHome=yes
        ProtectProc=invisible
        ProtectClock=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        MemoryDenyWriteExecute=yes
        RemoveIPC=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        # A call that is refused is an error of that call, and no end of a daemon that drives an engine.
        SystemCallErrorNumber=EPERM
        DevicePolicy=closed
        DeviceAllow=char-tty rw
        DeviceAllow=char-ttySC rw
        DeviceAllow=char-ttyUSB rw
        DeviceAllow=char-pts rw

        [Install]
        WantedBy=multi-user.target

        """

    static let renogyBTProxy = """
        [Unit]
        Description=renogy-bt-proxy, deployed by fleetctl
        Documentation=file:/opt/fleet/renogy-bt-proxy/current
        Wants=network-online.target bluetooth.service
        After=network-online.target bluetooth.service
        # Five failures within five minutes and it stays down for a person to look at.
        StartLimitIntervalSec=300
        StartLimitBurst=5
        Conflicts=renogy-bt.service
        After=renogy-bt.service
        Conflicts=renogy-bt-old.service
        After=renogy-bt-old.service
        Conflicts=renogy-bt-unified.service
        After=renogy-bt-unified.service

        [Service]
        # A Python program that tells systemd nothing: no readiness, no watchdog.
        Type=exec
        WorkingDirectory=/opt/fleet/renogy-bt-proxy/current
        # Lines reach the journal when they are printed.
        Environment=PYTHONUNBUFFERED=1
        StateDirectory=renogy-bt-proxy
        ExecStart=/opt/fleet/renogy-bt-proxy/current/renogy_bt_proxy.py
        User=jorik
        Group=jorik
        Restart=on-failure
        RestartSec=10
        TimeoutStopSec=20
        MemoryMax=256M
        TasksMax=32
        # What 'systemd-analyze security' still names is what it works with: the network, BlueZ on the
        # system's bus, and an interpreter whose libraries make callbacks at run time.
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        PrivateUsers=yes
        PrivateMounts=yes
        PrivateDevices=yes
        PrivateTmp=yes
        ProtectSystem=strict
        # The interpreter may be a virtual environment in the owner's home.
        ProtectHome=read-only
        ProtectProc=invisible
        ProtectClock=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_BLUETOOTH AF_NETLINK
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        RemoveIPC=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        SystemCallErrorNumber=EPERM
        ExecStartPre=+/opt/fleet/renogy-bt-proxy/current/port-guard --port 6053 \
        --unit renogy-bt-proxy.service --match renogy_bt_proxy.py

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
        # As strict as a service that nobody described can stand; interpreters make code at run time.
        # One that needs a device, a home or a folder elsewhere gets a source in Units/.
        StateDirectory=thing
        NoNewPrivileges=yes
        CapabilityBoundingSet=
        AmbientCapabilities=
        PrivateUsers=yes
        PrivateMounts=yes
        PrivateDevices=yes
        PrivateTmp=yes
        ProtectSystem=strict
        ProtectHome=yes
        ProtectProc=invisible
        ProtectClock=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        ProtectControlGroups=yes
        RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        RemoveIPC=yes
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources
        SystemCallErrorNumber=EPERM
        WorkingDirectory=/opt/fleet/thing/current

        [Install]
        WantedBy=multi-user.target

        """
}
