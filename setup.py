"""The table of instruction sets, for each of which the kernels are compiled, and the probe for OpenMP."""

import copy
import gc
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import Cython
import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

# Never -ffast-math or a part of it: NaN and the compensated arithmetic depend on IEEE rules.
# -ffp-contract=off because every fused multiply-add is written out: results must not depend on the compiler.
# -g0 because Debian's Python asks for debug information, which takes nearly half of the time and most of the wheel.
# -Wno-unused-function because no kernel takes some of the specialisations of the functions with fused types.
COMPILE = ["-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-g0", "-Wno-unused-function"]
# Only loops over numbers gain from vectorisation; the judge of accuracy waits for the functions that it judges.
LOOPS, CALLS, JUDGE = ["-O3"], ["-O2"], ["-O1"]
# For tools/kernel_coverage.py, which asks gcov for the lines of Cython's sources.
COVERAGE = ["-O1", "--coverage"] if os.environ.get("FASTACT_COVERAGE") else []

# A feature that these flags allow must be one that fastact_cpu_level() in fastact/_core/runtime.h checks.
INSTRUCTION_SETS = {
    "avx512": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
    "avx2": ["-mavx2", "-mfma", "-mf16c"],
    "baseline": [],
}
# The kernels must not call functions: the compiler's own judgement ends once a module has grown large.
ALWAYS_INLINE = ("CYTHON_INLINE", "inline __attribute__((always_inline, unused))")
# gcc vectorises a loop if it can tell with few comparisons that no output overlaps another operand: a kernel of seven
# operands needs more of them than it allows by itself.
MORE_OPERANDS = ["--param=vect-max-version-for-alias-checks=30"]
# Kernels compute whole numbers of vectors: no second loop of shorter vectors is needed for what is left.
WHOLE_VECTORS = ["--param=vect-epilogues-nomask=0"]
# For some hundred bytes gcc uses `rep stos`, which takes longer to start than to clear them.
SHORT_MEMORY = ["-mmemset-strategy=vector_loop:1024:noalign,libcall:-1:noalign"]

OPENMP_CANDIDATES = [
    (["-fopenmp"], ["-fopenmp"]),
    (["-Xpreprocessor", "-fopenmp"], ["-lomp"]),  # Apple's clang with Homebrew's libomp
]
OPENMP_PROGRAM = "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n"


def builds(program, compile_flags, link_flags=(), run=False):
    """Whether the compiler takes these flags: a small program compiles and links, and runs if asked."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    flags = (os.environ.get("CFLAGS") or sysconfig.get_config_var("CFLAGS") or "").split()
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "probe.c"), os.path.join(folder, "probe")
        with open(source, "w") as file:
            file.write(program)
        try:
            command = [*compiler, *flags, *compile_flags, source, "-o", result, *link_flags]
            subprocess.run(command, check=True, capture_output=True)
            if run:
                subprocess.run([result], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return False
    return True


def accepted(flags):
    """The flags, if the compiler takes them without a warning; else none."""
    return flags if builds("int main(void) { return 0; }", [*flags, "-Werror"]) else []


def openmp_flags():
    """The first flags with which a program that uses OpenMP builds and runs; none if there are none."""
    for compile_flags, link_flags in OPENMP_CANDIDATES:
        if builds(OPENMP_PROGRAM, compile_flags, link_flags, run=True):
            return compile_flags, link_flags
    print("fastact: this compiler has no OpenMP; the kernels will run on one thread", file=sys.stderr)
    return [], []


def instruction_sets():
    """The instruction sets to build: FASTACT_BUILD_ISA, else all that this compiler can; the baseline off x86-64."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return ["baseline"]
    wanted = os.environ.get("FASTACT_BUILD_ISA", "").split() or list(INSTRUCTION_SETS)
    if unknown := set(wanted) - INSTRUCTION_SETS.keys():
        raise SystemExit(
            f"FASTACT_BUILD_ISA names {', '.join(sorted(unknown))}; known are {', '.join(INSTRUCTION_SETS)}"
        )
    chosen = [name for name in wanted if builds("int main(void) { return 0; }", INSTRUCTION_SETS[name])]
    for name in set(wanted) - set(chosen):
        print(f"fastact: this compiler cannot build for {name}, which is left out", file=sys.stderr)
    return chosen


