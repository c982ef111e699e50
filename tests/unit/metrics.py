# SPDX-License-Identifier: GPL-2.0-only
"""What ttlog stat tells Prometheus: each number, of a device whose answers are told, and
of snapshots that the shipped helper has written."""
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from refuse import PRELOAD, USER, with_device
from snapfile import HELPERS, Tap

tap = Tap()
OTHER, USAGE, NOT_LOADED, FOLDER, FULL = 1, 2, 3, 5, 6
STAT, TTLOGD = (os.path.join(USER, "ttlog"), "stat"), os.path.join(USER, "ttlogd")
CHANNELS = "keep", "flow", "probe", "klog"
CAUSES = ("filtered", "sampled", "limited", "too_large", "faulted", "held", "no_ring",
          "missed")
LEVELS = "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"
USUAL = "oops", "panic", "reset", "probe", "level", "timer", "exit", "request"
BY_REASON = {
    "snapshots_total": "counter", "snapshot_triggers_total": "counter",
    "snapshot_bytes_total": "counter", "snapshot_last_timestamp_seconds": "gauge",
    "snapshot_last_size_bytes": "gauge", "snapshot_last_duration_seconds": "gauge",
}
TYPES = {
    "module_info": "gauge", "uptime_seconds": "gauge", "helper_attached": "gauge",
    "level_recorded": "gauge", "services": "gauge", "services_limit": "gauge",
    "memory_bytes": "gauge", "ring_bytes": "gauge", "ring_span_seconds": "gauge",
    "ring_filled_bytes_total": "counter", "events_offered_total": "counter",
    "events_written_total": "counter", "events_lost_total": "counter",
    "events_demoted_total": "counter", "events_overwritten_total": "counter",
    "filter_events_lost_total": "counter", **BY_REASON, "snapshot_failures_total": "counter",
    "snapshot_failures_in_a_row": "gauge", "snapshot_missed_events_total": "counter",
}
SAMPLE = re.compile(r'(ttlog_[a-z_]+(?:\{[a-z]+="[^"\\\n]*"(?:,[a-z]+="[^"\\\n]*")*\})?) '
                    r"(\d+(?:\.\d+)?)")


def parse(text):
    """The samples, as text by name with labels; and the types. Each family is in one
    piece, behind its HELP and TYPE, and no sample is there twice."""
    samples, types, helped, current = {}, {}, None, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped = re.fullmatch(r"# HELP ttlog_([a-z_]+) [A-Z][^\\]*\.|"
                                  r"# HELP ttlog_([a-z_]+) [A-Z][^\\]*[a-z]", line)
            helped = helped[1] or helped[2]
        elif line.startswith("# TYPE "):
            current, kind = re.fullmatch(r"# TYPE ttlog_([a-z_]+) (counter|gauge)",
                                         line).groups()
            assert current == helped and current not in types, line
            types[current] = kind
        else:
            name, value = SAMPLE.fullmatch(line).groups()
            assert name.split("{")[0] == "ttlog_" + current, line
            assert name not in samples, line
            samples[name] = value
    assert text.endswith("\n")
    return samples, types


def put(to, name, value, **labels):
    text = ",".join(f'{key}="{label}"' for key, label in labels.items())
    to[f"ttlog_{name}{{{text}}}" if text else f"ttlog_{name}"] = value


def channels(to, name, *values):
    for channel, value in zip(CHANNELS, values):
        put(to, name, value, channel=channel)


