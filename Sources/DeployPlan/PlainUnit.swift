extension ServiceRenderer {
    /// The unit for a service whose folder `Units/` has none.
    public static let plainUnit = """
        [Unit]
        Description=@description@
        After=network-online.target
        Wants=network-online.target
        StartLimitIntervalSec=300
        StartLimitBurst=10

        [Service]
        Type=exec
        ExecStart=@command@
        User=@user@
        Group=@group@
        Restart=always
        RestartSec=5
        TimeoutStopSec=@stop_timeout@
        # As strict as a service that nobody described can stand; interpreters make code at run time.
        # One that needs a device, a home or a folder elsewhere gets a source in Units/.
        StateDirectory=@name@
        NoNewPrivileges=yes
        CapabilityBoundingSet=@capabilities@
        AmbientCapabilities=@capabilities@
        PrivateUsers=@private_users@
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

        [Install]
        WantedBy=multi-user.target

        """
}
