#!/usr/bin/env bash
# From a fresh machine to four processes that solve a board together.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
cmake --preset release >/dev/null
cmake --build --preset release --target zrun zeld zel-keeper go-capture
echo '$ zrun -n 4 go-capture --board 4x4'
build/release/bin/zrun -n 4 build/release/bin/go-capture --board 4x4
