"""The command line: `python -m fastact`."""

import argparse

import fastact


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m fastact", description=fastact.__doc__)
    commands = parser.add_subparsers(dest="command", metavar="command")
    demo = commands.add_parser("demo", help="check every function against NumPy and time both (the default)")
    demo.add_argument("--size", type=positive_int, default=65536, help="elements in each array (default: %(default)s)")
    commands.add_parser("info", help="show version, precision, instruction set, compiler and threads")
    chosen = parser.parse_args(arguments)
    if chosen.command == "info":
        fastact.show_config()
        return 0
    from fastact import _demo

    return _demo.run(getattr(chosen, "size", 65536))


def positive_int(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


if __name__ == "__main__":
    raise SystemExit(main())
