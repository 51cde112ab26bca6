#!/bin/bash
# The lab's network: one namespace in which every server has an address on the
# loopback device. It has no other device, so no packet can leave it.
#
#   net.sh up NAME FAULTS     makes it; FAULTS are rules for nft
#   net.sh down NAME          removes it, and what still runs in it
set -euo pipefail
what=$1 lab=$2

addresses() {
  local i
  # 203.0.113.x: mail servers, and .2 to .9 to connect from; .90 and .91 are
  # the directories.
  # 198.51.100.x: name servers. 10.99.0.x: what an internal view points at.
  for i in {2..99}; do echo "addr add 203.0.113.$i/32 dev lo"; done
  for i in 1 53 54 55; do echo "addr add 198.51.100.$i/32 dev lo"; done
  echo "addr add 10.99.0.3/32 dev lo"
  # the company's resolver is BIND, which listens at addresses it can see
  echo "addr add 127.0.0.55/32 dev lo"
  # nodad: else the address cannot be bound for a second
  for i in 8 10 50; do echo "addr add 2001:db8:25::$i/128 dev lo nodad"; done
}

up() {
  ip netns add "$lab"
  # IPv6 also where the machine has it off
  ip netns exec "$lab" bash -c "echo 0 | tee /proc/sys/net/ipv6/conf/{all,lo}/disable_ipv6" >/dev/null
  ip -n "$lab" link set lo up
  addresses | ip -n "$lab" -batch -
  ip netns exec "$lab" nft -f "$1"
  # What is started with "ip netns exec" finds this as its /etc/resolv.conf.
  mkdir -p "/etc/netns/$lab"
  echo 'nameserver 127.0.0.53' >"/etc/netns/$lab/resolv.conf"
}

# Whatever runs in our namespace was started by us, or by what we started.
running() { ip netns pids "$lab" 2>/dev/null || true; }

# The shell's own kill: /bin/kill is not on every machine.
tell() { kill "$@" $(running) 2>/dev/null || true; }

down() {
  local i
  tell -TERM
  for i in {1..60}; do
    [ -z "$(running)" ] && break
    [ "$i" -lt 30 ] || tell -KILL
    sleep 0.1
  done
  if [ -n "$(running)" ]; then
    echo "still running in $lab: $(running | xargs)" >&2
    exit 1
  fi
  ip netns del "$lab" 2>/dev/null || true
  rm -rf "/etc/netns/$lab"
}

case $what in
up) up "$3" ;;
down) down ;;
esac