def expected(files=(), failed=("0", "0"), missed=("0",) * 4):
    """All samples, of the device as it is told below."""
    to = {}
    put(to, "module_info", "1", abi="1.4", layout="2")
    put(to, "uptime_seconds", "3.000000000")
    put(to, "helper_attached", "1")
    for level in LEVELS:
        put(to, "level_recorded", "1" if level != "debug" else "0", level=level)
    put(to, "services", "1")
    put(to, "services_limit", "256")
    put(to, "memory_bytes", "65536")
    channels(to, "ring_bytes", "0", "65536", "0", "0")
    put(to, "ring_span_seconds", "0.000000000", channel="flow")
    # Eight blocks were filled, and 664 bytes of another.
    channels(to, "ring_filled_bytes_total", "0", str(8 * 8192 + 664), "0", "0")
    channels(to, "events_offered_total", "904", "904", "0", "0")
    channels(to, "events_written_total", "900", "900", "0", "0")
    for channel in CHANNELS:
        for cause in CAUSES:
            put(to, "events_lost_total",
                "4" if cause == "filtered" and channel in ("keep", "flow") else "0",
                channel=channel, cause=cause)
    put(to, "events_demoted_total", "14")
    channels(to, "events_overwritten_total", "0", "245", "0", "0")
    for cause in CAUSES[:3]:
        put(to, "filter_events_lost_total", "0", service="", cause=cause)
    files = {**{(reason, reason): ("0", "0", "0", "0.000", "0", "0.000000000")
                for reason in USUAL}, **dict(files)}
    for i, name in enumerate(BY_REASON):
        for (trigger, reason), values in files.items():
            put(to, name, values[i], trigger=trigger, reason=reason)
    put(to, "snapshot_failures_total", failed[0])
    put(to, "snapshot_failures_in_a_row", failed[1])
    channels(to, "snapshot_missed_events_total", *missed)
    return to


def difference(got, wanted):
    return {name: (got.get(name), wanted.get(name)) for name in got | wanted
            if got.get(name) != wanted.get(name)}


class Fake:
    """A device with a ring, and the folder of a helper."""

    def __init__(self, top):
        self.top = top
        self.ring = os.path.join(top, "ring")
        self.runtime = os.path.join(top, "run")
        os.mkdir(self.runtime)
        self.fill(self.ring, 1000)
        os.environ["RUNTIME_DIRECTORY"] = self.runtime

    def path(self, name):
        return os.path.join(self.top, name)

    @staticmethod
    def fill(path, events):
        with open(path, "wb") as file:
            subprocess.run([os.path.join(HELPERS, "ringmake"), str(events)], stdout=file,
                           check=True)

    def run(self, command, fake="", **env):
        return with_device(command, fake + " written=900 demoted=7 helper=1 levels=127",
                           FAKE_RING=self.ring, **env)

    def stat(self, *args, fake="", **env):
        return self.run((*STAT, *args), fake, **env)

    def counts(self, text):
        with open(os.path.join(self.runtime, "counts"), "w", encoding="ascii") as file:
            file.write(text)


COUNTS = """\
ttlog counts 1
failed 3 1
overwritten 1 2 3 4
files timer timer 100 100 123456 1764481235123 4567 41000000
files request (other) 5 5 50 1764481235003 10 18446744073709551615
files request oops 1 1 10 1764481235000 10 7
files oops oops 2 5 300 5 200 1000000000
"""
FILES = {
    ("timer", "timer"): ("100", "100", "123456", "1764481235.123", "4567", "0.041000000"),
    ("request", "(other)"): ("5", "5", "50", "1764481235.003", "10",
                             "18446744073.709551615"),
    ("request", "oops"): ("1", "1", "10", "1764481235.000", "10", "0.000000007"),
    ("oops", "oops"): ("2", "5", "300", "0.005", "200", "1.000000000"),
}


def prometheus(fake):
    got = fake.stat("--prometheus")
    samples, types = parse(got.stdout)
    tap.same((got.returncode, got.stderr, difference(samples, expected())), (0, "", {}),
             "each sample, where no helper has written anything")
    tap.same(types, TYPES, "with these types")
    tap.ok(all(name.endswith("_total") == (kind == "counter")
               for name, kind in types.items()), "counters, and only these, are totals")
    tap.ok('# HELP ttlog_events_written_total Events that got into a ring.\n'
           '# TYPE ttlog_events_written_total counter\n'
           'ttlog_events_written_total{channel="keep"} 900\n' in got.stdout,
           "in this form")
    fake.counts(COUNTS)
    got = fake.stat("--prometheus")
    tap.same((got.returncode, got.stderr, difference(
        parse(got.stdout)[0], expected(FILES, ("3", "1"), ("1", "2", "3", "4")))),
             (0, "", {}), "each sample, where helpers have")
    path = os.path.join(fake.runtime, "counts")
    fake.counts(COUNTS + "\n")
    got = fake.stat("--prometheus")
    tap.same((got.returncode, got.stderr, difference(parse(got.stdout)[0], expected())),
             (OTHER, f"ttlog: {path} isn't as helpers write it, and is left out\n", {}),
             "a file that isn't theirs is left out, and that is said")
    os.unlink(path)
    os.symlink("nothing", path)
    got = fake.stat("--prometheus")
    tap.same((got.returncode, got.stderr, difference(parse(got.stdout)[0], expected())),
             (OTHER, f"ttlog: cannot read {path}, which is left out: Too many levels of "
              "symbolic links\n", {}), "so is one that can't be read")
    os.unlink(path)
    got = fake.stat("--prometheus", fake=f"LEDGER={errno.EIO}")
    tap.same((got.returncode, got.stdout), (OTHER, ""), "no part where rings can't be read")


