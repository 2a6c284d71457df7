#!/usr/bin/env python3
"""Prints the functions that a program calls, in the order of their first calls, as
packaging/linker.py reads them. The demo's own are left out.

    functions.py PROGRAM KEYS [ARGUMENT]...

PROGRAM is not stripped. KEYS is what a person types at its terminal of 120x40: words, half a second
apart, with `\\r`, `\\x1b`, `\\x20` and the like for keys; a number is a pause in seconds.
A breakpoint stands at the beginning of each function until it is reached, so the program runs at
nearly its own speed. What the program starts of itself is followed too. For Linux on x86_64.
"""
import ctypes
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time

# Nothing is left beside the sources.
sys.dont_write_bytecode = True
from linker import plain  # noqa: E402

# Requests and events of ptrace(2).
TRACEME, CONT, GETREGS, SETREGS, SETOPTIONS, GETEVENTMSG = 0, 7, 12, 13, 0x4200, 0x4201
FORK, VFORK, CLONE, EXEC = 1, 2, 3, 4
OPTIONS = 0x100000 | sum(1 << event for event in (FORK, VFORK, CLONE, EXEC))
# The place of the instruction pointer among the registers.
RIP = 16
# waitpid(2): for threads as well.
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def functions_of(program):
    """The names of functions by their addresses in the file."""
    lines = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout
    found = (line.split() for line in lines.splitlines())
    return {int(line[0], 16): line[3] for line in found if len(line) == 4 and line[2] in "tTwW"}


class Tracer:
    def __init__(self, program):
        self.program = os.path.realpath(program)
        self.functions = functions_of(program)
        self.called = {}
        self.first_bytes = {}
        self.bases = {}

    def enter(self, pid):
        """Puts a breakpoint at each function, if the process runs the program."""
        self.bases[pid] = None
        if os.path.realpath(f"/proc/{pid}/exe") != self.program:
            return
        with open(f"/proc/{pid}/maps") as maps:
            mapped = next(line for line in maps if line.rstrip().endswith(self.program))
        base = int(mapped.split("-")[0], 16)
        self.bases[pid] = base
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            for at, name in self.functions.items():
                memory.seek(base + at)
                self.first_bytes.setdefault(at, memory.read(1))
                if name not in self.called:
                    memory.seek(base + at)
                    memory.write(b"\xcc")

    def reached(self, pid):
        """Takes the breakpoint away that the process stands on; false if there is none."""
        registers = (ctypes.c_ulonglong * 27)()
        libc.ptrace(GETREGS, pid, None, ctypes.byref(registers))
        group = group_of(pid)
        base = self.bases.get(group)
        at = registers[RIP] - 1 - base if base is not None else None
        if at not in self.functions:
            return False
        self.called.setdefault(self.functions[at])
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(base + at)
            memory.write(self.first_bytes[at])
        registers[RIP] -= 1
        libc.ptrace(SETREGS, pid, None, ctypes.byref(registers))
        return True

    def follow(self, main):
        """Until the main process has ended."""
        os.waitpid(main, 0)
        libc.ptrace(SETOPTIONS, main, None, OPTIONS)
        self.enter(main)
        libc.ptrace(CONT, main, None, None)
        while True:
            pid, status = os.waitpid(-1, WALL)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                if pid == main:
                    return
                continue
            sent = os.WSTOPSIG(status)
            event = status >> 16
            if event == EXEC:
                self.enter(pid)
            elif event:
                new = ctypes.c_ulong()
                libc.ptrace(GETEVENTMSG, pid, None, ctypes.byref(new))
                # A copy of a process has its breakpoints, and is at the same place.
                self.bases.setdefault(new.value, self.bases.get(group_of(pid)))
            if event or sent == signal.SIGSTOP or (sent == signal.SIGTRAP and self.reached(pid)):
                sent = 0
            libc.ptrace(CONT, pid, None, sent)


def group_of(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("Tgid:"))


def type_keys(terminal, keys):
    """Types, in a process of its own, and reads what comes so that the program never waits."""
    if os.fork():
        return
    os.set_blocking(terminal, False)
    for word in keys:
        until = time.monotonic() + (int(word) if word.isdigit() else 0.5)
        if not word.isdigit():
            os.write(terminal, word.encode().decode("unicode_escape").encode())
        while time.monotonic() < until:
            try:
                os.read(terminal, 1 << 16)
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                os._exit(0)
    os._exit(0)


def main():
    program, keys, *arguments = sys.argv[1:]
    tracer = Tracer(program)
    pid, terminal = pty.fork()
    if not pid:
        libc.ptrace(TRACEME, 0, None, None)
        os.execv(program, [program, *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    type_keys(terminal, keys.split())
    tracer.follow(pid)
    shown = dict.fromkeys(plain(tracer.called))
    print("\n".join(name for name in shown if "codling::demo" not in name))


if __name__ == "__main__":
    main()
