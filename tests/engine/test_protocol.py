"""What goes through the pipe comes out equal, and nothing else gets in."""

import pickle
import string
from pathlib import Path
from types import UnionType
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import errors
from engine.errors import EngineError, EngineProcessError
from engine.protocol import (
    PROTOCOL_VERSION,
    Failed,
    FromEngine,
    Hello,
    Message,
    Payload,
    Submit,
    Succeeded,
    ToEngine,
    check_version,
    decode_from_engine,
    decode_to_engine,
    encode,
    known_error,
    pack,
    unpack,
)
from engine.types import (
    Audio,
    AudioRef,
    BeatsRequest,
    BeatsResult,
    BgmMatch,
    Decision,
    IdentifyRequest,
    IdentifyResult,
    PictureCutsRequest,
    PictureCutsResult,
    Region,
    RestoreRequest,
    RestoreResult,
    SpeechEditRequest,
    SpeechParams,
    SpeechRequest,
    SpeechResult,
    StageReport,
    StemName,
)
from engine.urgency import Urgency

paths = st.one_of(
    st.text(string.ascii_letters + "äß漢 .-", min_size=1).map(Path),
    # Names that are not valid UTF-8, as old disks have them.
    st.binary(min_size=1, max_size=8)
    .filter(lambda name: b"\0" not in name)
    .map(lambda name: Path(name.decode("utf-8", "surrogateescape"))),
)
speech_params = st.builds(
    SpeechParams, onset=st.floats(0.5, 1), offset=st.floats(0, 0.5), pad_s=st.floats(0, 1)
)
requests = st.builds(
    RestoreRequest,
    video=paths,
    bgm=st.lists(paths, max_size=3).map(tuple),
    libraries=st.lists(paths, max_size=2).map(tuple),
    models=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
    speech=speech_params,
)
numbers = st.floats(allow_nan=False)
counts = st.integers(0, 2**63 - 1)
regions = st.builds(Region, numbers, numbers)
matches = st.builds(BgmMatch, paths, *[numbers] * 6)
decisions = st.builds(Decision, st.sampled_from(["first", "second"]), confidence=numbers)
stages = st.builds(StageReport, st.text(max_size=9), st.none() | st.text(max_size=9), numbers)
refs = st.builds(AudioRef, st.text(max_size=9), counts, counts, counts)
stems = st.dictionaries(st.sampled_from(StemName), refs)
two_musics = st.fixed_dictionaries(dict.fromkeys((StemName.MUSIC1, StemName.MUSIC2), refs))


def results_with(
    stems: st.SearchStrategy[dict[StemName, AudioRef]],
    decisions: st.SearchStrategy[Decision | None],
) -> st.SearchStrategy[RestoreResult]:
    return st.builds(
        RestoreResult,
        video=paths,
        stems=stems,
        bgm=st.lists(matches, max_size=2).map(tuple),
        decision=decisions,
        speech=st.lists(regions, max_size=2).map(tuple),
        stages=st.lists(stages, max_size=2).map(tuple),
    )


results = results_with(stems, st.none()) | results_with(two_musics, decisions)


def messages(union: UnionType) -> st.SearchStrategy[Message]:
    """Any message of a union but those with a payload."""
    plain = {"job_id": counts, "version": counts, "pid": counts, "done": numbers, "total": numbers}
    types: list[type[Message]] = [t for t in get_args(union) if t not in (Submit, Succeeded)]
    return st.one_of(
        [
            st.builds(t, **{name: s for name, s in plain.items() if name in t.__struct_fields__})
            for t in types
        ]
    )


other_requests = st.one_of(
    st.builds(IdentifyRequest, paths),
    st.builds(PictureCutsRequest, paths),
    st.builds(BeatsRequest, paths),
    st.builds(SpeechRequest, paths),
    st.builds(SpeechEditRequest, results, st.lists(regions, max_size=3).map(tuple)),
)
times_s = st.lists(st.floats(0, 1e6), max_size=9).map(tuple)
cuts = st.builds(PictureCutsResult, paths, times_s)
beats = st.builds(BeatsResult, paths, times_s, st.floats(0, 999))
spoken = st.builds(SpeechResult, paths, st.lists(regions, max_size=9).map(tuple))
identified = st.builds(IdentifyResult, paths, st.lists(matches, max_size=2).map(tuple))