def filters(fake):
    """Of each service that has one what it left out; nothing of a module that has none."""
    kept = {"FAKE_FILTERS": fake.path("filters")}
    fake.run((*STAT[:1], "sample", "-s", "nginx", "5"), **kept)
    fake.run((*STAT[:1], "level", "-s", "db", "err"), **kept)
    samples = parse(fake.stat("--prometheus", fake="left_out=7", **kept).stdout)[0]
    wanted = expected()
    for service, left in ("nginx", "7 14 21"), ("db", "0 0 0"):
        for cause, value in zip(CAUSES, left.split()):
            put(wanted, "filter_events_lost_total", value, service=service, cause=cause)
    tap.same(difference(samples, wanted), {}, "each filter has its samples")
    got = fake.stat("--prometheus", fake=f"FILTER={errno.ENOTTY}")
    samples, types = parse(got.stdout)
    wanted = {name: value for name, value in expected().items() if "filter_" not in name}
    tap.same((got.returncode, got.stderr, difference(samples, wanted),
              set(TYPES) - set(types)), (0, "", {}, {"filter_events_lost_total"}),
             "an older module has none")
    for name, doing in ("FILTER", "filters"), ("SHARE", "share of keep"):
        for form in "--prometheus", "--json":
            got = fake.stat(form, fake=f"{name}={errno.EIO}")
            tap.same((got.returncode, got.stdout, got.stderr),
                     (OTHER, "", f"ttlog: /dev/ttlog: cannot read the {doing}: Input/output "
                      "error\n"), f"{form} where the {doing} can't be read")


def helpers(fake):
    """What the shipped one counts."""
    out = fake.path("out")
    os.mkdir(out)
    begun = time.time()
    fake.run((TTLOGD, "-o", out, "-t", "0"), "trigger=1 then=3 stop=1")
    sizes = {}
    for name in os.listdir(out):
        sizes[name.split("-")[3][:-len(".bin")]] = os.path.getsize(os.path.join(out, name))
    tap.same(sorted(sizes), ["exit", "then", "why"], "three files")
    samples = parse(fake.stat("--prometheus").stdout)[0]
    files = {}
    for trigger, reason in ("oops", "why"), ("level", "then"), ("exit", "exit"):
        labels = f'{{trigger="{trigger}",reason="{reason}"}}'
        last = samples[f"ttlog_snapshot_last_timestamp_seconds{labels}"]
        lasted = samples[f"ttlog_snapshot_last_duration_seconds{labels}"]
        tap.ok(begun - 1 <= float(last) <= time.time() + 1, f"{reason} was written now")
        size = str(sizes[reason])
        files[trigger, reason] = "1", "1", size, last, size, lasted
    # Of 1,003 events 245 are overwritten: no timer has them.
    tap.same(difference(samples, expected(files, missed=("0", "245", "0", "0"))), {},
             "are counted")
    fake.run((TTLOGD, "-o", "/proc", "-t", "0"), "trigger=1 stop=1")
    samples = parse(fake.stat("--prometheus").stdout)[0]
    tap.same([samples["ttlog_snapshot_failures_" + name] for name in ("total", "in_a_row")],
             ["4", "4"], "and so is each that failed")
    fake.run((TTLOGD, "-o", out, "--once"), "trigger=1")
    samples = parse(fake.stat("--prometheus").stdout)[0]
    tap.same([samples["ttlog_snapshot_failures_" + name] for name in ("total", "in_a_row")] +
             [samples['ttlog_snapshots_total{trigger="oops",reason="why"}']],
             ["4", "0", "2"], "another helper goes on with the same counts")
    shutil.rmtree(fake.runtime)
    os.mkdir(fake.runtime)


