"""The command line: `python -m fastact`."""

import argparse
from pathlib import Path

import fastact


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m fastact", description=fastact.__doc__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    demo = commands.add_parser("demo", help="check every function against NumPy and time both (the default)")
    demo.add_argument("--size", type=positive_int, default=65536, help="elements in each array (default: %(default)s)")
    accuracy = commands.add_parser("accuracy", help="measure every function's error against its definition in mpmath")
    bench = commands.add_parser("bench", help="compare the speed of every function with NumPy and other libraries")
    commands.add_parser("info", help="show version, precision, instruction set, compiler and threads")
    add_accuracy_arguments(accuracy)
    add_bench_arguments(bench)
    chosen = parser.parse_args(arguments)
    if chosen.command == "info":
        fastact.show_config()
        return 0
    if chosen.command == "accuracy":
        try:
            import mpmath  # noqa: F401
        except ImportError:
            raise SystemExit("python -m fastact accuracy needs mpmath: pip install fastact[accuracy]") from None
        from fastact._verify.accuracy import command

        return command.run(chosen)
    if chosen.command == "bench":
        for name in ("matplotlib", "tqdm"):  # needed only after the measurements
            try:
                __import__(name)
            except ImportError:
                raise SystemExit(f"python -m fastact bench needs {name}: pip install fastact[bench]") from None
        from fastact._verify.bench import command

        return command.run(chosen)
    from fastact._verify import demo

    return demo.run(getattr(chosen, "size", 65536))


def add_accuracy_arguments(parser):
    parser.add_argument("names", nargs="*", metavar="name", help="functions to measure (default: all)")
    parser.add_argument("--exhaustive", action="store_true", help="all 2^32 float32 inputs instead of every 4099th")
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help="store results there, and reuse those of earlier runs"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the results as a Markdown page")
    parser.add_argument(
        "--float64-points",
        type=positive_int,
        metavar="N",
        help="default: 2000, with --exhaustive 20000; a tenth for all but the first setting of the parameters",
    )
    parser.add_argument(
        "--processes", type=positive_int, metavar="N", help="default: the number of threads that fastact uses"
    )


def add_bench_arguments(parser):
    parser.add_argument("--quick", action="store_true", help="fewer sizes and rounds; takes three minutes")
    parser.add_argument(
        "--curves",
        action="store_true",
        help="measure functions along an axis at every width and elementwise functions at every size instead; takes "
        "hours, so choose some with --only",
    )
    parser.add_argument(
        "--runs", type=positive_int, default=1, metavar="N", help="repeat the measurements and compare the runs"
    )
    parser.add_argument(
        "--only", metavar="REGEX", help="measure only what matches, such as '^softmax ' or 'strided 2 threads'"
    )
    parser.add_argument(
        "--sizes", type=positive_int, nargs="+", metavar="N", help="sizes of the arrays for elementwise functions"
    )
    parser.add_argument("--threads", type=positive_int, nargs="+", metavar="N", help="default: 1 and 2")
    parser.add_argument("--peers", nargs="+", metavar="LIBRARY", help="default: all that are installed")
    parser.add_argument(
        "--folder", type=Path, default="benchmarks", help="folder for times, page and pictures (default: %(default)s)"
    )
    parser.add_argument(
        "--from", dest="earlier", type=Path, metavar="FOLDER", help="show the results of an earlier run"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the page there, and its pictures to a folder next to it"
    )


def positive_int(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
