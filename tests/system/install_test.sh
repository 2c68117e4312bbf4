#!/usr/bin/env bash
# Why: an installation is a promise to other projects. Installs this build under a fresh prefix, builds the
# README's first program against it with CMake and with pkg-config, builds the examples from their folders alone,
# and runs them with the installed zrun.
# Usage: install_test.sh <source folder> <build folder>
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
mkdir "$work/first"
cp "$source/tests/system/consumer/CMakeLists.txt" "$work/first/"
# The program is the README's own, so that it cannot go stale.
awk '/^```cpp$/ {on = 1; next} /^```$/ {on = 0} on' "$source/README.md" >"$work/first/first.cpp"

# What was built with a sanitizer needs it in its users too.
flags=$(grep -E '^ZEL_SANITIZE:' "$build/CMakeCache.txt" | cut -d= -f2 | sed 's/^address$/-fsanitize=address,undefined/; s/^thread$/-fsanitize=thread/')

cp "$source/tests/libzel/c/api.c" "$work/first/in_c.c"

cmake -S "$work/first" -B "$work/first/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_C_FLAGS="$flags" >/dev/null
cmake --build "$work/first/build" >/dev/null
"$work/prefix/bin/zrun" -n 3 "$work/first/build/first" | tee "$work/out"
grep -q '^fib(30) = 832040, by 3 ranks$' "$work/out"
"$work/first/build/first" | grep -q '^fib(30) = 832040, by 1 ranks$'
test "$("$work/prefix/bin/zrun" -q -n 3 "$work/first/build/in_c" | grep -c 'all held$')" = 3

export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name zel.pc)")
# shellcheck disable=SC2046
c++ -std=c++20 $flags -o "$work/with-pkg-config" "$work/first/first.cpp" $(pkg-config --cflags --libs zel)
"$work/with-pkg-config" | grep -q 832040
# shellcheck disable=SC2046
cc -std=c11 -Wall -Wextra -pedantic -Werror $flags -o "$work/c-with-pkg-config" "$work/first/in_c.c" $(pkg-config --cflags --libs zel)
"$work/c-with-pkg-config" | grep -q '^0 of 1: all held$'

cmake -S "$source/examples/go-capture" -B "$work/capture" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_FLAGS="$flags" >/dev/null
cmake --build "$work/capture" >/dev/null
"$work/prefix/bin/zrun" -n 2 "$work/capture/go-capture" --board 3x3 --json | grep -q '"winner": *"black"'

for example in uts nqueens; do
  cmake -S "$source/examples/$example" -B "$work/$example" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_FLAGS="$flags" >/dev/null
  cmake --build "$work/$example" >/dev/null
done
"$work/prefix/bin/zrun" -n 2 "$work/uts/uts" -t 1 -a 3 -d 5 -r 19 --json | grep -q '"nodes": *[1-9]'
"$work/prefix/bin/zrun" -n 2 "$work/nqueens/nqueens" 8 | grep -q '^8 queens: 92 solutions$'
echo "installation works"
