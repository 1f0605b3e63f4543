# shellcheck shell=bash
# Creates a Python environment with other versions of Home Assistant and modbus-connection. To be sourced by
# scripts/test, after environment.sh.

# make_other_venv HOME_ASSISTANT MODBUS_CONNECTION: each a version, "latest", or empty for the locked one. Sets `folder`.
make_other_venv() {
    local home_assistant=$1 modbus_connection=$2 lock stamp plugin
    find_uv
    # Only for `uv pip compile`, which needs the Python that the packages are meant for.
    make_empty_venv "$tools/resolver"
    home_assistant=$(exact_version homeassistant "$home_assistant")
    modbus_connection=$(exact_version modbus-connection "$modbus_connection")
    folder=$tools/home-assistant-${home_assistant:-$(locked homeassistant)}
    folder+=${modbus_connection:+-modbus-connection-$modbus_connection}
    lock=$folder.txt
    stamp="$home_assistant $modbus_connection $(cat requirements/test.* scripts/other_requirements.py | cksum)"
    if [[ $(cat "$folder.stamp" 2>/dev/null) != "$stamp" ]]; then
        log "Resolving the packages of ${folder##*/}"
        make_empty_venv "$folder"
        "$uv" pip install --quiet "${wheels_only[@]}" --no-deps --python "$folder/bin/python" \
            "homeassistant==${home_assistant:-$(locked homeassistant)}"
        for plugin in --plugin ''; do
            "$folder/bin/python" scripts/other_requirements.py $plugin \
                ${modbus_connection:+--modbus-connection "$modbus_connection"} >"$folder.in"
            # The locked versions are preferred where Home Assistant does not want others.
            cp requirements/test.txt "$lock"
            if compile "$folder" "$lock" 2>"$folder.log"; then break; fi
            [[ $plugin ]] || fail "$(cat "$folder.log")"
            log "No test plugin fits this version: tests that need one are left out"
        done
        printf '%s\n' "$stamp" >"$folder.stamp"
    fi
    make_venv "$folder" "$lock"
}

# compile FOLDER LOCK: resolves FOLDER.in within the constraints of the Home Assistant that is installed in FOLDER.
compile() {
    "$uv" pip compile --quiet "${wheels_only[@]}" --python "$1/bin/python" \
        --constraints "$1"/lib/python3.14/site-packages/homeassistant/package_constraints.txt \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$2" "$1.in" >/dev/null
}

# exact_version PACKAGE VERSION: the version; for "latest", the newest stable one.
exact_version() {
    if [[ $2 == latest ]]; then
        "$uv" pip compile --quiet "${wheels_only[@]}" --no-deps --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
            --python "$tools/resolver/bin/python" - <<<"$1" | sed -n "s/^$1==//p"
    else
        echo "$2"
    fi
}

locked() { sed -n "s/^$1==//p" requirements/test.txt; }

# describe_versions FOLDER: what is tested, in words.
describe_versions() {
    "$1/bin/python" - <<'PYTHON'
from importlib.metadata import PackageNotFoundError, version

PLUGIN = "pytest-homeassistant-custom-component"
try:
    plugin = f"the test plugin {version(PLUGIN)}"
except PackageNotFoundError:
    plugin = "no test plugin"
print(f"Home Assistant {version('homeassistant')}, modbus-connection {version('modbus-connection')}, {plugin}")
PYTHON
}
