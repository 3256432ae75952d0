extension Options {
    static var help: String {
        """
        pigenny-monitor: reads the inverter, and starts and stops the generator as the battery
        wants and the operators allow

        usage: pigenny-monitor [options]

        It never writes to the inverter. Without --generator-host it only observes.

          --config FILE            settings as lines of 'name = value'; the names are those of the
                                   options below, and what the command line says counts more
          --test-inverter          read the inverter once, say what it says, and end
          --test-generator         ask the generator server once, say what it says, and end
          --stop-on-exit           stop the generator when told to end; otherwise it runs on under
                                   the server's own limit
          --verbose                a line in the log for each round
          --version, --help

        Where things are:
          --inverter-port DEVICE   serial port of the inverter (/dev/ttySC1)
          --inverter-baud RATE     bits a second (19200)
          --inverter-slave NUMBER  address of the inverter (1)
          --generator-host HOST    gen-server, best as a number (10.2.242.109)
          --generator-port PORT    (9999)
          --log-dir FOLDER         where data_YYYYMMDD.csv goes; without it there is none
          --manual-folder FOLDER   where operators put pigenny_force_charge, pigenny_force_stop (/tmp)
          --state-file FILE        what the next process must know
          --status-file FILE       how things are, for fleetctl

        When the generator runs (SOC is the state of charge in percent, times are in seconds):
          --soc-start 40           start below
          --soc-stop 80            stop from here on
          --voltage-start VOLTS    start also below (off)
          --voltage-stop VOLTS     stop also from here on (off)
          --start-hold 60          how long a reason to start must last
          --stop-hold 60           how long a reason to stop must last
          --run-min 600            shortest run that the battery asked for
          --run-max 14400          longest run of all
          --blind-run-max 3600     longest run while the battery's state is not known
          --rest 600               from the end of a run to the next
          --pause-after-stop 3600  no automatic start after an operator stopped a run
          --failures-max 3         failed starts in a row, then an operator is wanted
          --failure-wait 300       between a failed start and the next try
          --quiet-hours 22:00-07:00  no start in these hours (off)...
          --quiet-soc-start 20     ...but below this SOC
          --exercise-every DAYS    run at least so often (off)
          --exercise-run 1800      for so long
          --exercise-hours 10:00-16:00  and only in these hours (off)
          --service-every HOURS    say when the engine is due for service (off)
          --service-done-at 0      the engine's hours at the last service

        What is believed, and what the server may take:
          --poll 30                time between two rounds; a real inverter wants 1 or more
          --reading-age-max 120    older readings are stale
          --frozen-after 1200      registers that do not change for so long are frozen
          --jump-settle 900        a SOC that jumped is believed after it stayed so long
          --low-soc-voltage-max 54  a SOC below 40 % with more volts is not believed
          --start-max 240          from START to the closed charger
          --stop-max 300           from STOP to relays off
          --stop-retry 60          STOP is said again so often until the generator stands
          --no-charge-after 600    charger closed and no charging for so long is an alarm
          --lease 300              for how long a run is vouched for at a time
          --log-interval 600       time between two rows of the CSV
          --health-interval 3600   time between two lines on the board's health

        Exit status: 0 told to end (or the test went well), 1 failed, 64 bad option or setting.
        """
    }
}
