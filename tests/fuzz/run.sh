#!/usr/bin/env bash
# Why: the decoders read what strangers send; this throws mutations at them for as long as wanted.
# Usage: run.sh build                build the targets (build/fuzz)
#        run.sh SECONDS [target…]    each for SECONDS over tests/fuzz/corpus/<target>; new finds go to build/fuzz/found
#        run.sh keep [target…]       write the seeds anew and add to them the smallest of the finds that reach more
# Exit status 77: skipped, the reason is printed. An input that fails is left in build/fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v clang++ >/dev/null || { echo "skipped: there is no clang++ here; install clang and libclang-rt-14-dev"; exit 77; }
build=build/fuzz
corpus=tests/fuzz/corpus
most_files=24  # kept of one target

if [[ ${1:-} == build ]]; then
  probe=$(mktemp -d)
  trap 'rm -rf "$probe"' EXIT
  echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >"$probe/probe.cpp"
  clang++ -fsanitize=fuzzer,address "$probe/probe.cpp" -o "$probe/probe" 2>/dev/null ||
    { echo "skipped: this clang++ has no libFuzzer; install libclang-rt-14-dev"; exit 77; }
  cmake --preset fuzz >/dev/null
  exec cmake --build --preset fuzz
fi
what=${1:?run.sh build, run.sh SECONDS or run.sh keep}
shift
targets=("$@")
((${#targets[@]})) || mapfile -t targets < <(ls "$build/bin" | sed -n 's/^fuzz_//p')
((${#targets[@]})) || { echo "nothing is built: run.sh build"; exit 2; }

export UBSAN_OPTIONS=print_stacktrace=1
if [[ $what == keep ]]; then
  for target in "${targets[@]}"; do
    mkdir -p "$build/small/$target" "$build/found/$target" "$corpus/$target"
    rm -f "$build/small/$target"/* "$corpus/$target"/*
    "$build/bin/write_seeds" "$target" "$corpus/$target"
    "$build/bin/fuzz_$target" -merge=1 "$build/small/$target" "$corpus/$target" "$build/found/$target" 2>/dev/null
    room=$((most_files - $(ls "$corpus/$target" | wc -l)))
    while read -r file && ((room-- > 0)); do
      cp "$build/small/$target/$file" "$corpus/$target/"
    done < <(ls -rS "$build/small/$target")
  done
  exit
fi
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${targets[@]}"; do
  mkdir -p "$build/found/$target" "$build/crashes"
  if "$build/bin/fuzz_$target" -max_total_time="$what" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$build/crashes/$target-" "$build/found/$target" "$corpus/$target" \
    >"$log" 2>&1; then
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  else
    failed=1
    cat "$log"
  fi
done
exit "$failed"
