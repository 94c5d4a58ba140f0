#!/usr/bin/env bash
# Installs what the tests need, builds the solution and runs all its tests.
#
#   ./test.sh                            everything except the stress tests
#   ./test.sh --all                      the stress tests too
#   ./test.sh --filter Category=Stress   other arguments go to dotnet test
#
# The last line is always "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

has_chromium() {
  command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome
} >/dev/null

install_packages() {
  local as_root=(env)
  if [[ $(id -u) -ne 0 ]]; then
    as_root=(sudo -n env)
  fi
  # Without fresh lists the package may still be found in the old ones.
  "${as_root[@]}" apt-get update -q || true
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@"
} >/dev/null 2>&1

# Reads TRX files. Prints each failed test with its message and each skipped one with the reason, then the sum on a line of its own.
# In TRX, as XML is written, "<" stands for markup only: in names, messages and outputs of tests it is escaped.
summarize() {
  awk '
    function attribute(line, name) {
      return match(line, " " name "=\"[^\"]*\"") ? substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
    }
    function plain(text) {
      gsub(/<[^>]*>/, "", text)
      gsub(/&#x[dD];/, "", text)
      gsub(/&#x[aA9];/, " ", text)
      gsub(/&lt;/, "<", text)
      gsub(/&gt;/, ">", text)
      gsub(/&quot;/, "\"", text)
      gsub(/&amp;/, "\\&", text)
      return text
    }
    /<UnitTestResult / {
      outcome = attribute($0, "outcome")
      if (outcome == "Passed") passed++
      else if (outcome == "NotExecuted") { skipped++; skips = skips "Skipped: " plain(attribute($0, "testName")) "\n" }
      else { failed++; failures = failures "Failed: " plain(attribute($0, "testName")) "\n" }
    }
    /<(Message|StackTrace)>/ { in_error = 1; sub(/^ *</, "<") }
    in_error && outcome == "NotExecuted" { skips = skips "    " plain($0) "\n" }
    in_error && outcome != "NotExecuted" && outcome != "Passed" { failures = failures "    " plain($0) "\n" }
    /<\/(Message|StackTrace)>/ { in_error = 0 }
    /<\/UnitTestResult>/ { outcome = "Passed" }
    END {
      if (skips != "") printf "\n%s", skips
      if (failures != "") printf "\n%s", failures
      printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped
    }
  ' "$@"
}

filter=(--filter 'Category!=Stress')
arguments=()
for argument in "$@"; do
  case $argument in
    --all) filter=() ;;
    --filter | --filter=* | --filter:*) filter=() arguments+=("$argument") ;;
    *) arguments+=("$argument") ;;
  esac
done

if ! has_chromium; then
  echo "Chromium is missing. Installing it ..."
  # The one without windows takes half as much of the processor. Not every distribution has it.
  install_packages chromium-headless-shell || install_packages chromium || true
  if ! has_chromium; then
    echo "Chromium cannot be installed here. The tests that need a browser are skipped; to run them, install the package"
    echo "'chromium', or put chromium-headless-shell, chromium, chromium-browser or google-chrome on PATH."
  fi
fi

# What the browser client is built with. Its tests need Node.js alone.
if command -v npm >/dev/null && [[ ! -e src/ws-pumps-js/node_modules ]]; then
  npm ci --prefix src/ws-pumps-js --silent || echo "The packages that build the browser client are not to be had here."
fi

for package in redis-server nats-server; do
  if ! command -v "$package" >/dev/null && [[ ! -x /usr/sbin/$package ]]; then
    echo "$package is missing. Installing it ..."
    install_packages "$package" || echo "$package cannot be installed here. The tests that need it are skipped, by name."
  fi
done

# Only the stress tests compile to native code. Where the packages of the compiler are not to be had, that test is skipped by name.
if [[ ${#filter[@]} -eq 0 ]]; then
  if ! command -v clang >/dev/null; then
    echo "clang is missing. Installing it ..."
    install_packages clang zlib1g-dev || echo "clang cannot be installed here."
  fi
  dotnet restore samples/Aot --runtime linux-x64 -p:PublishAot=true >/dev/null || echo "The packages for native AOT are not to be had here."
fi

mkdir -p artifacts
results=$(mktemp -d "$PWD/artifacts/tests-$(date +%Y%m%d-%H%M%S)-XXXX")
status=0

# Runs one project of tests, and prints what it says when it has ended.
run() {
  local name code=0
  name=$(basename "$1" .csproj)
  dotnet test "$1" --configuration Release --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
    ${filter[@]+"${filter[@]}"} ${arguments[@]+"${arguments[@]}"} >"$results/$name.log" 2>&1 || code=$?
  cat "$results/$name.log"
  return "$code"
}

if dotnet build WsPumps.sln --configuration Release; then
  projects=$(dotnet sln WsPumps.sln list | tr '\\' '/' | grep '^tests/.*\.csproj$')
  # These load all cores by themselves, and have limits of time: alone.
  alone='/(WsPumps\.Wire|WsPumps\.Core|WsPumps)\.Tests\.csproj$'
  for project in $(grep -E "$alone" <<<"$projects"); do
    run "$project" || status=1
  done
  # The rest mostly waits, for browsers and for other servers: two at a time, the longest first.
  longest='/WsPumps\.Samples\.Tests\.csproj$'
  at_work=0
  for project in $(grep -E "$longest" <<<"$projects") $(grep -Ev "$alone|$longest" <<<"$projects"); do
    if ((at_work == 2)); then
      wait -n || status=1
      at_work=1
    fi
    run "$project" &
    at_work=$((at_work + 1))
  done
  for ((; at_work > 0; at_work--)); do
    wait -n || status=1
  done
else
  echo "The build failed."
  status=1
fi

summary=$(find "$results" -name '*.trx' -exec cat {} + | summarize)
echo "$summary"
case ${summary##*$'\n'} in
  *', 0 failed, '*) ;;
  *) status=1 ;;
esac
case ${summary##*$'\n'} in
  '0 passed, 0 failed, '*) status=1 ;;
esac
exit "$status"
