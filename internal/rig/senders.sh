#!/bin/bash
# Runs servers that send on a clock of their own: what they and all of their
# children believe to be a minute is a second. Call it through "ip netns exec":
# the clock lies in a /dev/shm that goes when they end.
#
#   senders.sh LAB RATE EXIM    EXIM is its unpacked package; the clock begins
#                               so that an hour and a half of it ends now
set -euo pipefail
lab=$1 rate=$2 exim=$3

if [ -z "${FAKETIME:-}" ]; then
  mount -t tmpfs -o size=1m mailflow-clock /dev/shm
  # One clock for all, not one that begins anew with each process. And files
  # keep the times that they have: the senders set them by their own clock.
  export TZ=UTC FAKETIME_DONT_RESET=1 NO_FAKE_STAT=1
  exec faketime -f "-90m x$rate" bash "$0" "$@"
fi
chmod 666 /dev/shm/* # the servers give up root
env | grep -E '^(TZ|LD_PRELOAD|NO_FAKE|FAKETIME)' >"$lab/clock.new"
mv "$lab/clock.new" "$lab/clock"

postgrey --inet=127.0.0.1:10024 --dbdir="$lab/sender-postgrey" --delay=300 \
  --auto-whitelist-clients=0 --whitelist-clients=/dev/null --whitelist-recipients=/dev/null &

# Exim is set-uid: it takes no LD_PRELOAD from its environment.
bash overlay.sh "$lab" "$exim" Debian-exim "
  chown -R Debian-exim $lab/sender-exim
  mkdir -p /etc/exim4
  cp $lab/sender-exim.conf /etc/exim4/exim4.conf
  ls /usr/lib/*/faketime/libfaketime.so.1 >/etc/ld.so.preload" /usr/sbin/exim4 -bdf -q5m &

postfix -c "$lab/sender-postfix" start-fg &
wait -n # one that ends, ends them all