@given(requests | other_requests, st.sampled_from(Urgency))
def test_a_request_arrives_as_it_was_sent(request: object, urgency: Urgency) -> None:
    arrived = decode_to_engine(encode(Submit(7, urgency, pack(request))))
    assert isinstance(arrived, Submit)
    assert arrived.urgency is urgency
    assert unpack(arrived.request) == request


@given(results)
def test_a_result_arrives_as_it_was_sent(result: RestoreResult) -> None:
    arrived = decode_from_engine(encode(Succeeded(7, pack(result))))
    assert isinstance(arrived, Succeeded)
    back = unpack(arrived.result)
    assert back == result
    assert isinstance(back, RestoreResult)
    assert all(isinstance(name, StemName) for name in back.stems)


@given(identified | cuts | beats | spoken)
def test_what_was_found_arrives_as_it_was_sent(
    result: IdentifyResult | PictureCutsResult | BeatsResult | SpeechResult,
) -> None:
    arrived = decode_from_engine(encode(Succeeded(7, pack(result))))
    assert isinstance(arrived, Succeeded)
    assert unpack(arrived.result) == result


@given(messages(ToEngine))
def test_messages_to_the_engine_arrive(message: Message) -> None:
    assert decode_to_engine(encode(message)) == message


@given(messages(FromEngine))
def test_messages_from_the_engine_arrive(message: Message) -> None:
    assert decode_from_engine(encode(message)) == message


@given(st.one_of(st.binary(), st.recursive(st.none(), st.lists).map(msgspec.msgpack.encode)))
def test_noise_is_refused_and_never_anything_worse(data: bytes) -> None:
    for decode in (decode_to_engine, decode_from_engine):
        with pytest.raises(EngineProcessError):
            decode(data)


@pytest.mark.parametrize(
    "payload",
    [
        Payload("os.system", msgspec.Raw(msgspec.msgpack.encode("true"))),
        Payload("SpeechParams", msgspec.Raw(msgspec.msgpack.encode({}))),
        Payload("RestoreRequest", msgspec.Raw(pickle.dumps(Path("x")))),
        Payload("RestoreRequest", msgspec.Raw(msgspec.msgpack.encode({"video": "no bytes"}))),
        Payload(
            "RestoreRequest",
            msgspec.Raw(msgspec.msgpack.encode({"video": b"x", "speech": {"onset": 7.0}})),
        ),
    ],
    ids=["unknown", "not a request", "pickle", "wrong type", "impossible value"],
)
def test_a_payload_outside_the_table_is_refused(payload: Payload) -> None:
    with pytest.raises(EngineProcessError):
        unpack(payload)


@pytest.mark.parametrize("value", [Audio, "text", {"video": "x"}, SpeechParams()])
def test_only_requests_and_results_can_be_packed(value: object) -> None:
    with pytest.raises(TypeError, match="no request and no result"):
        pack(value)


@pytest.mark.parametrize(
    "error_type",
    [t for t in vars(errors).values() if isinstance(t, type) and issubclass(t, EngineError)],
)
def test_a_known_error_comes_back_as_its_own_class(error_type: type[EngineError]) -> None:
    error = known_error(Failed(1, error_type.code, "what", "do"))
    assert type(error) is error_type
    assert (error.message, error.hint) == ("what", "do")


def test_an_unknown_code_is_still_an_error_with_its_words() -> None:
    error = known_error(Failed(1, "from_the_future", "what", "do"))
    assert type(error) is EngineError
    assert error.message == "what"


def test_a_greeting_of_any_version_is_understood() -> None:
    future = {"type": "hello", "version": PROTOCOL_VERSION + 1, "pid": 1, "colour": "blue"}
    hello = decode_from_engine(msgspec.msgpack.encode(future))
    assert isinstance(hello, Hello)
    with pytest.raises(EngineProcessError, match=f"version {PROTOCOL_VERSION + 1}"):
        check_version(hello)
    check_version(Hello(PROTOCOL_VERSION, 1))