def textfile(fake):
    folder = fake.path("node exporter")
    os.mkdir(folder)
    path = os.path.join(folder, "ttlog.prom")
    fake.counts(COUNTS)
    whole = fake.stat("--prometheus").stdout
    for old in False, True:
        mask = os.umask(0o077)
        got = fake.stat(f"--textfile={path}")
        os.umask(mask)
        with open(path, encoding="ascii") as file:
            text = file.read()
        tap.same((got.returncode, got.stdout, got.stderr, text == whole,
                  os.stat(path).st_mode & 0o777, os.listdir(folder)),
                 (0, "", "", True, 0o644, ["ttlog.prom"]),
                 "a file, instead of an old one" if old else "a file")
        with open(path, "w", encoding="ascii") as file:
            file.write("old")
    trace = fake.path("trace")
    for inject, status, message in (
            ("rename:error=EIO", OTHER, "Input/output error"),
            ("fchmod:error=EROFS", FOLDER, "Read-only file system"),
            ("write:error=ENOSPC:when=1", FULL, "No space left on device"),
            ("write:error=ENOSPC:when=2", FULL, "No space left on device")):
        got = subprocess.run(
            ["strace", "-o", trace, "-E", "LD_PRELOAD=" + os.path.join(PRELOAD, "device.so"),
             "-E", "FAKE_DEVICE=", "-e", "inject=" + inject, *STAT, "--textfile", path],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        tap.same((got.returncode, got.stderr, os.listdir(folder)),
                 (status, f"ttlog: cannot write {path}: {message}\n", ["ttlog.prom"]),
                 f"{inject}: no other file is left")
    with open(trace, encoding="ascii") as file:
        made = re.findall(r'"([^"]*)", O_RDWR\|O_CREAT\|O_EXCL', file.read())
    tap.ok(len(made) == 1 and os.path.dirname(made[0]) == folder and
           not made[0].endswith(".prom"), "it was beside, under a name that nobody looks for")
    got = fake.stat("--textfile", path, fake=f"OPEN={errno.ENOENT}")
    with open(path, encoding="ascii") as file:
        tap.same((got.returncode, file.read()), (NOT_LOADED, "old"),
                 "without a device the old file stays")
    got = fake.stat("--textfile", path, fake=f"LEDGER={errno.EIO}")
    with open(path, encoding="ascii") as file:
        tap.same((got.returncode, file.read(), os.listdir(folder)),
                 (OTHER, "old", ["ttlog.prom"]), "and where rings can't be read")
    fake.counts("x")
    got = fake.stat("--textfile", path)
    with open(path, encoding="ascii") as file:
        tap.same((got.returncode, difference(parse(file.read())[0], expected())),
                 (OTHER, {}), "what is known is written, and the status says that it isn't all")
    bad = fake.path("none/ttlog.prom")
    got = fake.stat("--textfile", bad)
    tap.same((got.returncode, got.stderr.splitlines()[-1]),
             (FOLDER, f"ttlog: cannot write {bad}: No such file or directory"),
             "a folder that is missing")
    fake.counts(COUNTS)


def usage(fake):
    for args, message in (
            (("--textfile", "a.txt"), "textfile 'a.txt': a file whose name ends in .prom is "
             "accepted, as node_exporter reads no other"),
            (("--textfile", "/a/.prom"), "textfile '/a/.prom': a file whose name"),
            (("--textfile", ".prom"), "textfile '.prom': a file whose name"),
            (("--sizing=86401",), "sizing '86401': 0 to 86400 seconds are accepted"),
            (("--sizing=1s",), "sizing '1s': 0 to 86400 seconds are accepted"),
            (("--sizing=-1",), "sizing '-1': 0 to 86400 seconds are accepted"),
            (("--sizing", "--span=0"), "span '0': 1 to 31536000 seconds are accepted"),
            (("--sizing", "--span=31536001"), "span '31536001': 1 to 31536000 seconds"),
            (("--span=5",), "--span is accepted with --sizing only"),
            (("--json", "--prometheus"), "of --json, --prometheus, --textfile and --sizing "
             "one is accepted"),
            (("--sizing", "--textfile=a.prom"), "of --json, --prometheus")):
        got = fake.stat(*args)
        tap.same((got.returncode, got.stdout, message in got.stderr), (USAGE, "", True),
                 f"{' '.join(args)}: {message}")


MEASURED = """\
measured  8.0 s; of each channel the CPU that fills its ring fastest
shortest  flow of CPU 0

CHANNEL  CPU   EVENTS/S      BYTES/S BYTES/EVENT HOLDS BYTES     SECONDS
flow       0      112.5       8180.0        72.7       49152         6.0

seconds that are held at least with the module's parameter memory:
MEMORY         keep        flow       probe        klog SHORTEST
16M            idle      1074.6        idle        idle flow
64M            idle      4298.3        idle        idle flow
256M           idle     17195.2        idle        idle flow
1G             idle     68778.8        idle        idle flow

parameters with which all of that time is held:
SECONDS PARAMETERS
60      memory=1M
600     memory=9M
3600    memory=54M
"""
IDLE = """\
measured  0.0 s; of each channel the CPU that fills its ring fastest
shortest  none, as nothing was written

CHANNEL  CPU   EVENTS/S      BYTES/S BYTES/EVENT HOLDS BYTES     SECONDS
flow       0        0.0          0.0           -       49152        idle
"""


def sizing(fake):
    """The arithmetic is tested by sizing.c."""
    later, ring = fake.path("later"), fake.ring
    fake.fill(later, 1000)
    fake.ring = fake.path("before")
    fake.fill(fake.ring, 0)
    got = fake.stat("--sizing=1", fake="later=8", FAKE_LATER=later)
    tap.same((got.returncode, got.stderr, got.stdout), (0, "", MEASURED),
             "what is measured, and how long which memory holds it")
    fake.fill(fake.ring, 0)
    got = fake.stat("--sizing=1", fake="later=8 cpus=2", FAKE_LATER=later)
    tap.same(got.stdout.splitlines()[:2], MEASURED.splitlines()[:2],
             "of rings that were filled as fast it is the first")
    shares = fake.path("root/sys/module/ttlog/parameters")
    os.makedirs(shares)
    for keep, probe in ("50", "(null)"), ("91", "x"):
        for name, share in ("keep_share", keep), ("probe_share", probe):
            with open(os.path.join(shares, name), "w", encoding="ascii") as file:
                file.write(share + "\n")
        fake.fill(fake.ring, 0)
        got = fake.stat("--sizing=1", "--span=600", fake="later=8", FAKE_LATER=later,
                        FAKE_ROOT=fake.path("root"))
        tap.same(got.stdout.splitlines()[-1], "600     memory=%s" %
                 ("16M" if keep == "50" else "9M"), f"with keep_share={keep}")
    for span, memory in ("600", "memory=1M klog_size=5504K"), \
            ("60", "memory=1M klog_size=576K"), ("10", "memory=1M"), \
            ("31536000", "memory=1M, and klog_size=1G isn't enough"):
        fake.fill(fake.ring, 0)
        got = fake.stat("--sizing=1", "--span", span, fake="later=8 channels=4 only=3",
                        FAKE_LATER=later)
        tap.same((got.stdout.splitlines()[1], got.stdout.splitlines()[-1]),
                 ("shortest  klog of CPU 0", f"{span:<7} {memory}"),
                 f"the kernel's log for {span} s")
    fake.fill(fake.ring, 0)
    got = fake.stat("--sizing=1", fake="written=0")
    tap.same((got.returncode, got.stdout.split("\n\nseconds")[0] + "\n"), (0, IDLE),
             "nothing is written")
    fake.ring = ring
    got = fake.stat("--sizing=0", "--span=31536000", fake="abi_minor=1")
    tap.same(got.stdout.splitlines()[-1], "31536000 memory=2G isn't enough",
             "since the load, and more than there may be")
    got = fake.stat("--sizing=0", fake=f"RING={errno.EIO}")
    tap.same((got.returncode, got.stdout), (OTHER, ""), "rings that can't be read")


def main():
    with tempfile.TemporaryDirectory() as top:
        fake = Fake(top)
        prometheus(fake)
        filters(fake)
        helpers(fake)
        textfile(fake)
        usage(fake)
        sizing(fake)
    tap.done()


main()
