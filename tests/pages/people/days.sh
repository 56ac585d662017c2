#!/bin/sh
# Adds the counts of the twenty days before the newest report to those that a forecast has saved, as daily forecasts do while
# people register: one person fewer could reset for each two days before it.
set -eu
file=$(ls "${XDG_STATE_HOME:-$HOME/.local/state}"/ssprctl/repositories/*/readiness/*.json)
report=$(grep -o '"20[0-9-]*":' "$file" | tail -1 | tr -d '":')
able=$(grep -o '"able": *[0-9]*' "$file" | tail -1 | grep -o '[0-9]*$')
other=$(grep -o '"notAble": *[0-9]*' "$file" | tail -1 | grep -o '[0-9]*$')
days=""
for before in $(seq 1 20); do
  day=$(date -u -d "$report - $before days" +%F)
  fewer=$((before / 2))
  days="$days\"$day\":{\"able\":$((able - fewer)),\"notAble\":$((other + fewer)),\"unclear\":1},"
done
sed -i "s/\"$report\":/$days\"$report\":/" "$file"
