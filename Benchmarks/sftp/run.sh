#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Times uploads and downloads of one file with this program and with OpenSSH's sftp, in turn, to the same sshd.
# usage: run.sh [--mebibytes N] [--rounds N]      needs root, for an sshd of its own on a free port of this machine
#
# Both upload to a temporary name, make the file durable and rename it (sftp: put -f, rename), and both write
# downloads durably (sftp: get -f). This program also measures the SHA-256 of what it moves.
set -eu
cd "$(dirname "$0")/../.."

mebibytes=1024 rounds=3
while [ $# -gt 0 ]; do
    case $1 in
        --mebibytes) mebibytes=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        *) sed -n '4,6p' "$0" >&2; exit 2 ;;
    esac
done
[ "$(id -u)" -eq 0 ] || { echo "starting sshd needs root" >&2; exit 1; }

swift build -c release --product transfer-bench >&2
bench=$(swift build -c release --show-bin-path)/transfer-bench

work=$(mktemp -d)
server=
cleanup() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

mkdir -p /run/sshd "$work/account"
ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -f "$work/user"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/config" <<CONFIG
ListenAddress 127.0.0.1
Port $port
HostKey $work/host
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
AuthorizedKeysFile $work/user.pub
Subsystem sftp internal-sftp
CONFIG
/usr/sbin/sshd -D -e -f "$work/config" 2>"$work/log" &
server=$!
printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$work/host.pub")" >"$work/known_hosts"
pin=$(ssh-keygen -lf "$work/host.pub" | cut -d' ' -f2)
sleep 1

head -c "${mebibytes}M" /dev/urandom >"$work/file"
sha256sum <"$work/file" >"$work/sum"

openssh() {
    sftp -q -b - -F /dev/null -i "$work/user" -o UserKnownHostsFile="$work/known_hosts" -P "$port" \
        root@127.0.0.1 >/dev/null
}
timed() {
    start=$(date +%s.%N)
    "$@"
    end=$(date +%s.%N)
    echo "$end - $start" | bc | sed 's/^\./0./'
}
sftp_up() { printf 'put -f %s %s\nrename %s %s\n' "$work/file" "$work/account/.t" "$work/account/.t" "$work/account/theirs" | openssh; }
sftp_down() { printf 'get -f %s %s\n' "$work/account/ours" "$work/copy" | openssh; }
bench() {
    "$bench" sftp "$@" ours --port "$port" --user root --key-file "$work/user" --root "$work/account" --host-key "$pin"
}
bench_up() { bench up "$work/file" >>"$work/up"; }
bench_down() { bench down "$work/copy" >>"$work/down"; }

for round in $(seq "$rounds"); do
    rm -f "$work/account/theirs" "$work/account/ours"
    timed sftp_up >>"$work/sftp_up"
    timed bench_up >>"$work/bench_up"
    sha256sum <"$work/account/ours" | cmp - "$work/sum"
    rm -f "$work/copy"
    timed sftp_down >>"$work/sftp_down"
    rm -f "$work/copy"
    timed bench_down >>"$work/bench_down"
    sha256sum <"$work/copy" | cmp - "$work/sum"
done

# The whole processes are timed on both sides, so ours includes measuring the file before the upload.
python3 - "$work" "$mebibytes" <<'REPORT'
import statistics, sys
work, size = sys.argv[1], float(sys.argv[2])
def middle(name, column=0):
    return statistics.median(float(line.split()[column]) for line in open(f"{work}/{name}"))
for way in ("up", "down"):
    theirs, whole, ours = middle(f"sftp_{way}"), middle(f"bench_{way}"), middle(way)
    peak = max(float(line.split()[1]) for line in open(f"{work}/{way}"))
    print(f"{way:5} sftp {theirs:.2f} s ({size / theirs:.0f} MiB/s)  ours {ours:.2f} s ({size / ours:.0f} MiB/s), "
          f"process {whole:.2f} s  ratio {theirs / ours:.2f}  peak {peak:.0f} MiB")
REPORT
