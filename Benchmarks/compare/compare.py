# SPDX-License-Identifier: Apache-2.0
"""Times whole imports of this program, DuckDB or ClickHouse, and the least C program, alternating on the same files.

Writes results.md and results.json into the work folder and prints the former. Imports no big packages, so that the
peak memory of a child is the child's own.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SEGMENT = "10603117"
FIRST_TIMESTAMP = 1_486_140_844_000
DAY = 86_400_000

# ID kind: width in the ID arrays, start of the outbound file's name, number, destination, options of the data source.
KINDS = {
    "plain": (47, "s3_46392_14019_full_", 14019, 46392, ["--mode", "declared", "--key", "email", "--normalize", "trim,lower"]),
    "sha256": (64, "s3_46390_14017_full_", 14017, 46390,
               ["--mode", "declared", "--key", "email", "--normalize", "trim,lower", "--hash", "sha256"]),
    "visitor": (38, "s3_46389_14016_full_", 14016, 46389, ["--mode", "visitor"]),
    "aes256": (96, "s3_46391_14018_full_", 14018, 46391,
               ["--mode", "declared", "--key", "email", "--normalize", "trim,lower", "--cipher", "aes-256-cbc",
                "--channel", "email"]),
}


class Comparison:
    def __init__(self, options):
        self.options = options
        self.work = options.work.resolve()
        self.inbound = self.work / "inbound"
        self.outbound = self.work / "outbound"
        self.data = self.work / "data"
        self.results = dict(machine=machine(), profiles=options.profiles, lines=options.lines, imports={}, steps={})
        self.round = 0

    # ── Running and timing ───────────────────────────────────────────────────────────────────────────────────────
    def run(self, *command, allowed=(0,)):
        """Runs a program to its end: seconds, peak resident bytes, and what it printed."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
            started = time.perf_counter()
            child = subprocess.Popen([str(part) for part in command], stdout=output, stderr=complaints)
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - started
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            complaints.seek(0)
            text = output.read().decode()
            if child.returncode not in allowed:
                said = complaints.read().decode()
                raise SystemExit(f"exit code {child.returncode}: {' '.join(map(str, command))}\n{said}{text}")
        return dict(seconds=seconds, peak=usage.ru_maxrss * 1024, text=text)

    def ours(self, *arguments):
        return self.run(self.options.tallystick, *arguments, "--data", self.data, "--json", allowed=(0, 3))

    def step(self, name, measured, count=None):
        """Notes one measurement that stands for itself."""
        self.results["steps"][name] = dict(seconds=measured["seconds"], peak=measured["peak"], count=count)
        say(f"{name}: {measured['seconds']:.2f} s")

    # ── Preparing ────────────────────────────────────────────────────────────────────────────────────────────────
    def prepare(self):
        options = self.options
        say("writing the files")
        self.run(sys.executable, HERE / "generate.py", "--work", self.work, "--seed", 1,
                 "--profiles", options.profiles, "--lines", options.lines)
        say("preparing DuckDB, ClickHouse and the C program")
        self.least = self.work / "least"
        self.run("cc", "-O3", "-march=native", "-o", self.least, HERE / "least.c", "-lcrypto", "-lpthread")
        for kind in ("plain", "sha256", "visitor"):
            self.run(self.least, "build", kind, self.work / "ids" / f"{kind}.npy", KINDS[kind][0],
                     options.profiles, self.work / f"{kind}.table")
        self.step("DuckDB: load profiles",
                  self.run(sys.executable, HERE / "with_duckdb.py", "prepare", self.work), options.profiles)
        self.step("ClickHouse: load profiles",
                  self.run(sys.executable, HERE / "with_clickhouse.py", "prepare", self.work), options.profiles)

    def create_data_source(self, name, number, destination, parts):
        if "--cipher" in parts:
            parts = parts + ["--key-file", self.work / "aes.key.hex", "--iv-file", self.work / "aes.iv.hex"]
        self.ours("data-sources", "create", "--id", name, "--label", f"benchmark {name}", "--number", number,
                  "--integration-code", name, "--destination", destination, "--accept-terms", *parts)

    def prepare_ours(self):
        """A fresh data directory: two hashed data sources, the profiles, then everything else."""
        for folder in (self.data, self.inbound, self.outbound):
            shutil.rmtree(folder, ignore_errors=True)
        self.inbound.mkdir()
        self.outbound.mkdir()
        say("loading the profiles")
        self.ours("init")
        self.create_data_source("sha256", *KINDS["sha256"][2:])
        self.create_data_source("md5", 14020, 46393, ["--mode", "declared", "--key", "email", "--normalize",
                                                      "trim,lower", "--hash", "md5"])
        self.step("profiles load, two hashed data sources",
                  self.ours("profiles", "load", self.work / "profiles.csv", "--key", "externalId"),
                  self.options.profiles)
        self.step("profiles link-visitors",
                  self.ours("profiles", "link-visitors", self.work / "visitors.csv", "--key", "email"),
                  self.options.profiles)
        started = time.perf_counter()
        for name in ("plain", "visitor", "aes256"):
            self.create_data_source(name, *KINDS[name][2:])
        self.step("data-sources create: plain, visitor, AES-256",
                  dict(seconds=time.perf_counter() - started, peak=0), self.options.profiles)
        self.ours("accounts", "create", "folder", "--id", "importSharedAudience", "--path", self.inbound)
        self.ours("accounts", "create", "folder", "--id", "exportSharedAudience", "--path", self.outbound)
        for name in KINDS:
            force = ["--force-reconciliation"] if name == "aes256" else []
            self.ours("audiences", "define", "--label", f"benchmark {name}", "--segment", SEGMENT,
                      "--data-source", name, *force)

    # ── Imports ──────────────────────────────────────────────────────────────────────────────────────────────────
    def next_file(self, kind, extension):
        """A copy of the kind's file that no ledger has seen: a new timestamp, and one malformed line more."""
        self.round += 1
        path = self.inbound / f"{KINDS[kind][1]}{FIRST_TIMESTAMP + self.round * DAY}{extension}"
        arriving = self.work / "arriving"
        shutil.copyfile(self.work / f"{kind}{extension}", arriving)
        line = f"round:{self.round}\t{SEGMENT}\n"
        with open(arriving, "ab") as file:
            if extension.endswith(".gz"):
                packed = subprocess.run(["gzip", "-n", "-c"], input=line.encode(), stdout=subprocess.PIPE, check=True)
                file.write(packed.stdout)
            else:
                file.write(line.encode())
        os.rename(arriving, path)
        os.sync()
        return path

    def counts(self):
        """What a receipt of the generated file with its additional line must say."""
        lines = self.options.lines
        unknown, repeated, malformed = lines * 26 // 100, lines * 2 // 100, lines * 2 // 100
        return dict(received=lines + 1, matched=lines - unknown - repeated - malformed, duplicate=repeated,
                    unknown=unknown, malformed=malformed + 1)

    def check(self, who, said):
        expected = self.counts()
        expected["rejected"] = expected["unknown"] + expected["malformed"]
        wrong = {key: (value, expected[key]) for key, value in said.items() if expected.get(key, value) != value}
        if wrong:
            raise SystemExit(f"{who} counted otherwise than the files were made (counted, made): {wrong}")

    def sync(self):
        measured = self.ours("sync")
        receipts = json.loads(measured["text"])["receipts"]
        if len(receipts) != 1:
            raise SystemExit(f"sync left {len(receipts)} receipts instead of 1")
        self.check("tallystick", receipts[0])
        return measured

    def other(self, kind, path, job="import"):
        rejected = self.work / "rejected.csv"
        if kind == "aes256":
            measured = self.run(sys.executable, HERE / "with_clickhouse.py", "import", self.work, path, rejected)
        else:
            measured = self.run(sys.executable, HERE / "with_duckdb.py", job, self.work, kind, path, rejected)
        self.check("the other program", json.loads(measured["text"]))
        return measured

    def least_work(self, kind, path):
        secrets = []
        if kind == "aes256":
            secrets = [(self.work / f"aes.{name}.hex").read_text().strip() for name in ("key", "iv")]
        table = self.work / ("plain.table" if kind == "aes256" else f"{kind}.table")
        measured = self.run(self.least, "import", kind, path, table, self.work / "bitmap", *secrets)
        self.check("the C program", json.loads(measured["text"]))
        return measured

    def compare_imports(self, kind):
        rows = {"tallystick": [], "other": [], "other, detailed": [], "C": []}
        for _ in range(self.options.runs):
            path = self.next_file(kind, ".sync")
            if self.options.with_ours:
                rows["tallystick"].append(self.sync())
            rows["other"].append(self.other(kind, path))
            if kind != "aes256":
                rows["other, detailed"].append(self.other(kind, path, "detailed"))
            rows["C"].append(self.least_work(kind, path))
            path.unlink()
        if self.options.with_ours:
            rows["tallystick, gz"] = []
            rows["gzip -dc"] = []
            for _ in range(self.options.runs):
                path = self.next_file(kind, ".sync.gz")
                rows["tallystick, gz"].append(self.sync())
                rows["gzip -dc"].append(self.run("sh", "-c", f"gzip -dc '{path}' >/dev/null"))
                path.unlink()
        summary = {}
        for who, runs in rows.items():
            if runs:
                summary[who] = dict(seconds=statistics.median(run["seconds"] for run in runs),
                                    all=[round(run["seconds"], 3) for run in runs],
                                    peak=max(run["peak"] for run in runs))
        self.results["imports"][kind] = summary
        say(f"{kind}: " + ", ".join(f"{who} {one['seconds']:.2f} s" for who, one in summary.items()))

    # ── Everything else of ours ──────────────────────────────────────────────────────────────────────────────────
    def audience(self, label):
        listed = json.loads(self.ours("audiences", "list")["text"])["audiences"]
        return next(one for one in listed if one["label"] == label)

    def measure_steps(self):
        starts = [self.run(self.options.tallystick, "version") for _ in range(20)]
        middle = statistics.median(run["seconds"] for run in starts)
        self.step("start of the program (version)", dict(seconds=middle, peak=max(run["peak"] for run in starts)))
        self.ours("audiences", "query", "--label", "everybody", "--where", "birthDate >= 1900-01-01")
        self.ours("audiences", "query", "--label", "most", "--where", 'country != "NL"')
        for operation in ("union", "intersection", "exclusion"):
            self.step(f"audiences combine {operation}",
                      self.ours("audiences", "combine", operation, self.audience("everybody")["id"],
                                self.audience("most")["id"], "--label", f"combined {operation}"))
        everybody = self.audience("combined union")
        for kind in ("sha256", "aes256"):
            measured = self.ours("audiences", "share", everybody["id"], "--segment", "20000001", "--data-source", kind)
            if not any(self.outbound.iterdir()):
                later = self.ours("sync")
                measured = dict(seconds=measured["seconds"] + later["seconds"], peak=max(measured["peak"], later["peak"]))
            self.step(f"audiences share, {kind}, gz", measured, everybody["count"])
            for path in self.outbound.iterdir():
                path.unlink()

    # ── The report ───────────────────────────────────────────────────────────────────────────────────────────────
    def report(self):
        about = self.results["machine"]
        names = {"aes256": "ClickHouse"}
        lines = [
            f"{about['processor']}, {about['cores']} cores, {about['memory']}; {about['system']}. {about['versions']}.",
            f"{self.options.profiles:,} profiles, {self.options.lines:,} lines a file; whole process, median of "
            f"{self.options.runs} alternating runs.", "",
            "| IDs | tallystick | from gz | unpacking (gzip -dc) | DuckDB / ClickHouse | times as fast | DuckDB, detailed "
            "| times as fast | least C program | times its time |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for kind, row in self.results["imports"].items():
            ours, other, detailed, least = (row.get(who) for who in ("tallystick", "other", "other, detailed", "C"))
            lines.append("| " + " | ".join([
                kind, cell(ours), cell(row.get("tallystick, gz")), cell(row.get("gzip -dc"), memory=False),
                f"{names.get(kind, 'DuckDB')} {cell(other)}",
                ratio(other, ours), cell(detailed), ratio(detailed, ours), cell(least), ratio(ours, least),
            ]) + " |")
        lines += ["", "| step | seconds | per second | peak memory |", "|---|---:|---:|---:|"]
        for name, step in self.results["steps"].items():
            speed = f"{step['count'] / step['seconds']:,.0f}" if step["count"] else "–"
            peak = f"{step['peak'] / 1e6:,.0f} MB" if step["peak"] else "–"
            lines.append(f"| {name} | {step['seconds']:.3f} | {speed} | {peak} |")
        text = "\n".join(lines) + "\n"
        (self.work / "results.md").write_text(text)
        (self.work / "results.json").write_text(json.dumps(self.results, indent=2) + "\n")
        print(text)


def cell(one, memory=True):
    if not one:
        return "–"
    return f"{one['seconds']:.2f} s" + (f", {one['peak'] / 1e6:,.0f} MB" if memory else "")


def ratio(slower, faster):
    return f"{slower['seconds'] / faster['seconds']:.1f}" if slower and faster else "–"


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    def first(path, key):
        with open(path) as file:
            return next((line.split(":", 1)[1].strip() for line in file if line.startswith(key)), "unknown")

    versions = [line.strip().replace("==", " ") for line in (HERE / "requirements.txt").read_text().splitlines()]
    system = first_line_value("/etc/os-release", "PRETTY_NAME")
    return dict(processor=first("/proc/cpuinfo", "model name"), cores=os.cpu_count(),
                memory=f"{int(first('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
                system=f"{system}, Linux {os.uname().release}", versions=", ".join(versions))


def first_line_value(path, key):
    with open(path) as file:
        return next((line.split("=", 1)[1].strip().strip('"') for line in file if line.startswith(key + "=")), "Linux")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=10_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--tallystick", type=pathlib.Path, required=True)
    parser.add_argument("--only", action="append", choices=list(KINDS), help="an ID kind; may be repeated")
    parser.add_argument("--without-tallystick", dest="with_ours", action="store_false")
    options = parser.parse_args()
    if options.with_ours and not os.access(options.tallystick, os.X_OK):
        raise SystemExit(f"{options.tallystick} is not there; build it with: swift build -c release")

    comparison = Comparison(options)
    comparison.prepare()
    if options.with_ours:
        comparison.prepare_ours()
    else:
        comparison.inbound.mkdir(exist_ok=True)
    for kind in options.only or KINDS:
        comparison.compare_imports(kind)
    if options.with_ours:
        comparison.measure_steps()
    comparison.report()


if __name__ == "__main__":
    main()
