#!/bin/sh
# tocsin-gateway: the gateway's commands. What root asks for is done as the gateway's user, so that each
# file in its folder stays that user's; files that root names are reached all the same.
set -eu
python=/usr/lib/tocsin/current/bin/python

if [ "$(id -u)" != 0 ] || [ "${1-}" = setup ]; then
    exec "$python" -I -m gateway "$@"
fi
case ${1-} in
    enrol | backup | restore) reach="--inh-caps=-all,+dac_override --ambient-caps=-all,+dac_override" ;;
    *) reach="--inh-caps=-all" ;;
esac
# shellcheck disable=SC2086  # two words
exec setpriv --reuid=tocsin --regid=tocsin --init-groups $reach -- "$python" -I -m gateway "$@"
