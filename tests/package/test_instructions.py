"""No module holds an instruction beyond those that the dispatcher has asked the processor for: disassembled whole."""

import importlib.util
import os
import platform
import sys
from pathlib import Path

import pytest

from fastact._core import dispatch

pytestmark = pytest.mark.configuration

if platform.machine().lower() not in ("x86_64", "amd64") or not sys.platform.startswith("linux"):
    pytest.skip("reads ELF files of x86-64", allow_module_level=True)
elffile = pytest.importorskip("elftools.elf.elffile", reason="needs pyelftools")
iced_x86 = pytest.importorskip("iced_x86", reason="needs iced-x86")

EXECUTABLE = 4  # a section's flag SHF_EXECINSTR
# What every x86-64 has. The marks of indirect branch tracking are nothing to a processor that lacks it.
ALWAYS = {"INTEL8086", "INTEL186", "INTEL386", "INTEL486", "X64", "CMOV", "CPUID", "SSE", "SSE2"}
ALWAYS |= {"MULTIBYTENOP", "CET_IBT"}
# What fastact_cpu_level() asks for at each level beyond the one below: the disassembler's name for it, and Linux's.
ASKED = {
    1: {
        **{"SSE3": "pni", "SSSE3": "ssse3", "SSE4_1": "sse4_1", "SSE4_2": "sse4_2", "POPCNT": "popcnt"},
        **{"CMPXCHG16B": "cx16", "AVX": "avx", "AVX2": "avx2", "FMA": "fma", "F16C": "f16c"},
    },
    2: {
        **{"MOVBE": "movbe", "BMI1": "bmi1", "BMI2": "bmi2", "LZCNT": "abm"},
        **{"AVX512F": "avx512f", "AVX512BW": "avx512bw", "AVX512CD": "avx512cd", "AVX512DQ": "avx512dq"},
        **{"AVX512VL": "avx512vl"},
    },
}
# Every module and the level from which on it is loaded.
MODULES = {
    "_core.runtime": 0,
    "_core.callables": 0,
    "_verify.accuracy.judge": 0,
    **{f"_core.kernels.{part}_{name}": level for name, level in dispatch.LEVELS.items() for part in dispatch.PARTS},
}
# The question which registers the system saves is itself asked only where a bit of CPUID allows it.
ASKED_INSIDE = {"_core.runtime": {"XSAVE"}}
NAMES = {number: name for name, number in vars(iced_x86.CpuidFeature).items() if isinstance(number, int)}


def allowed(level):
    return ALWAYS.union(*(ASKED[lower] for lower in range(1, level + 1)))


def features_used(code, address=0):
    """Return what the instructions in `code` need of the processor, with the first instruction that needs it."""
    first = {}
    instruction = iced_x86.Instruction()
    decoder = iced_x86.Decoder(64, code, ip=address)
    while decoder.can_decode:
        decoder.decode_out(instruction)
        first.setdefault(instruction.code, (decoder.ip - instruction.len, str(instruction)))
    used = {}
    for kind, (place, text) in first.items():
        needs = iced_x86.Instruction.create(kind).cpuid_features() if kind else []
        for name in [NAMES[number] for number in needs] or ["no instruction"]:
            used.setdefault(name, f"{place:#x}: {text}")
    return used


def executable_sections(path):
    with open(path, "rb") as file:
        for section in elffile.ELFFile(file).iter_sections():
            if section["sh_flags"] & EXECUTABLE:
                yield section.data(), section["sh_addr"]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_no_instruction_that_the_dispatcher_does_not_check_for(module):
    found = importlib.util.find_spec(f"fastact.{module}")
    if found is None:
        pytest.skip("not built")
    sections = list(executable_sections(found.origin))
    assert sum(len(code) for code, _ in sections) > 10_000
    may = allowed(MODULES[module]) | ASKED_INSIDE.get(module, set())
    beyond = {}
    for section in sections:
        beyond |= {name: first for name, first in features_used(*section).items() if name not in may}
    assert not beyond


@pytest.mark.skipif("FASTACT_COVERAGE" in os.environ, reason="built with too little optimisation to be vectorised")
@pytest.mark.parametrize("module", ["avx2", "avx512"])
@pytest.mark.parametrize("part", dispatch.PARTS)
def test_the_instructions_that_a_module_is_for_are_found_in_it(part, module):
    found = importlib.util.find_spec(f"fastact._core.kernels.{part}_{module}")
    if found is None:
        pytest.skip("not built")
    used = set().union(*(features_used(*section) for section in executable_sections(found.origin)))
    assert used >= {"avx2": {"AVX", "AVX2", "FMA"}, "avx512": {"AVX512F", "AVX512BW", "AVX512DQ", "AVX512VL"}}[module]


@pytest.mark.parametrize(
    ("code", "feature", "level"),
    [
        ("0f58c1", "SSE", 0),  # addps xmm0, xmm1
        ("660f3800c1", "SSSE3", 1),  # pshufb in its old coding
        ("f30fb8c1", "POPCNT", 1),
        ("c5f458c2", "AVX", 1),  # vaddps ymm0, ymm1, ymm2
        ("c4e271a8c2", "FMA", 1),
        ("c4e27913c1", "F16C", 1),
        ("f30fbcc1", "BMI1", 2),  # tzcnt
        ("c4e271f7c2", "BMI2", 2),  # shlx
        ("f30fbdc1", "LZCNT", 2),
        ("0f38f001", "MOVBE", 2),
        ("c5fb92c1", "AVX512BW", 2),  # kmovd k0, ecx
        ("62e1740058c2", "AVX512VL", 2),  # vaddps xmm16, xmm17, xmm2
        ("62f1744858c2", "AVX512F", 2),  # vaddps zmm0, zmm1, zmm2
        ("62f2754850c2", "AVX512_VNNI", None),
        ("c4e27550c2", "AVX_VNNI", None),
        ("62f275488dc2", "AVX512_VBMI", None),
        ("62f2f548b4c2", "AVX512_IFMA", None),
        ("62f2764852c2", "AVX512_BF16", None),
        ("62f5744858c2", "AVX512_FP16", None),
        ("62f27548dcc2", "VAES", None),
        ("660f3aced001", "GFNI", None),
        ("06", "no instruction", None),  # a byte that begins none
    ],
)
def test_an_instruction_is_allowed_from_the_level_on_that_asks_for_it(code, feature, level):
    used = features_used(bytes.fromhex("90" + code + "90"))  # between two nops
    assert feature in used
    for asked in (0, 1, 2):
        assert (used.keys() <= allowed(asked)) == (level is not None and level <= asked)


def test_the_level_is_the_highest_of_which_linux_reports_all_features():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = set(next(line for line in lines if line.startswith("flags")).partition(":")[2].split())
    level = 0
    while level + 1 in ASKED and set(ASKED[level + 1].values()) <= flags:
        level += 1
    assert dispatch.runtime.cpu_level() == level
