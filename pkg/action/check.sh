#!/usr/bin/env bash
# Runs `xero-m2m check` with the inputs of action.yml, which are in the environment. Its exit code is that of the check.
set -eu
# A pattern is for the program, not for this shell.
set -f

arguments=()
option() { if [ -n "$2" ]; then arguments+=("$1" "$2"); fi; }
option --scopes "$XERO_SCOPES"
option --policy "$XERO_POLICY"
option --env "$XERO_ENV"
option --fail-on "$XERO_FAIL_ON"
option --within "$XERO_WITHIN"
option --baseline "$XERO_BASELINE"
for file in $XERO_FILES; do arguments+=("$file"); done

if [ -e node_modules/.bin/xero-m2m ]; then program=(npx --no-install xero-m2m); else program=(npx --yes "xero-m2m@$XERO_VERSION"); fi

# Older shells take an empty list for an unset one. Calls are never read from standard input here.
check() { "${program[@]}" check --format "$1" ${arguments[@]+"${arguments[@]}"} </dev/null; }

code=0
check github || code=$?
# Without a result there is nothing to sum up. The second run repeats the reason of its exit code, which is known.
if [ "$XERO_SUMMARY" = true ] && [ "$code" -le 1 ]; then check markdown >>"$GITHUB_STEP_SUMMARY" 2>/dev/null || true; fi
exit "$code"
