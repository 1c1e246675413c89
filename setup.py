"""The table of instruction sets, each an extension module of its own, and the probe for OpenMP."""

import os
import platform
import subprocess
import sys
import sysconfig
import tempfile

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Never -ffast-math or a part of it: NaN and the compensated arithmetic depend on IEEE rules.
# -ffp-contract=off because every fused multiply-add is written out: results must not depend on the compiler.
COMPILE = ["-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"]
# For tools/kernel_coverage.py, which asks gcov for the lines of Cython's sources.
COVERAGE = ["-O1", "--coverage"] if os.environ.get("FASTACT_COVERAGE") else []

# A feature that these flags allow must be one that fastact_cpu_level() in fastact/_runtime.h asks for.
INSTRUCTION_SETS = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
}
# The kernels must not call functions: the compiler's own judgement ends once a module has grown large.
ALWAYS_INLINE = ("CYTHON_INLINE", "inline __attribute__((always_inline, unused))")
# gcc vectorises a loop if it can tell with few comparisons that no output overlaps another operand: a kernel of seven
# operands needs more of them than it allows by itself.
MORE_OPERANDS = ["--param=vect-max-version-for-alias-checks=30"]

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


def openmp_flags():
    """The first flags with which a program that uses OpenMP builds and runs; none if there are none."""
    for compile_flags, link_flags in OPENMP_CANDIDATES:
        if builds(OPENMP_PROGRAM, compile_flags, link_flags, run=True):
            return compile_flags, link_flags
    print("fastact: this compiler has no OpenMP; the kernels will run on one thread", file=sys.stderr)
    return [], []


def instruction_sets():
    """The instruction sets that this compiler can build: elsewhere than on x86-64 the baseline alone."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return ["baseline"]
    chosen = [name for name, flags in INSTRUCTION_SETS.items() if builds("int main(void) { return 0; }", flags)]
    for name in INSTRUCTION_SETS.keys() - chosen:
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


def extensions():
    openmp_compile, openmp_link = ([], []) if os.environ.get("FASTACT_NO_OPENMP") else openmp_flags()
    optional = MORE_OPERANDS if builds("int main(void) { return 0; }", [*MORE_OPERANDS, "-Werror"]) else []

    def extension(name, flags, macros=()):
        return Extension(
            f"fastact.{name}",
            [f"fastact/{name.replace('.', '/')}.pyx"],
            extra_compile_args=COMPILE + optional + openmp_compile + flags + COVERAGE,
            extra_link_args=openmp_link + COVERAGE,
            include_dirs=[numpy.get_include(), "fastact"],
            depends=["fastact/_runtime.h"],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"), *macros],
        )

    modules = [extension(name, []) for name in ("_runtime", "_defaults", "_judge")]
    modules += [extension(f"kernels.{name}", INSTRUCTION_SETS[name], [ALWAYS_INLINE]) for name in instruction_sets()]
    return cythonize(
        modules,
        build_dir="build/cython",
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


setup(
    options={"editable_wheel": {"mode": "compat"}}, ext_modules=extensions(), cmdclass={"build_ext": build_in_parallel}
)
