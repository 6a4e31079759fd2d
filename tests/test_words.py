"""No word for the user goes past the translator, as far as the source can tell."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WINDOW = sorted(
    path
    for room in ("app", "widgets")
    for path in (ROOT / room).rglob("*.py")
    if "cli" not in path.parts
)
# What only developers reach, from the command line alone, stays English: they read papers in it.
FOR_DEVELOPERS = {"datasets", "evaluation", "training"}
ENGINE = sorted(
    path
    for path in (ROOT / "engine").rglob("*.py")
    if not FOR_DEVELOPERS & set(path.relative_to(ROOT).parts)
)
# For developers and for bug reports, which their readers want in English; names of fonts.
TOOLS = {
    "__main__",
    "benchmarks",
    "bug_report",
    "catalogues",
    "frame_benchmark",
    "program_benchmark",
    "sound_benchmark",
    "start_up_probe",
    "switch_benchmark",
    "theme",
    "tour",
    "virtual_desktop",
}
TRANSLATORS = {"tr", "ntr"}
# Kept in English; who shows them translates them.
REMARKS = {"Remark", "Counted"}
# What these are given is read by people; the numbers say which arguments.
SHOWN: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("describe", "announce"), (1, 2)),
    **dict.fromkeys(("setText", "setToolTip", "setWindowTitle", "setPlaceholderText"), (0,)),
    **dict.fromkeys(("setAccessibleName", "setAccessibleDescription"), (0,)),
    **dict.fromkeys(("setInformativeText", "setLabelText", "setTitle", "setStatusTip"), (0,)),
    **dict.fromkeys(("addRow", "addMenu", "addAction", "addItem", "addTab"), (0,)),
    **dict.fromkeys(("QLabel", "QPushButton", "QRadioButton", "QCheckBox", "QAction"), (0,)),
    **dict.fromkeys(("label", "Edit", "StatusItem", "run_in_thread", "submit"), (0,)),
    **dict.fromkeys(("notice", "warn"), (0, 1)),
    "button": (0, 2, 3),
    "SnapPoint": (1,),
    "PresetView": (1, 2),
}
NAMED = {"name", "description", "text", "words", "hint", "short_text"}
# These end in the log, or in the hands of whoever wrote the code.
UNSEEN = re.compile(r"(Value|Type|Key|Assertion|Runtime|Lookup|Timeout|OS)Error|debug|info|warning")
LOGGED = {"exception", "error", "compile", "getLogger", "property", "setProperty", "cast"}
SQL = re.compile(r"\s*(\{\} )?(ALTER|BEGIN|CREATE|DELETE|INSERT|PRAGMA|SELECT|UPDATE|WHERE) ")
SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")
# Names, codes, what stands in files for others, and words for logs and errors of damaged files.
NOT_FOR_EYES = {
    ", {} to {} of the track, handles {} s before and {} s after",
    "; begins {} s before the film, stamped at its start",
    "added track",
    "DaVinci Resolve",
    "engine process {} is killed by the window",
    "file of other listeners",
    "file to compare with",
    "Frame rate",
    "Instagram Reels",
    "listening tests",
    "number of a restore",
    "placed music",
    "Premiere Pro",
    "regions of {}",
    "source code",
    "the default sound device",
    "to keep",
    "to see",
    "Track in (s)",
    "Track out (s)",
    "Under dialogue",
    "who listens to the document must not change it",
    "YouTube Shorts",
}
# The same of the engine: parts of what libraries say, what cards and the library keep, names of
# variants of networks, the log, and the help of the engine process.
NOT_FOR_EYES |= {
    "a cut of high frequencies",
    "a tuple must be a list",
    "Apple GPU",
    "can't allocate memory",
    "Conformer blocks",
    "disk is full",
    "HyperACE mask estimators",
    "inherited end of the pipe",
    "linear attention",
    "LoRA adapters that are not merged",
    "made by Reprise",
    "Mamba blocks",
    "Mel-band RoFormer",
    "module:function that loads it",
    "no final norm",
    "no picture",
    "not enough memory",
    "nothing heard from the window for {} s",
    "nothing new",
    "out of memory",
    "PoPE positions",
    "PoPE positions (PolarFormer)",
    "The engine process of Reprise.",
    "the user's own file",
    "the window did not greet",
    "unable to open",
    "value residual learning",
    "WeightsUnpickler error:",
    "{} does not travel in messages",
}


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def text_of(node: ast.AST) -> str | None:
    """A literal text; what is filled into it is a pair of braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "{}" for part in node.values)
    return None


