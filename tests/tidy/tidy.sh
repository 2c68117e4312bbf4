#!/usr/bin/env bash
# Why: the invariants of docs/ARCHITECTURE.md are absences, and an absence is only kept if something looks.
# Usage: tidy.sh <source folder>. Prints every breach; exits 1 if there is one.
set -uo pipefail
cd "$1" || exit 2
breaches=0
breach() { echo "$1"; breaches=$((breaches + 1)); }

for path in base wire daemon libzel zrun examples tests bench libzel/task/steal_engine.cpp libzel/message/matcher.cpp; do
  [[ -e $path ]] || breach "$path: not there; tidy.sh looks for breaches in it"
done
sources() { find "$@" -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' -o -name '*.c' \) 2>/dev/null; }

# forbid <what> <regular expression> <allowed path expression> <folders…>
forbid() {
  local what=$1 pattern=$2 allowed=$3
  shift 3
  while IFS= read -r hit; do
    [[ $hit =~ $allowed ]] || breach "$hit   <- $what"
  done < <(sources "$@" | xargs -r grep -nE "$pattern" /dev/null)
}

all=(base wire daemon libzel zrun examples)
forbid 'only daemon/io knows libuv' '#include <uv\.h>' '^daemon/io/' "${all[@]}"
forbid 'only the topology probe knows hwloc' '#include <hwloc' '^daemon/io/topology' "${all[@]}"
forbid 'only the codec and zel/pack.hpp know msgpack' '#include <msgpack' '^(wire/codec\.hpp|libzel/include/zel/pack\.hpp):' "${all[@]}"
forbid 'only the log knows spdlog' '#include <spdlog' '^daemon/io/log\.cpp:' "${all[@]}"
forbid 'only the configuration file knows TOML' '#include <toml' '^daemon/settings_toml\.cpp:' "${all[@]}"
forbid 'only command lines know CLI11' '#include <CLI' '^(daemon/cli/|zrun/options\.cpp:)' base wire daemon libzel zrun
forbid 'only daemon/io and libzel/net/direct know ZeroMQ' '#include <zmq' '^(daemon/io|libzel/net/direct)/' "${all[@]}"
forbid 'only daemon/io knows libsodium' '#include <sodium' '^daemon/io/' "${all[@]}"
forbid 'libzel links no network library' '#include <(zmq|uv)' '^libzel/net/direct/' libzel
forbid 'what libzel links does not know what it loads' '#include "libzel/net/direct/' '^libzel/net/direct/' libzel
forbid 'public headers show no vendor' '#include <(zmq|uv|boost|hwloc)' '^$' libzel/include
forbid 'daemon does not include libzel or zrun' '#include "(libzel|zrun)/' '^$' daemon
forbid 'libzel does not include daemon or zrun' '#include "(daemon|zrun)/' '^$' libzel
forbid 'zrun does not include daemon or libzel' '#include "(daemon|libzel)/' '^$' zrun
forbid 'wire includes only base' '#include "(daemon|libzel|zrun)/' '^$' wire
forbid 'base includes only itself' '#include "(wire|daemon|libzel|zrun)/' '^$' base
forbid 'examples use the public headers only' '#include "(base|wire|daemon|libzel|zrun)/' '^$' examples

engines=(daemon/overlay daemon/schedule daemon/deploy daemon/job daemon/relay daemon/peer.hpp daemon/peer.cpp daemon/node.hpp
         daemon/node.cpp daemon/node_admin.cpp daemon/node_jobs.cpp daemon/node_peers.cpp daemon/node_streams.cpp libzel/member/view.cpp
         libzel/task/steal_engine.hpp libzel/task/steal_engine.cpp libzel/task/shared_spread.hpp libzel/task/shared_spread.cpp
         libzel/net/pair_stream.hpp libzel/net/pair_stream.cpp
         libzel/net/ladder.hpp libzel/net/ladder.cpp libzel/net/frame.hpp libzel/net/frame.cpp libzel/message/matcher.hpp libzel/message/matcher.cpp
         zrun/output zrun/options.cpp zrun/options_split.cpp
         zrun/options_table.cpp zrun/options_values.cpp zrun/options_advice.cpp zrun/report.cpp zrun/report_table.cpp)
forbid 'an engine is handed the time and randomness' '::now\(|random_device|sleep_for|usleep\(|\bpoll\(|socket\(|getenv\(' '^$' "${engines[@]}"

while IFS= read -r file; do
  lines=$(wc -l <"$file")
  ((lines <= 400)) || breach "$file: $lines lines; look for the second idea in it"
  case $file in
    *.hpp | */main.cpp) head -1 "$file" | grep -q '^//' || breach "$file: does not open with why it is there" ;;
  esac
  case $(basename "$file") in
    *util* | *common* | *manager* | *helper*) breach "$file: a name that says nothing" ;;
  esac
done < <(sources "${all[@]}" tests bench)

while IFS= read -r header; do
  name=${header#libzel/include/}
  grep -rqF -e "\"$header\"" -e "\"$name\"" -e "<$name>" -e "\"$(basename "$header")\"" --include='*.cpp' --include='*.hpp' --include='*.h' --include='*.c' "${all[@]}" tests bench ||
    breach "$header: nobody includes it"
done < <(sources "${all[@]}" | grep -E '\.hpp$')

echo "$breaches breaches"
((breaches == 0))
