"""Small films with sound: drawn ones, cut to the beats of a piece, and covered copies of others."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import librosa
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame

from engine.datasets.linked_pairs import Score, make_edit
from engine.datasets.processing import SAMPLE_RATE_HZ
from engine.datasets.scenery import drive
from engine.errors import CodecError, NoVideoError
from engine.media.atomic import atomic_output
from engine.media.frames import Pixels
from engine.stages.picture_features import FRAME_RATE_HZ
from engine.types import Samples

_AAC_BIT_S = 192_000


def beats_of(music: Samples) -> Score:
    """Beats and loudness of a piece, (2, num_samples), as an editor hears them."""
    mono = music.mean(0)
    _, beats_s = librosa.beat.beat_track(y=mono, sr=SAMPLE_RATE_HZ, units="time")
    hop = SAMPLE_RATE_HZ // FRAME_RATE_HZ
    frames = mono[: len(mono) // hop * hop].reshape(-1, hop)
    energy = np.log(frames.std(1) + 1e-4)
    return Score(np.asarray(beats_s), (energy - energy.mean()) / (energy.std() + 1e-9))


def draw_film(path: Path, beats: Score, sound: Samples, size: tuple[int, int], seed: int) -> None:
    """Write a film that is cut and moves with the beats.

    Args:
        path: The file.
        beats: Of the music that the film was cut to.
        sound: (2, num_samples) float32 at 44.1 kHz.
        size: Width and height.
        seed: Draws cuts and pictures.
    """
    rng = np.random.default_rng(seed)
    frames = drive(make_edit(beats, beats, rng), size, rng)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        picture = container.add_stream("libx264", FRAME_RATE_HZ, {"crf": "30"})
        picture.width, picture.height = size
        picture.pix_fmt = "yuv420p"
        write_sound = _SoundWriter(container)
        for frame in _picture_frames(frames):
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        write_sound(sound)


def cover_film(source: Path, path: Path, sound: Samples) -> None:
    """Copy the picture of a film as long as a sound lasts, and put the sound under it.

    Args:
        source: The film, never written to.
        path: A Matroska file, which takes any picture.
        sound: (2, num_samples) float32 at 44.1 kHz.

    Raises:
        NoVideoError: The file has no picture.
        CodecError: Its picture cannot be copied.
    """
    end_s = sound.shape[1] / SAMPLE_RATE_HZ
    with av.open(str(source)) as film, atomic_output(path) as part:
        if not film.streams.video:
            raise NoVideoError(f"{source} has no picture", "take a video")
        picture = film.streams.video[0]
        try:
            with av.open(str(part), "w", format="matroska") as container:
                copied = container.add_stream_from_template(picture)
                write_sound = _SoundWriter(container)
                for packet in film.demux(picture):
                    if packet.dts is None or packet.pts is None:
                        continue
                    if float(packet.pts * packet.time_base) < end_s:
                        packet.stream = copied
                        container.mux(packet)
                write_sound(sound)
        except av.FFmpegError as error:
            raise CodecError(f"the picture of {source} cannot be copied: {error}") from error


class _SoundWriter:
    """A sound track that is added now, so that it is in the header, and written later."""

    def __init__(self, container: OutputContainer) -> None:
        self._container = container
        self._stream = container.add_stream("aac", SAMPLE_RATE_HZ)
        self._stream.bit_rate = _AAC_BIT_S
        self._stream.layout = "stereo"

    def __call__(self, samples: Samples) -> None:
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, 0
        frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
        self._container.mux(self._stream.encode(frame))
        self._container.mux(self._stream.encode())


def _picture_frames(frames: Iterator[Pixels]) -> Iterator[VideoFrame]:
    for index, pixels in enumerate(frames):
        frame = VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, FRAME_RATE_HZ)
        yield frame
