#!/bin/sh
# Installs Debian packages: all that ever runs as root. Called by tools/setup.sh.
#   sh tools/apt_install.sh PACKAGE...
#
# The tests start a mosquitto of their own. The one that the package would run as a service is
# neither started nor enabled; a mosquitto that was installed before is not touched.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d # Debian asks this file whether a package may start its service

refuse_to_start_mosquitto() {
    if [ -e "$policy" ] && ! grep -q tocsin "$policy"; then
        return # the machine has rules of its own
    fi
    trap 'rm -f "$policy"' EXIT
    trap 'exit 1' HUP INT TERM
    cat >"$policy" <<'EOF'
#!/bin/sh
# From tocsin's tools/apt_install.sh, for the time of one installation: may be deleted.
case "$*" in *mosquitto*) exit 101 ;; esac
EOF
    chmod 755 "$policy"
}

disable_mosquitto() {
    if [ -d /run/systemd/system ]; then
        systemctl --quiet disable --now mosquitto.service
    else
        update-rc.d mosquitto disable
    fi
}

apt() {
    apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

case " $* " in *" mosquitto "*) refuse_to_start_mosquitto ;; esac
dpkg --configure -a </dev/null # what an interrupted installation left half done
apt update || echo "setup: apt-get update complained; trying with the lists there are" >&2
apt install --yes --no-install-recommends "$@"
case " $* " in *" mosquitto "*) disable_mosquitto ;; esac
