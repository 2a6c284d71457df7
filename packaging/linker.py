#!/usr/bin/env python3
"""Links a static program with the linker that Rust brings, what is called at its start side by side.

rustc calls this in the place of a linker (`-C linker=`, `-C linker-flavor=ld`). The functions that
packaging/order.txt.gz names stand together at the beginning of the program. The system maps a
program in pieces of 64 KiB, so with them scattered nearly all of it is in memory soon.

Names are compared as people read them and without the hashes of crates, which differ from build to
build. A name that is not there any more is passed over.
"""
import gzip
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

# The beginnings and ends of a program that loads at any address, by those of one that does not.
ANYWHERE = {"crt1.o": "rcrt1.o", "crtbegin.o": "crtbeginS.o", "crtend.o": "crtendS.o"}
ORDER = Path(__file__).with_name("order.txt.gz")
HASH = re.compile(r"\[[0-9a-f]+\]")


def names(path):
    """The symbols of an ELF object of 64 bits, little-endian, as they stand in it."""
    data = path.read_bytes()
    table, size, count = (*struct.unpack_from("<Q", data, 0x28), *struct.unpack_from("<HH", data, 0x3A))
    section = lambda at: struct.unpack_from("<IIQQQQIIQQ", data, table + at * size)
    # A number that does not fit into the header stands in the first section.
    sections = [section(at) for at in range(count or section(0)[5])]
    for _, kind, _, _, start, length, link, _, _, entry in sections:
        if kind != 2:
            continue
        texts = sections[link][4]
        for at in range(start, start + length, entry):
            name, about = struct.unpack_from("<IB", data, at)
            # Functions alone.
            if about & 15 == 2:
                end = data.index(b"\0", texts + name)
                yield data[texts + name : end].decode()


def plain(mangled):
    """Names as people read them, in the same order."""
    shown = subprocess.run(["c++filt"], input="\n".join(mangled), text=True, capture_output=True, check=True)
    return HASH.sub("", shown.stdout).splitlines()


def order(objects):
    """The names of functions in these objects that are to stand first."""
    mangled = sorted({name for path in objects for name in names(path)})
    known = {}
    for name, shown in zip(mangled, plain(mangled)):
        known.setdefault(shown, []).append(name)
    with gzip.open(ORDER, "rt") as wanted:
        found = [known[line] for line in wanted.read().splitlines() if line in known]
    return [name for names_of_one in found for name in names_of_one]


def anywhere(arguments):
    """The same for a program that loads at any address, for which Rust asks on x86_64 alone."""
    if "-pie" in arguments:
        return arguments
    fitting = [ANYWHERE.get(Path(argument).name) for argument in arguments]
    fitted = [str(Path(old).with_name(new)) if new else old for old, new in zip(arguments, fitting)]
    return [*fitted, "-pie", "--no-dynamic-linker", "-z", "text"]


def main():
    arguments = anywhere(sys.argv[1:])
    # Optimized at link time, all of the program is in such objects.
    objects = [Path(argument) for argument in arguments if argument.endswith(".rcgu.o")]
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], text=True, capture_output=True, check=True)
    linkers = Path(sysroot.stdout.strip()).glob("lib/rustlib/*/bin/gcc-ld/ld.lld")
    linker = next(linkers, None)
    if linker is None:
        sys.exit("packaging/linker.py: this toolchain brings no linker (gcc-ld/ld.lld)")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write("\n".join(order(objects)))
        wanted.flush()
        named = [f"--symbol-ordering-file={wanted.name}", "--no-warn-symbol-ordering"]
        # Relocations take 11 kB in this form instead of 890.
        sys.exit(subprocess.run([linker, *arguments, *named, "-z", "pack-relative-relocs"]).returncode)


if __name__ == "__main__":
    main()
