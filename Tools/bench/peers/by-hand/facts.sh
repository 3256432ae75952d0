#!/bin/sh
# What a person would ask a host: how it is, in a screenful.
set -eu
echo "kernel $(uname -r)"
echo "load $(cat /proc/loadavg)"
echo "uptime $(cat /proc/uptime)"
grep -E '^(MemTotal|MemAvailable|SwapFree):' /proc/meminfo
df -kP
df -iP
echo "failed $(systemctl --failed --no-legend | wc -l)"
systemctl show bench -p ActiveState,SubState,NRestarts,MainPID,MemoryCurrent
ss -Hltnup
cat /sys/class/thermal/thermal_zone*/temp 2>/dev/null || :
echo end
