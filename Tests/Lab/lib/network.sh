# shellcheck shell=bash
# Networks: one bridge in a network namespace of its own for each, so that a host reaches a network
# only by a leg in it. A host's legs are remembered as lines "IF BRIDGE_NAMESPACE PORT ADDRESS".

WORKSTATION=ws
WORKSTATION_ADDRESS=198.51.100.1

namespace() { echo "$LAB_PREFIX-$1"; }

in_namespace() { # NAMESPACE CMD…: only the network changes; the files stay the machine's
    nsenter --net="/run/netns/$1" "${@:2}"
}

make_namespace() { # NAME
    ip netns add "$(namespace "$1")"
    ip -n "$(namespace "$1")" link set lo up
}

make_network() { # NETWORK: its bridge, unless it is there
    local space
    space=$(namespace "net-$1")
    [ ! -e "/run/netns/$space" ] || return 0
    ip netns add "$space"
    ip -n "$space" link add br0 type bridge
    ip -n "$space" link set br0 up
}

make_leg() { # HOST IF NETWORK ADDRESS: plug a host's new interface into a network
    local host=$1 interface=$2 network=$3 address=$4 space port hardware
    make_network "$network"
    space=$(namespace "net-$network")
    port=${host:0:9}.$interface
    # An address that a later host has again is then known to its neighbours.
    # shellcheck disable=SC2086 # the four numbers
    hardware=$(IFS=. && printf '02:00:%02x:%02x:%02x:%02x' $address)
    ip -n "$space" link add "$port" type veth \
        peer name "$interface" address "$hardware" netns "$(namespace "$host")"
    ip -n "$space" link set "$port" master br0 up
    ip -n "$(namespace "$host")" addr add "$address/24" dev "$interface"
    ip -n "$(namespace "$host")" link set "$interface" up
    mkdir -p "$LAB_HOSTS/$host"
    echo "$interface $space $port $address" >>"$LAB_HOSTS/$host/legs"
}

raise_interfaces() { # HOST: a sysvinit shutdown takes them down, and nothing inside raises them
    local interface
    while read -r interface _; do
        ip -n "$(namespace "$1")" link set "$interface" up
    done <"$LAB_HOSTS/$1/legs"
    ip -n "$(namespace "$1")" link set lo up
}

find_leg() { # HOST IF: sets leg_space and leg_port
    local interface
    while read -r interface leg_space leg_port _; do
        [ "$interface" != "$2" ] || return 0
    done <"$LAB_HOSTS/$1/legs"
    die "$1 has no interface $2; it has $(cut -d' ' -f1 "$LAB_HOSTS/$1/legs" | tr '\n' ' ')"
}

set_cable() { # HOST IF up|down: the far end, so that the host sees a link without carrier
    need_host "$1"
    find_leg "$1" "$2"
    ip -n "$leg_space" link set "$leg_port" "$3"
}

wire_link() { # HOST IF RTT_MS [JITTER_MS [LOSS]]
    local host=$1 interface=$2 round_trip=$3 jitter=${4:-0} loss=${5:-0}
    need_host "$host"
    find_leg "$host" "$interface"
    # A relayed frame must be whole: no checksum or segmentation left to hardware.
    in_namespace "$(namespace "$host")" ethtool -K "$interface" \
        tx off tso off gso off gro off >/dev/null 2>&1
    exec nsenter --net="/run/netns/$leg_space" "$PYTHON" "$LAB_HOME/wire.py" \
        --port "$leg_port" --bridge br0 \
        --round-trip-ms "$round_trip" --jitter-ms "$jitter" --loss "$loss"
}

rate_link() { # HOST IF RATE
    need_host "$1"
    find_leg "$1" "$2"
    local limit="tbf rate $3 burst 4kb latency 400ms"
    # shellcheck disable=SC2086  # words of one option list
    tc -n "$(namespace "$1")" qdisc replace dev "$2" root $limit
    # shellcheck disable=SC2086
    tc -n "$leg_space" qdisc replace dev "$leg_port" root $limit
}

lossy_link() { # HOST IF FRACTION
    need_host "$1"
    find_leg "$1" "$2"
    in_namespace "$(namespace "$1")" iptables-legacy -w -A INPUT -i "$2" \
        -m statistic --mode random --probability "$3" -j DROP
}

clear_link() { # HOST IF
    need_host "$1"
    find_leg "$1" "$2"
    tc -n "$(namespace "$1")" qdisc del dev "$2" root 2>/dev/null || true
    tc -n "$leg_space" qdisc del dev "$leg_port" root 2>/dev/null || true
    in_namespace "$(namespace "$1")" iptables-legacy -w -F INPUT
    end_wires "$leg_port"
    # A wire that was killed has left its port outside of the bridge.
    ip -n "$leg_space" link set "$leg_port" promisc off master br0
}

end_wires() { # PORT: the delay processes on one port; sets nothing back by itself
    local process
    for process in $(find_wires); do
        ! grep -qszxF "$1" "/proc/$process/cmdline" || kill -TERM "$process" 2>/dev/null || true
    done
}

run_on_workstation() { # CMD…
    [ -e "/run/netns/$(namespace "$WORKSTATION")" ] || die "the lab '$LAB_TAG' is not up"
    exec nsenter --net="/run/netns/$(namespace "$WORKSTATION")" "$@"
}
