"""
Run the tests on a build that watches memory, undefined behaviour or threads: any error fails.

    python tools/sanitizers.py address                         AddressSanitizer and UBSan, the whole suite
    python tools/sanitizers.py thread                          ThreadSanitizer, the tests of threads
    python tools/sanitizers.py valgrind                        memcheck, a few calls of every function
    python tools/sanitizers.py address -m tools.fuzz           what follows is given to Python instead
    python tools/sanitizers.py thread -m pytest tests/threads/test_threads.py
    python tools/sanitizers.py --folder ~/address address      keep the build there, for the next time

The sources are copied to a temporary folder and built there, which takes three minutes on two cores. FASTACT_ISA is the
instruction set that runs; valgrind knows none beyond AVX2. Needed are the packages of the tests, clang with its runtime
libraries and libomp (on Debian: clang libomp-dev), and valgrind.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "*.so", "*.egg-info", "__pycache__", "_build", "benchmarks")

FLAGS = {
    # Without `function`: the drivers call kernels of float** and double** as functions of void**.
    "address": "-fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all -fno-sanitize=function",
    # It sees nothing of what is loaded or stored by more than 16 bytes at a time.
    "thread": "-fsanitize=thread -fno-vectorize -fno-slp-vectorize",
    "valgrind": "",
}
# ThreadSanitizer knows no threads in a forked process, so test_fork.py is not one of them.
THREAD_TESTS = (
    *("threads/test_threads.py", "threads/test_python_threads.py", "threads/test_interpreter_lock.py"),
    *("threads/test_free_threading.py", "threads/test_same_bits.py", "rows/test_bits.py", "rows/test_options.py"),
    "losses/test_cross_entropy.py",
)
VALGRIND = ("valgrind", "-q", "--error-exitcode=1", f"--suppressions={CHECKOUT / 'tools' / 'valgrind.supp'}")
# A Python with the sanitizer in it: preloaded into another one, that of threads does not start.
PROGRAM = """
#include <Python.h>
int main(int count, char **words) { return Py_BytesMain(count, words); }
"""


def build(folder, kind):
    """Copy the checkout to the folder, build it there, and return the command of a Python to run it with."""
    shutil.copytree(CHECKOUT, folder, ignore=LEFT_OUT, dirs_exist_ok=True)
    compiler = {**os.environ, "CFLAGS": f"-g -fno-omit-frame-pointer {FLAGS[kind]}"}
    if kind != "valgrind":
        compiler |= {"CC": "clang", "LDSHARED": "clang -shared"}
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    subprocess.run(command, cwd=folder, env=compiler, check=True)
    return sys.executable if kind == "valgrind" else build_python(folder / "python", FLAGS[kind])


def build_python(folder, flags):
    """Build a Python with these flags that finds the packages of this one."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    where = sysconfig.get_config_vars()
    library = f"-L{where['LIBDIR']} -L{where['LIBPL']} -Wl,-rpath,{where['LIBDIR']} -lpython{where['LDVERSION']}"
    command = f"clang -x c - -o {python} -rdynamic {flags} -I{sysconfig.get_path('include')} {library} {where['LIBS']}"
    subprocess.run([*command.split(), "-lm"], input=PROGRAM, text=True, check=True)
    for name in ("lib", "pyvenv.cfg"):
        (folder / name).unlink(missing_ok=True)
        if (Path(sys.prefix) / name).exists():
            (folder / name).symlink_to(Path(sys.prefix) / name)
    return python


def environment(kind, folder):
    """Return what the runtime libraries are told."""
    libomp = Path(output("clang", "-print-resource-dir")).parent.parent if kind == "thread" else None
    told = {
        # without leaks: Python leaves much behind at its end, and tests/package/test_leaks.py is about these
        "address": {"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1"},
        # without archer the barriers of OpenMP are unknown, and every parallel loop is a race
        "thread": {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1", "OMP_TOOL_LIBRARIES": f"{libomp}/libarcher.so"},
        "valgrind": {"PYTHONMALLOC": "malloc", "FASTACT_ISA": os.environ.get("FASTACT_ISA", "avx2")},
    }
    return {**os.environ, "PYTHONPATH": str(folder), **told[kind]}


def what_to_run(kind):
    if kind == "valgrind":
        return ["-m", "tools.every_call"]
    tests = [f"tests/{name}" for name in THREAD_TESTS] if kind == "thread" else ["tests"]
    # In one process, whose output pytest does not keep: the last words of one that is ended are wanted.
    return ["-m", "pytest", "--numprocesses=0", "--capture=sys", *tests]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("kind", choices=FLAGS)
    parser.add_argument("words", nargs=argparse.REMAINDER, help="what Python is to run there")
    parser.add_argument("--folder", type=Path, help="where to build (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        prefix = VALGRIND if options.kind == "valgrind" else ()
        command = [*prefix, build(folder, options.kind), *(options.words or what_to_run(options.kind))]
        sys.exit(subprocess.run(command, cwd=folder, env=environment(options.kind, folder)).returncode)


if __name__ == "__main__":
    main()
