#!/bin/sh
# Works out the pinned, hashed constraints again after a change of the dependencies in pyproject.toml.
# No index address is written: the files hold names, versions and digests only.
set -eu
cd "$(dirname "$0")/.."
for set in demo test; do
    extras="--extra demo"
    [ "$set" = test ] && extras="--extra demo --extra test"
    # shellcheck disable=SC2086
    uv pip compile pyproject.toml requirements/build.in $extras --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
        --quiet --output-file "requirements/$set.txt" "$@"
done
