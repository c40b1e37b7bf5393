/** Faults of a real network, for staging: scripts for iptables and for toxiproxy. */
import type { Names } from './names';

/** `scripts/partition.sh`: drops packets between this host and others, and gives up by itself. */
export function iptablesScript({ app }: Names): string {
  return `#!/bin/sh
# Cuts this host off from other nodes of ${app}, as a network does that silently drops packets: connections stay open, nobody says
# goodbye, and Erlang notices after 45 to 75 seconds. For staging; needs root.
#
#   partition.sh cut 120 10.0.0.2 10.0.0.3       both directions, for 120 seconds
#   partition.sh deafen 120 10.0.0.2             this host hears nothing of the other, which still hears it
#   partition.sh heal                            at once
#   partition.sh show
#
# To cut three nodes from two: run it on each of the two, with the addresses of the three. SSH stays open.
set -eu

chain=NETSPLIT

heal() {
  iptables -D INPUT -j "$chain" 2>/dev/null || true
  iptables -D OUTPUT -j "$chain" 2>/dev/null || true
  iptables -F "$chain" 2>/dev/null || true
  iptables -X "$chain" 2>/dev/null || true
}

begin() {
  seconds=$1
  case $seconds in
    '' | *[!0-9]*) echo "The first argument is the duration in seconds." >&2; exit 2 ;;
  esac
  heal
  iptables -N "$chain"
  iptables -A "$chain" -p tcp --dport 22 -j RETURN
  iptables -A "$chain" -p tcp --sport 22 -j RETURN
  iptables -I INPUT -j "$chain"
  iptables -I OUTPUT -j "$chain"
  # Whoever is cut off as well can wait for it.
  (sleep "$seconds" && heal) >/dev/null 2>&1 &
}

action=\${1:-}
[ $# -gt 0 ] && shift

case $action in
  cut | deafen)
    [ $# -ge 2 ] || { echo "Usage: $0 $action SECONDS ADDRESS..." >&2; exit 2; }
    begin "$1"
    shift
    for address in "$@"; do
      iptables -A "$chain" -s "$address" -j DROP
      [ "$action" = deafen ] || iptables -A "$chain" -d "$address" -j DROP
    done
    ;;
  heal) heal ;;
  show) iptables -L "$chain" -n -v ;;
  *) echo "Usage: $0 cut|deafen SECONDS ADDRESS... | heal | show" >&2; exit 2 ;;
esac
`;
}

/** `scripts/toxiproxy.sh`: puts toxiproxy between a node and a service, and spoils the link. */
export function toxiproxyScript({ app }: Names): string {
  return `#!/bin/sh
# Spoils the link between ${app} and a service (Postgres, Redis, an HTTP API) with toxiproxy: https://github.com/Shopify/toxiproxy
# Not for the links between nodes: Erlang finds their ports by itself. Use partition.sh, or the partition test.
#
#   toxiproxy-server &
#   toxiproxy.sh create database 127.0.0.1:25432 database.internal:5432    then let the node connect to 127.0.0.1:25432
#   toxiproxy.sh silence database       nothing comes through, connections stay open
#   toxiproxy.sh mute database          requests arrive, answers do not: was it applied?
#   toxiproxy.sh slow database 800      milliseconds more, with a fifth of jitter
#   toxiproxy.sh narrow database 16     kilobytes per second
#   toxiproxy.sh reset database         connections are reset
#   toxiproxy.sh heal database
#   toxiproxy.sh delete database
set -eu

need() { [ "$1" -ge "$2" ] || { echo "See the first lines of $0." >&2; exit 2; }; }
add() { toxiproxy-cli toxic add "$@"; }

need $# 2
action=$1
proxy=$2
shift 2

case $action in
  create) need $# 2; toxiproxy-cli create --listen "$1" --upstream "$2" "$proxy" ;;
  silence)
    add --type timeout --toxicName silence-up --upstream --attribute timeout=0 "$proxy"
    add --type timeout --toxicName silence-down --downstream --attribute timeout=0 "$proxy"
    ;;
  mute) add --type timeout --toxicName mute --downstream --attribute timeout=0 "$proxy" ;;
  slow)
    need $# 1
    add --type latency --toxicName slow --downstream --attribute "latency=$1" --attribute "jitter=$(($1 / 5))" "$proxy"
    ;;
  narrow) need $# 1; add --type bandwidth --toxicName narrow --downstream --attribute "rate=$1" "$proxy" ;;
  reset) add --type reset_peer --toxicName reset --downstream --attribute timeout=0 "$proxy" ;;
  heal)
    for toxic in silence-up silence-down mute slow narrow reset; do
      toxiproxy-cli toxic remove --toxicName "$toxic" "$proxy" >/dev/null 2>&1 || true
    done
    ;;
  delete) toxiproxy-cli delete "$proxy" ;;
  *) need 0 1 ;;
esac
`;
}