class build_in_parallel(build_ext):
    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        if self.compiler.compiler_type == "msvc":
            raise SystemExit("fastact needs gcc or clang: the kernels use their flags and builtins")
        super().build_extensions()

    def build_extension(self, extension):
        # Several modules are made of one C file, so each has a separate folder for its object file.
        own = copy.copy(self)
        own.build_temp = os.path.join(self.build_temp, extension.name)
        present, wanted = self.get_ext_filename(extension.name), self.get_ext_fullpath(extension.name)
        flags = Path("build") / "flags" / f"{extension.name}.txt"
        signature = repr([self.compiler.compiler_so, extension.extra_compile_args, extension.define_macros])
        same = flags.exists() and flags.read_text() == signature
        if same and not self.force and not newer_group([*extension.sources, *extension.depends], present, "newer"):
            # pip builds in the checkout once more for each `pip install -e`, elsewhere
            if os.path.abspath(present) != os.path.abspath(wanted):
                self.mkpath(os.path.dirname(wanted))
                self.copy_file(present, wanted)
            return
        own.force = True
        build_ext.build_extension(own, extension)
        flags.parent.mkdir(parents=True, exist_ok=True)
        flags.write_text(signature)


def in_c(modules):
    """
    The extensions with C files as their sources, translated by Cython unless that has been done.

    Cython would do it again in each build environment of pip, where NumPy's declarations are new; so the versions of
    both are noted, and only the project's own sources are compared with that note.
    """
    folder = Path("build") / "cython"
    note = folder / "versions.txt"
    versions = f"Cython {Cython.__version__}, NumPy {numpy.__version__}, {' '.join(COVERAGE)}"
    sources = [Path("setup.py"), *Path("fastact").rglob("*.p[yx][xdi]")]
    newest = max(path.stat().st_mtime for path in sources)
    if note.exists() and note.read_text() == versions and note.stat().st_mtime > newest:
        for module in modules:
            module.sources = [str((folder / source).with_suffix(".c")) for source in module.sources]
        return modules
    gc.disable()  # a fifth of Cython's time: it makes millions of objects and drops few
    translated = cythonize(
        modules,
        build_dir=str(folder),
        nthreads=os.cpu_count() or 1,
        emit_linenums=bool(COVERAGE),
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "freethreading_compatible": True,
        },
    )
    gc.enable()
    note.write_text(versions)
    return translated


def extensions():
    openmp_compile, openmp_link = ([], []) if os.environ.get("FASTACT_NO_OPENMP") else openmp_flags()
    optional = accepted(MORE_OPERANDS)

    def extension(name, *flags, macros=()):
        return Extension(
            f"fastact.{name}",
            [f"fastact/{name.replace('.', '/')}.pyx"],
            extra_compile_args=[*COMPILE, *optional, *openmp_compile, *flags, *COVERAGE],
            extra_link_args=[*openmp_link, *COVERAGE],
            include_dirs=[numpy.get_include(), "fastact/_core"],
            depends=["fastact/_core/runtime.h", "fastact/_core/sharing.h", "setup.py"],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"), *macros],
        )

    def for_instruction_set(kernels, name):
        """The extension of a module of kernels that is compiled for this instruction set, from the same C file."""
        part = kernels.name.rpartition(".")[2]
        own = copy.copy(kernels)
        own.name = f"{kernels.name}_{name}"
        own.extra_compile_args = [*kernels.extra_compile_args, *INSTRUCTION_SETS[name]]
        own.define_macros = [*kernels.define_macros, (f"PyInit_{part}", f"PyInit_{part}_{name}")]
        return own

    kernels = [
        extension(
            f"_core.kernels.{part}", *LOOPS, *accepted(WHOLE_VECTORS), *accepted(SHORT_MEMORY), macros=[ALWAYS_INLINE]
        )
        for part in ("rows", "elementwise")
    ]
    others = [
        extension("_verify.accuracy.judge", *JUDGE),
        extension("_core.callables", *CALLS),
        extension("_core.sums", *CALLS),
        extension("_core.runtime", *CALLS),
    ]
    translated = in_c([*kernels, *others])
    sets = instruction_sets()
    # the longest first, so that no CPU is idle at the end
    return [
        *(for_instruction_set(part, name) for part in translated[: len(kernels)] for name in sets),
        *translated[len(kernels) :],
    ]


if __name__ == "__main__":  # and not in the processes that Cython starts
    setup(
        options={"editable_wheel": {"mode": "compat"}},
        ext_modules=extensions(),
        cmdclass={"build_ext": build_in_parallel},
    )
