#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Times this program beside DuckDB, ClickHouse and a C program, in one run; see README.md.
# usage: run.sh [--profiles N] [--lines N] [--runs N] [--work FOLDER] [--tallystick PROGRAM] [--without-tallystick]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

# The folder of --work is needed here too, for the Python environment.
work=$root/.build-bench
previous=
for argument in "$@"; do
    [ "$previous" != --work ] || work=$argument
    previous=$argument
done
mkdir -p "$work"

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
exec "$work/venv/bin/python" "$here/compare.py" --work "$work" --tallystick "$root/.build/release/tallystick" "$@"
