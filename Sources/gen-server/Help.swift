extension Options {
    static var help: String {
        """
        gen-server: drives the generator's relays and answers on TCP

        usage: gen-server [options]
               gen-server --relays-off [--bus DEVICE] [--address ADDRESS]

          --host ADDRESS         listen on this numeric address (0.0.0.0)
          --port PORT            listen on this port (9999)
          --bus DEVICE           I2C bus of the relay board (/dev/i2c-0); 'sim' is an engine in
                                 memory and no board
          --address ADDRESS      the board's address on the bus (0x58)
          --log FILE             log to FILE, at most 1 MiB and one older FILE.1, in place of
                                 standard output
          --lock FILE            lock that keeps two servers from driving one board
                                 (/run/gen-server-<bus>.lock; none for 'sim')
          --state FILE           what the next process must know: a hold, a latched failure, an
                                 engine to take over (/run/gen-server-<bus>.state; none for 'sim')
          --counters FILE        service hours and starts
                                 (/var/lib/gen-server/counters; none for 'sim')
          --adopt                after a restart take a running engine over, where the state file
                                 is fresh and the inputs show it; without it the relays go off
          --idle-timeout SECONDS close a client that says nothing for so long (3900)
          --relays-off           switch all relays off and exit: 0 when the board has taken it,
                                 74 when it has not
          --version, --help

        Timings in seconds; the defaults are the site's:
          --reset 1  --ignition 0.5  --crank 10  --glow-crank 2  --coast 4  --warm-up 60
          --stabilise 20  --cooldown 180  --run-max 21600  --rest 30
          --no-crank-disconnect  crank for the full time even when the engine is seen running
          --unsafe-timings       allow phases down to 0.05 s on a real bus; 'sim' always does
          --sim-catch SECONDS    crank time after which the simulated engine runs (3), or 'never'

        It writes all relays off when it starts (but see --adopt), and on SIGTERM, SIGINT, SIGHUP
        and SIGQUIT.
        Exit status: 0 done, 64 bad option, 69 port or bus not to be had, 73 lock or log file
        cannot be made, 74 relays may not be off, 75 another server drives the board.
        """
    }
}
