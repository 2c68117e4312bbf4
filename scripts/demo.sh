#!/usr/bin/env bash
# From a fresh machine to four processes that solve a board together, on this machine and then over four nodes of it.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh
cmake --preset release >/dev/null
cmake --build --preset release --target zrun zeld zel-private zel-keeper zel-direct go-capture
bin=$PWD/build/release/bin
echo '$ zrun -n 4 go-capture --board 4x4'
"$bin/zrun" --node private -n 4 "$bin/go-capture" --board 4x4

# Four nodes in a directory of their own, so that a node that runs here already is left alone.
nodes=$(mktemp -d)
export XDG_RUNTIME_DIR=$nodes XDG_CONFIG_HOME=$nodes
end() {
  for node in "$nodes"/n?; do "$bin/zeld" stop --runtime-dir "$node" >/dev/null || true; done
  rm -rf "$nodes"
}
trap end EXIT
start() { "$bin/zeld" start --detach --preset local --cores 1 --name "$1" --runtime-dir "$nodes/$1" "${@:2}"; }
echo
echo '$ zeld start --detach --peer ADDRESS   (four times)'
start n1 --listen 127.0.0.1:0
first=$("$bin/zeld" status --json --runtime-dir "$nodes/n1" | grep -o '127\.0\.0\.1:[0-9]*' | head -1)
for node in n2 n3 n4; do start $node --listen 127.0.0.1:0 --peer "$first"; done
echo '$ zrun -n 4 --explain go-capture --board 4x4'
"$bin/zrun" --node "$nodes/n3" -n 4 --explain "$bin/go-capture" --board 4x4
