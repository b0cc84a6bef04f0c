# Sets up this checkout: a virtual environment from the lock, the real MicroPython, and for the
# tests promtool, nats-server, mosquitto, dbus-daemon, Spin, systemd's tools, a C compiler and the guest
# with real BlueZ. POSIX sh, read by tools/demo and tools/test, which set $root to the checkout.
#
# Quick when there is nothing to do; when it was interrupted, running it again repairs what is
# there. Nothing outside .venv and ~/.cache/tocsin is changed, except that on Debian and its
# relatives missing packages are installed by tools/apt_install.sh, as root or through sudo.
# shellcheck shell=sh

: "${root:?is set by the script that reads this one}"
venv=$root/.venv
lock=$root/requirements.lock

say() {
    printf 'setup: %s\n' "$*" >&2
}

set_up() { # demo | test
    PATH=$PATH:/usr/sbin # where Debian has mosquitto; not on everybody's PATH
    export PATH
    missing=$(what_is_missing "$1")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086  # a list of words
        install_on_system $missing
    fi
    venv_is_current || make_venv
    project_is_current || install_project
    get_micropython "$1"
    if [ "$1" = test ]; then
        get_promtool
        get_nats_server
        ! has_guest_machine || get_guest
    fi
}

what_is_missing() { # demo | test
    venv_is_current || find_python >/dev/null || echo python
    if [ "$1" = test ]; then
        command -v mosquitto >/dev/null || echo mosquitto
        command -v mosquitto_pub >/dev/null || echo mosquitto_pub
        command -v dbus-daemon >/dev/null || echo dbus_daemon
        command -v spin >/dev/null || echo spin
        command -v systemd-analyze >/dev/null || echo systemd
        compiles_c || echo cc
        ! has_guest_machine || what_the_guest_lacks
    fi
    # On Debian and its relatives tools/micropython.py gets it, without root.
    if ! is_debian && [ -z "${TOCSIN_MICROPYTHON:-}" ]; then
        command -v micropython >/dev/null || echo micropython
    fi
    if [ "$1" = test ] && ! is_debian && [ -z "${TOCSIN_PROMTOOL:-}" ]; then
        command -v promtool >/dev/null || echo promtool
    fi
    if [ "$1" = test ] && ! is_debian && [ -z "${TOCSIN_NATS_SERVER:-}" ]; then
        command -v nats-server >/dev/null || echo nats-server
    fi
}

# The bench with real BlueZ: a Debian of amd64 in QEMU, built by mmdebstrap.
has_guest_machine() {
    is_debian && [ "$(uname -m)" = x86_64 ]
}

what_the_guest_lacks() {
    command -v qemu-system-x86_64 >/dev/null || echo qemu
    for program in qemu-img mmdebstrap fakeroot mke2fs kmod cpio newuidmap; do
        command -v "$program" >/dev/null || echo "$program"
    done
}

# Spin makes a program of the protocol's model. A compiler without the headers of C is no use.
compiles_c() {
    echo '#include <stdio.h>' | cc -x c -fsyntax-only - 2>/dev/null
}

# --- the virtual environment ---------------------------------------------------------------------

# What the environment was made from. It is written last, so that half an environment has none.
lock_stamp() {
    echo "$root"
    cksum <"$lock"
}

project_stamp() {
    lock_stamp
    cksum <"$root/pyproject.toml"
}

venv_is_current() {
    [ "$(cat "$venv/lock.stamp" 2>/dev/null)" = "$(lock_stamp)" ] &&
        "$venv/bin/python" -c '' 2>/dev/null # gone when the system's Python was upgraded
}

project_is_current() {
    [ "$(cat "$venv/project.stamp" 2>/dev/null)" = "$(project_stamp)" ]
}

make_venv() {
    python=$(find_python)
    say "making .venv with $python"
    rm -rf "$venv"
    "$python" -m venv "$venv"
    say "installing the packages of requirements.lock (a minute or two)"
    pip_install --require-hashes --no-deps --requirement "$lock" # it names every package
    lock_stamp >"$venv/lock.stamp"
}

install_project() {
    say "installing this checkout into .venv"
    pip_install --no-deps --no-build-isolation --editable "$root"
    project_stamp >"$venv/project.stamp"
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --no-input --disable-pip-version-check "$@"
}

# Prints the first Python that can make the environment. The lock has wheels for these versions.
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        "$candidate" -c '
import sys
if not (3, 11) <= sys.version_info < (3, 15):
    sys.exit(1)
import ensurepip, sqlite3, ssl, venv
print(sys.executable)' 2>/dev/null && return
    done
    return 1
}

