# SPDX-License-Identifier: GPL-2.0-only
"""Print the figures of tools/bench/run: KERNEL GUEST NATIVE DURABLE JSON."""
import json
import statistics
import sys

WHAT = {
    "no_ring_64": "fill an event of 64 B, no ring",
    "record_64": "record an event of 64 B",
    "read": "read it",
    "merge_encode": "merge and encode it",
    "lz4": "compress it",
    "cbor": "its size in CBOR",
    "file": "its size in the file",
}


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [line.split() for line in lines]


def print_hits(hits):
    print("\nA probe's hit, instructions beyond the call (getppid)")
    print("  (entry: by ftrace; inside: a jump behind the entry)")
    print(f"  {'':<26}{'entry':>8}{'inside':>8}{'return':>8}")
    for name, cost in sorted(hits.items(), key=lambda item: item[1]["ftrace"]):
        row = [cost.get(where, "") for where in
               ("ftrace", "optimised", "return")]
        print(f"  {name:<26}" + "".join(f"{value:>8}" for value in row))


def durable_figures(path):
    rounds = [[int(word) for word in words] for words in read(path)]
    return {
        "ratio": round(statistics.median(row[0] / row[1] for row in rounds), 2),
        "ms": round(statistics.median(row[0] for row in rounds) / 1000),
        "lz4_ms": round(statistics.median(row[1] for row in rounds) / 1000),
        "cbor_bytes": rounds[-1][2],
        "file_bytes": rounds[-1][3],
    }


def main():
    kernel, guest, native, durable, out = sys.argv[1:]
    calls, hits = {}, {}
    for name, *rest in read(guest):
        if name == "probe":
            hits.setdefault(rest[0], {})[rest[1]] = int(rest[2])
        else:
            calls.setdefault(name, {})[rest[0]] = int(rest[1])
    bare = hits.pop("bare")["-"]
    for cost in hits.values():
        for where in cost:
            cost[where] -= bare
    parts = {name: {"value": float(value), "unit": unit}
             for name, value, unit in read(native)}

    print(f"\nGuest instructions a call, {kernel}, both runs the same")
    print(f"  {'':<26}{'64 B':>8}{'200 B':>8}{'a byte':>8}")
    for name, cost in sorted(calls.items(), key=lambda item: item[1]["64"]):
        slope = (cost["200"] - cost["64"]) / 136
        print(f"  {name:<26}{cost['64']:>8}{cost['200']:>8}{slope:>8.2f}")
    print_hits(hits)
    print()
    print("In user space on this machine, an event (best of 9 rounds)")
    for name, part in parts.items():
        print(f"  {WHAT[name]:<34}{part['value']:>8.1f} {part['unit']}")

    saved = durable_figures(durable)
    print("\nFull rings of four CPUs, from the trigger to the file, in a guest")
    print(f"  {saved['ms']} ms for {saved['cbor_bytes']} bytes of CBOR, "
          f"{saved['file_bytes']} in the file; lz4 -1 on the same bytes "
          f"{saved['lz4_ms']} ms: {saved['ratio']} times that")

    with open(out, "w", encoding="utf-8") as file:
        json.dump({"kernel": kernel, "instructions": calls, "hits": hits,
                   "native": parts, "durable": saved}, file, indent=1)
        file.write("\n")
    with open(out, encoding="utf-8") as file:
        print(f"\n{file.read()}\nThe same in {out}")


main()
