"""Mutants of the recommender: flips one operator or constant at a time and prints those no test kills.

  ./dev mutants                 every file of recommender/
  ./dev mutants sizing rule     these alone

A mutant is killed when it does not compile or a test of tests/recommender fails or does not end.
Those that change nothing anybody could see are in equivalent.txt, each with its reason.
"""
import concurrent.futures
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/mutants"
TESTS = ["recommender_test", "recommender_properties_test"]
SECONDS = 20  # of one test program; unchanged they take three at most

# Binary operators have a space on either side, as clang-format writes them; brackets have none.
SWAPS = [(" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "),
         (" != ", " == "), (" && ", " || "), (" || ", " && "), (" + ", " - "), (" - ", " + "),
         (" * ", " / "), (" / ", " * "), (" += ", " -= "), (" -= ", " += "), ("std::min", "std::max"),
         ("std::max", "std::min"), ("true", "false"), ("false", "true"), ("std::ceil", "std::floor"),
         ("std::floor", "std::ceil")]
NUMBER = re.compile(r"(?<![\w.])\d[\d']*(?:\.\d+)?(?:e-?\d+)?(?![\w.])")


class Mutant:
    def __init__(self, file, number, line, start, old, new):
        self.file, self.number, self.line = file, number, line
        self.start, self.old, self.new = start, old, new

    def mutated(self):
        return self.line[:self.start] + self.new + self.line[self.start + len(self.old):]

    def key(self):
        """Line numbers move; the line's text before and after says which one is meant."""
        return f"{self.file}: {self.line.strip()} => {self.mutated().strip()}"


def code_of(line):
    """The line with its strings and its comment blanked out."""
    blank = re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: '"' + " " * (len(m[0]) - 2) + '"', line)
    comment = blank.find("//")
    return blank if comment < 0 else blank[:comment]


def mutants_of(path):
    for number, line in enumerate(path.read_text().split("\n")):
        code = code_of(line)
        if code.startswith("#") or "static_assert" in code:
            continue
        for old, new in SWAPS:
            for found in re.finditer(r"\b" + old + r"\b" if old[0].isalpha() else re.escape(old), code):
                yield Mutant(path.name, number, line, found.start(), old, new)
        for found in NUMBER.finditer(code):
            text = found[0]
            value = float(text.replace("'", ""))
            whole = value.is_integer() and not re.search("[.e]", text)
            new = str(int(value) + 1) if whole else str(value * 2 or 1.0)
            yield Mutant(path.name, number, line, found.start(), text, new)


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


class Slot:
    """A folder with everything built but the file under change."""

    def __init__(self, name):
        self.folder = WORK / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def survives(self, mutant, flags, objects, libraries):
        source = ROOT / "recommender" / mutant.file
        lines = source.read_text().split("\n")
        lines[mutant.number] = mutant.mutated()
        changed = self.folder / mutant.file
        changed.write_text("\n".join(lines))
        object_file = self.folder / "changed.o"
        if run(["g++", *flags, "-c", str(changed), "-o", str(object_file)]).returncode:
            return False
        rest = [o for o in objects if pathlib.Path(o).stem != source.stem]
        for test in TESTS:
            program = self.folder / test
            parts = [str(object_file), *rest, *(str(o) for o in sorted((WORK / test).glob("*.o")))]
            linked = run(["g++", "-o", str(program), *parts, *libraries])
            if linked.returncode:
                sys.exit("cannot link:\n" + linked.stdout)
            try:
                if run([str(program), "--gtest_brief=1", "--gtest_fail_fast"], timeout=SECONDS).returncode:
                    return False
            except subprocess.TimeoutExpired:
                return False
        return True


def compile_all(flags):
    sources = {WORK / "recommender": sorted((ROOT / "recommender").glob("*.cc"))}
    for test, pattern in zip(TESTS, ["*_test.cc", "properties_test.cc"]):
        found = sorted((ROOT / "tests/recommender").glob(pattern))
        found += [ROOT / "tests/support" / name for name in ("golden.cc", "temp_folder.cc")]
        sources[WORK / test] = [f for f in found if (f.name == "properties_test.cc") == (test == TESTS[1])]
    commands = []
    for folder, files in sources.items():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        define = f'-DCHATSCALE_FIXTURES="{ROOT}/tests/fixtures"'
        commands += [["g++", *flags, define, "-c", str(f), "-o", str(folder / (f.stem + ".o"))] for f in files]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in pool.map(run, commands):
            if done.returncode:
                sys.exit(done.stdout)


def main(names):
    known_names = sorted(f.stem for f in (ROOT / "recommender").glob("*.cc"))
    if unknown := [name for name in names if name not in known_names]:
        sys.exit(f"no recommender/{unknown[0]}.cc; there are: {' '.join(known_names)}")
    packages = ["absl_time", "absl_status", "absl_statusor", "absl_strings", "absl_str_format"]
    libraries = ["-fuse-ld=gold", "-lgmock", "-lgtest", "-lgtest_main", "-pthread",
                 *run(["pkg-config", "--libs", *packages]).stdout.split()]
    flags = ["-std=c++20", "-O0", "-w", "-D_GLIBCXX_ASSERTIONS", f"-I{ROOT}", *run(["pkg-config", "--cflags", *packages]).stdout.split()]
    compile_all(flags)
    objects = [str(o) for o in sorted((WORK / "recommender").glob("*.o"))]
    listed = [line.split(" ## ")[0] for line in (ROOT / "tests/mutants/equivalent.txt").read_text().split("\n")
              if line and not line.startswith("#")]
    mutants = [m for f in sorted((ROOT / "recommender").glob("*.cc")) if not names or f.stem in names
               for m in mutants_of(f)]
    slots = queue.Queue()
    for i in range(os.cpu_count()):
        slots.put(Slot(f"slot{i}"))

    def judge(mutant):
        slot = slots.get()
        try:
            return slot.survives(mutant, flags, objects, libraries)
        finally:
            slots.put(slot)

    survivors = unneeded = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant, survived in zip(mutants, pool.map(judge, mutants)):
            if survived and mutant.key() not in listed:
                survivors += 1
                print(f"recommender/{mutant.file}:{mutant.number + 1}: {mutant.key()}", flush=True)
            if not survived and mutant.key() in listed:
                unneeded += 1
                print(f"killed, though listed as equivalent: {mutant.key()}", flush=True)
    known = {m.key() for m in mutants}
    for key in listed:
        if not names and key not in known:
            unneeded += 1
            print(f"listed as equivalent, and no such mutant: {key}")
    print(f"{len(mutants)} mutants, {survivors} survive, {len(listed)} listed as equivalent")
    return 1 if survivors or unneeded else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