get_micropython() { # demo | test
    set -- "$1" --arch native
    if [ "$1" = test ] && is_debian && [ "$(uname -m)" = x86_64 ]; then
        set -- "$@" --arch i386 # 32-bit objects and integers, as on a board
    fi
    shift
    (cd "$root" && "$venv/bin/python" -m tools.micropython "$@" >&2)
}

get_promtool() {
    (cd "$root" && "$venv/bin/python" -m tools.promtool >&2)
}

get_nats_server() {
    (cd "$root" && "$venv/bin/python" -m tools.nats_server >&2)
}

# Under two minutes the first time: a Debian that has booted. Where it cannot be made, the tests of it fail.
get_guest() {
    (cd "$root" && "$venv/bin/python" -m tools.virtual.guest.image >&2)
}

# --- what the system must have -------------------------------------------------------------------

is_debian() {
    command -v apt-get >/dev/null && command -v dpkg >/dev/null
}

install_on_system() { # python | mosquitto | mosquitto_pub | dbus_daemon | spin | cc | micropython ...
    if ! is_debian; then
        tell_what_to_install "$*"
        exit 1
    fi
    packages=
    for need in "$@"; do
        case $need in
            python) packages="$packages python3 python3-venv" ;;
            mosquitto) packages="$packages mosquitto" ;;
            mosquitto_pub) packages="$packages mosquitto-clients" ;;
            dbus_daemon) packages="$packages dbus-daemon" ;;
            spin) packages="$packages spin" ;;
            systemd) packages="$packages systemd" ;; # its tools judge our units; nothing is started
            cc) packages="$packages gcc libc6-dev" ;;
            qemu) packages="$packages qemu-system-x86" ;;
            qemu-img) packages="$packages qemu-utils" ;;
            mke2fs) packages="$packages e2fsprogs" ;;
            newuidmap) packages="$packages uidmap" ;;
            mmdebstrap | fakeroot | kmod | cpio) packages="$packages $need" ;;
        esac
    done
    say "installing with apt-get:$packages"
    # shellcheck disable=SC2086  # a list of words
    as_root sh "$root/tools/apt_install.sh" $packages
    case " $* " in
        *" python "*) find_python >/dev/null || no_python ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "this needs root, and there is no sudo. As root, run:"
        say "    $*"
        exit 1
    fi
}

no_python() {
    say "Python 3.11 to 3.14 is needed; this system's python3 is $(python3 --version 2>&1)."
    say "Debian 12 and 13 and Raspberry Pi OS of 2023 and later have it; install it and run again."
    exit 1
}

system_name() {
    case $(uname -s) in
        Darwin) echo macos ;;
        Linux) (. /etc/os-release && echo "${ID:-linux} ${ID_LIKE:-}") 2>/dev/null || echo linux ;;
        MINGW* | MSYS* | CYGWIN*) echo windows ;;
        *) uname -s ;;
    esac
}

tell_what_to_install() { # what is missing, in words
    say "missing: $1"
    say "This system is not one whose packages are installed for you. Please run:"
    case " $(system_name) " in
        *" macos "*) say "    brew install python mosquitto dbus micropython spin prometheus nats-server" ;;
        *" fedora "* | *" rhel "*) say "    sudo dnf install python3 mosquitto dbus-daemon micropython spin gcc prometheus" ;;
        *" arch "*) say "    sudo pacman -S python mosquitto dbus micropython spin gcc prometheus nats-server" ;;
        *" alpine "*) say "    apk add python3 mosquitto mosquitto-clients dbus micropython spin gcc musl-dev prometheus nats-server" ;;
        *" suse "* | *" opensuse "*) say "    sudo zypper install python3 mosquitto dbus-1-daemon micropython spin gcc prometheus" ;;
        *" windows "*) say "    wsl --install -d Debian     and then this script inside it" ;;
        *) say "    (your package manager) python3, mosquitto, dbus-daemon, micropython, spin, gcc, promtool, nats-server" ;;
    esac
    say "Needed are Python 3.11 to 3.14, MicroPython 1.24 or newer (unix port; where there is no"
    say "package, build it and name it: TOCSIN_MICROPYTHON=/path/to/micropython) and, for the"
    say "tests, mosquitto with its clients, dbus-daemon, Spin 6.5 (where there is no package, build it from"
    say "spinroot.com), a C compiler as cc, promtool, which comes with Prometheus, and nats-server 2.10"
    say "(where there is no package: TOCSIN_NATS_SERVER=/path/to/nats-server). Then run this again."
}