def literals(node: ast.AST) -> Iterator[str]:
    """Texts within an expression that nobody translates; not those of comparisons and keys."""
    if isinstance(node, ast.Call) and name_of(node) in TRANSLATORS | REMARKS:
        return
    text = text_of(node)
    if text is not None:
        yield text
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        yield from (text for part in ast.iter_child_nodes(node) for text in literals(part))


def shown(tree: ast.AST) -> Iterator[str]:
    """What is given to something that shows it."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = name_of(call)
        is_error = name.endswith("Error") and UNSEEN.fullmatch(name) is None
        places = (0, 1) if is_error else SHOWN.get(name, ())
        given = [argument for index, argument in enumerate(call.args) if index in places]
        given += [key.value for key in call.keywords if places and key.arg in NAMED]
        for argument in given:
            yield from literals(argument)


def sentences(node: ast.AST) -> Iterator[str]:
    """Texts of several words anywhere; not docstrings, logs, annotations, regular expressions."""
    if isinstance(node, ast.Call) and name_of(node) in TRANSLATORS | REMARKS | LOGGED:
        return
    if isinstance(node, ast.Call) and UNSEEN.fullmatch(name_of(node)):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.keyword) and node.arg == "merge_key":
        return
    text = text_of(node)
    if text is not None:
        yield text
        return
    for part in ast.iter_child_nodes(node):
        yield from sentences(part)


def is_for_eyes(text: str) -> bool:
    """Words; not codes of one small word, places of files, formats, units or pieces of HTML."""
    if text in NOT_FOR_EYES or SQL.match(text) or "<" in text or "$" in text or "%s" in text:
        return False
    bare = re.sub(r"\b(Reprise|ABX|LUFS|dBTP?|TP|OST|BGM|SHA|kHz|Hz|[kMG]B|min|ms)\b", "", text)
    return re.search(r"[^\W\d_]{2}", bare.replace("{}", "")) is not None


def untranslated(tree: ast.AST) -> list[str]:
    """What people would read in English, whatever they speak."""
    found = [text for text in shown(tree) if is_for_eyes(text)]
    return found + [t for t in sentences(tree) if SENTENCE.search(t) and is_for_eyes(t)]


@pytest.mark.parametrize("path", WINDOW, ids=lambda path: path.stem)
def test_every_text_goes_through_the_translator(path: Path) -> None:
    if path.stem not in TOOLS:
        assert untranslated(ast.parse(path.read_text("utf-8"))) == []


def test_every_text_of_the_engine_goes_through_the_translator_or_is_a_remark() -> None:
    found = {path.stem: untranslated(ast.parse(path.read_text("utf-8"))) for path in ENGINE}
    assert {stem: texts for stem, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("code", "is_seen"),
    [
        ('raise LibraryError(f"{path} is damaged", tr("fetch it again"))', True),
        ('raise LibraryError(tr("{path} is damaged", path=path), "fetch it again")', True),
        ('problem = "the folder is gone"', True),
        ('warnings.append(f"{name} was left out")', True),
        ('raise LibraryError(tr("{path} is damaged", path=path))', False),
        ('GONE = Remark("{folder} is gone")', False),
        ('raise ValueError("no such folder")', False),
        ('rows("SELECT path FROM folder")', False),
    ],
)
def test_what_nobody_translates_is_seen(code: str, *, is_seen: bool) -> None:
    assert bool(untranslated(ast.parse(code))) is is_seen


def test_remarks_stand_in_one_place() -> None:
    # Whoever shows one looks for its pattern there.
    holders = {
        path.stem
        for path in ENGINE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and name_of(node) in REMARKS
    }
    assert holders == {"remarks"}


def words_at_once(path: Path) -> bool:
    """Whether a module reads words while it is loaded."""
    body: list[ast.AST] = list(ast.parse(path.read_text("utf-8")).body)
    while body:
        node = body.pop()
        if isinstance(node, ast.Call) and name_of(node) in TRANSLATORS:
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            body += ast.iter_child_nodes(node)
    return False


def test_the_engine_reads_words_when_it_says_them() -> None:
    # Much of it is loaded before the language is known, and by programs that speak English.
    assert [path for path in (ROOT / "engine").rglob("*.py") if words_at_once(path)] == []
