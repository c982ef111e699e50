# SPDX-License-Identifier: GPL-2.0-only
"""Completion in bash and zsh offers the options and commands that --help prints, all of
them and no others, and what an option takes."""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
# pylint: disable=wrong-import-position
from snapfile import TOP, Tap

tap = Tap()
FOLDER = os.path.join(TOP, ".build/user")
COMPLETIONS = os.path.join(TOP, "tools/completions")
LEVELS = "emerg alert crit err warning notice info debug".split()

# Each takes the words of a command line, the last of which is completed.
BASH = """
. "$COMPLETIONS/ttlog.bash"
complete -p "$1" | grep -q -- '-F _ttlog ' || exit
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_ttlog
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
fpath=($COMPLETIONS $fpath)
autoload -U _ttlog
_arguments() { print -rl -- "$@" }
_describe() { print -rl -- "${(@P)2}" }
[[ " ${$(head -n 1 $COMPLETIONS/_ttlog)#*compdef} " == *" $1 "* ]] || exit
words=("$@") CURRENT=$#
_ttlog
"""


def run(*args, cwd=None):
    env = dict(os.environ, LC_ALL="C", COMPLETIONS=COMPLETIONS,
               PATH=f"{FOLDER}:{os.environ['PATH']}")
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                          cwd=cwd, check=False).stdout.decode()


def bash(*words, cwd=None):
    return run("bash", "--norc", "-c", BASH, "bash", *words, cwd=cwd).split()


def zsh(*words):
    return run("zsh", "-f", "-c", ZSH, "zsh", *words).splitlines()


def commands_of(text):
    found = re.search(r"^Commands:\n((?:  .*\n)+)", text, re.MULTILINE)
    return re.findall(r"^  (\S+)", found[1], re.MULTILINE) if found else []


def options_of(text):
    """{option: what it takes, None: nothing}"""
    options = {}
    for short, name, value in re.findall(
            r"^ {2,6}(?:(-.), )?(--[a-z-]+)(\[?=\S+)?", text, re.MULTILINE):
        options[name] = value or None
        if short and short != "-?":
            options[short] = value or None
    return options


def bash_options(offered):
    return {option.rstrip("=") for option in offered if option.startswith("-")}


def zsh_options(offered):
    """As specs of _arguments: "--name=[text]:kind:action"."""
    return {re.match(r"--?[a-z-]+[a-z]|-\w", spec)[0] for spec in offered
            if re.match(r"--?\w.*\[", spec)}


def compare(*command):
    """Returns how many options there are."""
    text = run(*command, "--help")
    name = " ".join(command)
    options, commands = options_of(text), commands_of(text)
    tap.same(bash_options(bash(*command, "-")), set(options), f"{name}: options in bash")
    tap.same({option for option in bash(*command, "--") if option.endswith("=")},
             {f"{option}=" for option, value in options.items()
              if value and option.startswith("--")}, f"{name}: those that take something")
    tap.same(zsh_options(zsh(*command, "-")), set(options), f"{name}: options in zsh")
    if commands:
        tap.same(set(bash(*command, "")), set(commands), f"{name}: commands in bash")
        tap.same({line.split(":")[0] for line in zsh(*command, "")}, set(commands),
                 f"{name}: commands in zsh")
    return len(options) + sum(compare(*command, each) for each in commands)


def values():
    tap.same(bash("ttlog", "log", "-p", ""), LEVELS, "levels in bash")
    tap.same(bash("ttlog", "log", "--priority", "=", "n"), ["notice"], "after = too")
    tap.same([spec for spec in zsh("ttlog", "log", "-") if spec.startswith("-p")],
             [f"-p+[Level by name or number (info)]:LEVEL:({' '.join(LEVELS)})"],
             "levels in zsh")
    tap.same([spec.rsplit(":", 1)[1] for spec in zsh("ttlogd", "-")
              if spec.startswith(("-o", "--output"))], ["_files -/"] * 2,
             "folders in zsh")
    tap.same(zsh("ttlog", "cat", "")[-1], "*:[FILE|FOLDER...]:_files", "files in zsh")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/x1")
        with open(f"{folder}/x2", "wb"):
            pass
        tap.same(bash("ttlogd", "-o", "x", cwd=folder), ["x1"], "folders in bash")
        tap.same(sorted(bash("ttlog", "cat", "x", cwd=folder)), ["x1", "x2"],
                 "files in bash")
        tap.same(bash("ttlog", "stat", "x", cwd=folder), [], "none where none is taken")
    tap.same(bash("ttlog", "frob", ""), [], "nothing after what is no command")


def main():
    # That much there was when it was written.
    total = compare("ttlog") + compare("ttlog-dump") + compare("ttlogd")
    tap.ok(total >= 70, f"{total} options are compared")
    values()
    tap.done()


main()
