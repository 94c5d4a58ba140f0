#!/usr/bin/env bash
# Measures everything that docs/performance.md shows, and prints it as tables in Markdown: about 20 minutes, on a machine with nothing else to do.
# "--core" measures fan-out and echo only. Needs cc for the floor in C; the other peers take part where their sources are:
#
#   UWEBSOCKETS=folder USOCKETS=folder GWS=folder benchmarks/tables.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=artifacts/load
mkdir -p "$out"
peers=()

add_peer() {
  if "${@:2}" >"$out/$1.log" 2>&1; then
    peers+=(--peer "$out/$1 {port}")
  else
    echo "$1 does not take part: see $out/$1.log" >&2
  fi
}

build_uwebsockets() {
  [[ -n ${UWEBSOCKETS:-} && -n ${USOCKETS:-} ]] || { echo "UWEBSOCKETS and USOCKETS are not set."; return 1; }
  local objects
  objects=$(mktemp -d)
  (cd "$objects" && find "$USOCKETS/src" -name '*.c' -exec gcc -O3 -DLIBUS_NO_SSL -I"$USOCKETS/src" -c {} +) &&
    g++ -O3 -std=c++2b -DLIBUS_NO_SSL -DUWS_NO_ZLIB -I"$UWEBSOCKETS/src" -I"$USOCKETS/src" -o "$out/uwebsockets" \
      benchmarks/peers/uwebsockets.cpp "$objects"/*.o
}

build_gws() {
  [[ -n ${GWS:-} ]] || { echo "GWS is not set."; return 1; }
  local target=$PWD/$out/gws
  mkdir -p "$GWS/wspumps-peer" && cp benchmarks/peers/gws.go "$GWS/wspumps-peer/main.go"
  (cd "$GWS" && go build -o "$target" ./wspumps-peer)
}

add_peer floor-c cc -O2 -o "$out/floor-c" benchmarks/CFloor/floor.c -lcrypto
add_peer uwebsockets build_uwebsockets
add_peer gws build_gws

dotnet run -c Release --project benchmarks/WsPumps.Load -- tables --out "$out" "${peers[@]}" "$@"
