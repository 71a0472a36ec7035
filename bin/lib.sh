# shellcheck shell=bash
# Steps that bin/up, bin/test and .ci/run share. Sourced by them; does nothing by itself.

# shellcheck disable=SC2034 # for the scripts that source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$(basename "$0"): $*"
    exit 69
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "root is needed to run: $*"
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt_install() {
    # The lists may be absent, as in a fresh container, or too old to name files that still exist.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2 ||
        {
            as_root apt-get update -q >&2
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
        }
}

# need_packages PACKAGE...: installs those that are missing; does nothing, quickly, when none is.
need_packages() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian system: make sure that the equivalents of these packages are installed: $*"
        return
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing ${missing[*]}"
    if [[ " ${missing[*]} " == *" postgresql "* ]] && ! is_installed postgresql-common; then
        # Sluice runs a PostgreSQL of its own: Debian need not make and start a system-wide one.
        apt_install postgresql-common
        as_root sed -i 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' \
            /etc/postgresql-common/createcluster.conf
    fi
    apt_install "${missing[@]}"
}

need_swift() {
    command -v swift >/dev/null ||
        die "Swift 6.3 is needed: see https://www.swift.org/install/linux, then put its usr/bin into PATH"
}

# need_clients: the packages of Tests/Clients/requirements.txt in an environment of their own, whose interpreter the tests find in
# SLUICE_TEST_PYTHON. Made anew when the list changes.
need_clients() {
    local folder="$root/.build-clients" list="$root/Tests/Clients/requirements.txt"
    need_packages python3-venv
    if ! cmp -s "$list" "$folder/made-from"; then
        say "installing the clients of Tests/Clients/requirements.txt"
        rm -rf "$folder"
        # Debian's own interpreter, which is the one that has the package.
        /usr/bin/python3 -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$list" >&2
        cp "$list" "$folder/made-from"
    fi
    export SLUICE_TEST_PYTHON=$folder/bin/python
}
