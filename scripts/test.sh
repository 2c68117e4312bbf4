#!/usr/bin/env bash
# Installs what is missing, builds, and passes all tests but the label "long" (minutes each; scripts/test.sh -L long).
# Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
cmake --preset dev >/dev/null
cmake --build --preset dev
[ $# -gt 0 ] || set -- -LE long
ctest --preset dev "$@"
