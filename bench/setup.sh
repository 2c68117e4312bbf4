#!/usr/bin/env bash
# Why: what a benchmark needs: zel as it is shipped, and the peers it is held against. A peer that is not there
# is left out of the comparison, with a line that says so.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
scripts/install-packages.sh bench/packages.txt || echo "bench/setup.sh: going on with the peers that are here" >&2
cmake --preset release -DZEL_BUILD_TESTS=OFF >/dev/null
cmake --build --preset release
for peer in mpich openmpi; do
  [[ -x build/release/bench/mpi_message.$peer ]] || echo "bench/setup.sh: no mpicc.$peer: $peer is left out" >&2
done
