/// A stand-in for the generator's legacy server, which cannot be had: as its facts are known.
public enum LegacyServer {
    /// Python: `legacy.py legacy|mute [PORT]`. The nine lines; START and STOP answer at their end,
    /// take no notice of each other and go on when their client has gone; a word after them is not
    /// looked at. Every change of the relays is printed. `mute` hangs up in place of an answer to START, and to the first STOP. What it
    /// hears it prints.
    public static let script = """
        import socket, sys, threading, time
        MUTE = sys.argv[1] == "mute"
        PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 9999
        S = {"relays": 0, "raw": 0, "starting": False, "starts": 0, "stops": 0}
        NAMES = [(8, "IGN"), (4, "GLOW"), (2, "CHARGER"), (1, "START")]
        def relays(value, **more):
            print("relays %02X" % value, flush=True)
            S.update(relays=value, **more)
        def names():
            return "+".join(n for b, n in NAMES if S["relays"] & b) or "OFF"
        def inputs():
            r = S["raw"]
            return "IN1=%d IN2=%d IN3=%d IN4=%d raw=%d" % (r & 1, r >> 1 & 1, r >> 2 & 1, r >> 3 & 1, r)
        def start():
            if S["raw"] == 3: return "ERROR: Generator already running"
            if S["starting"]: return "ERROR: Start already in progress"
            relays(9, starting=True, raw=10); time.sleep(2)
            relays(8, raw=3); time.sleep(3)
            relays(10, starting=False)
            return "OK: Generator started and charger enabled"
        def stop():
            relays(8); time.sleep(4)
            relays(0, raw=0)
            return "OK: Generator stopped (after 3 min cooldown)"
        def status():
            return "\\n".join(["INPUTS: " + inputs(), "RELAYS: %s (0x%02X)" % (names(), S["relays"]),
                "RUNNING: " + ("YES" if S["raw"] == 3 else "NO"),
                "START_IN_PROGRESS: " + ("YES" if S["starting"] else "NO"), "I2C: OK",
                "THREADS: 1", "UPTIME: 6h45m", "MEMORY: 42%", "DISK: 1.2G free (35% used)"] + (
                ["STATE: OFF", "PROTOCOL: 2", "STARTS: %d" % S["starts"],
                    "STOPS: %d" % S["stops"]] if MUTE else []) + ["END"])
        def serve(client):
            stream = client.makefile("rwb", 0)
            stream.write(b"GENNY SERVER READY\\n")
            for line in stream:
                print("<", line.decode().strip(), flush=True)
                word = (line.decode().upper().split() or [""])[0]
                if MUTE and word in ("START", "STOP"):
                    key = word.lower() + "s"
                    S[key] += 1
                    if word == "START" or S[key] == 1:
                        return client.shutdown(socket.SHUT_RDWR)
                    answer = "OK: Stop begun"
                elif word == "STATUS": answer = status()
                elif word == "PING": answer = "PONG"
                elif word == "START": answer = start()
                elif word == "STOP": answer = stop()
                elif word == "RELAY":
                    relays(0, raw=0); answer = "OK: Relays set to 0x00 (OFF)"
                else: answer = "ERROR: Unknown command '%s' (try HELP)" % word
                stream.write((answer + "\\n").encode())
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", PORT))
        server.listen(8)
        print("listens on 127.0.0.1:%d" % server.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()

        """
}
