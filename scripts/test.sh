#!/usr/bin/env bash
# Installs what is missing, builds, and passes all tests. Further arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
cmake --preset dev >/dev/null
cmake --build --preset dev
ctest --preset dev "$@"
