"""The audio thread's side of the transport: follows wishes without a click.

Every change of what sounds (start, stop, seek, other sounds) is the same thing: a short equal-gain
cross-fade from one voice to another, where a voice may also be silence.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.playback.clock import AudioClock, Epoch, Mark
from app.playback.mixer import Block, Loop, Mixer, Span, limit, plan_spans, position_after

FADE_S = 0.005
SILENCE_DB = -120.0
_METER_FALL_DB_PER_S = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Wish:
    """What the window wants to hear.

    Attributes:
        mixer: The sounds.
        playing: Whether they sound.
        loop: What repeats.
        position: Where the last seek went, in samples.
        seek: Number of that seek.
        speed: Samples of the sound in each sample that is heard; negative is backwards.
    """

    mixer: Mixer
    playing: bool = False
    loop: Loop | None = None
    position: int = 0
    seek: int = 0
    speed: int = 1


@dataclass(frozen=True, slots=True)
class Levels:
    """What the meter shows.

    Attributes:
        peak_db: Highest sample of late, falling by 20 dB a second.
        clipped_frames: Frames limited since the start.
    """

    peak_db: float = SILENCE_DB
    clipped_frames: int = 0


class Listener(Protocol):
    """Whoever wants to know what is heard; called from the audio thread, so it must not wait."""

    def begin(self) -> None:
        """Play begins."""

    def hear(self, block: Block) -> None:
        """This is heard next: (num_samples, 2), not limited, nobody's but the listener's."""


@dataclass(slots=True)
class _Voice:
    """A mixer, or silence that stands still, and the sample it plays next."""

    mixer: Mixer | None
    position: int
    speed: int = 1

    def gains(self, num_samples: int) -> NDArray[np.float32]:
        if self.mixer is None:
            return np.zeros((0, num_samples), np.float32)
        return self.mixer.advance_gains(num_samples)

    def play(self, gains: NDArray[np.float32], loop: Loop | None) -> Block:
        num_samples = gains.shape[1]
        if self.mixer is None:
            return np.zeros((num_samples, 2), np.float32)
        if self.speed != 1:
            return self._shuttle(self.mixer, gains)
        spans = plan_spans(self.position, num_samples, loop)
        self.position = position_after(spans[-1], loop)
        return self.mixer.sum_lanes(spans, gains)

    def _shuttle(self, mixer: Mixer, gains: NDArray[np.float32]) -> Block:
        """The next block at another speed: the mean of the samples that each one stands for."""
        num_samples, step, way = gains.shape[1], abs(self.speed), 1 if self.speed > 0 else -1
        end = self.position + num_samples * self.speed
        span = Span(min(self.position, end), num_samples * step)
        self.position = max(0, end)
        block = mixer.sum_lanes((span,), np.repeat(gains[:, ::way], step, axis=1))
        heard: Block = block.reshape(num_samples, step, 2).mean(axis=1)[::way]
        return heard

    def room(self, loop: Loop | None) -> int | None:
        """Samples left to be heard until the end or a jump; None where there is neither."""
        if self.mixer is None:
            return None
        repeats = self._repeats(loop)
        if self.speed == 1 and repeats:
            return None
        start, end = (loop.start, loop.end) if loop and repeats else (0, self.mixer.num_samples)
        left = self.position - start if self.speed < 0 else end - self.position
        return max(0, left) // abs(self.speed)

    def wrap(self, loop: Loop | None) -> bool:
        """Jump to the other end of the loop, if that is what comes next."""
        if loop is None or not self._repeats(loop):
            return False
        self.position = loop.start if self.speed > 0 else loop.end
        return True

    def _repeats(self, loop: Loop | None) -> bool:
        """Whether it is in the loop or on the way into it; no step is longer than the loop."""
        if loop is None or loop.end - loop.start < abs(self.speed):
            return False
        if self.speed < 0:
            return loop.start <= self.position <= loop.end
        # What is fast stops right at the end before it jumps.
        return self.position < loop.end + (self.speed > 1)


class Renderer:
    """Renders what the newest wish asks for, one block after the other.

    Attributes:
        clock: Knows when what was rendered is heard.
        levels: Meter, replaced with every block.
        ended: The wish that has been played to its end.
    """

    def __init__(self, sample_rate_hz: int, listener: Listener | None = None) -> None:
        self.clock = AudioClock(sample_rate_hz)
        self.levels = Levels()
        self.ended: Wish | None = None
        self._rate_hz, self._listener = sample_rate_hz, listener
        self._fade_samples = max(1, round(FADE_S * sample_rate_hz))
        self._fade_left = 0
        self._voice = self._old = _Voice(None, 0)
        self._accepted: Wish | None = None
        self._loop: Loop | None = None
        self._epoch = Epoch()

    def render(self, wish: Wish, num_samples: int, heard_s: float) -> Block:
        """The next block (num_samples, 2), limited to full scale.

        Args:
            wish: The newest one; a change waits for a fade that is under way.
            num_samples: Frames wanted.
            heard_s: Stream time at which the first of them is heard.
        """
        block = np.zeros((num_samples, 2), np.float32)
        done, is_heard = 0, False
        while done < num_samples:
            piece_heard_s = heard_s + done / self._rate_hz
            if not self._fade_left and wish is not self._accepted:
                self._accept(wish, piece_heard_s)
            room = self._voice.room(self._loop)
            if room == 0:
                room = self._wrap_or_end()
            count = min(num_samples - done, self._fade_left or num_samples, room or num_samples)
            is_heard |= self._voice.mixer is not None or self._fade_left > 0
            block[done : done + count] = self._render_piece(count, piece_heard_s)
            done += count
        if self._listener is not None and is_heard:
            self._listener.hear(block.copy())
        self._measure(block)
        return block

    def _accept(self, wish: Wish, heard_s: float) -> None:
        """Turn to a new wish, fading over if from now on something else sounds."""
        before, old = self._accepted, self._voice
        self._accepted, self._loop = wish, wish.loop
        new = _Voice(wish.mixer if wish.playing else None, old.position, wish.speed)
        if before is None or wish.seek != before.seek:
            new.position = wish.position
            self._epoch = Epoch(wish.seek)
        elif new.mixer is None and old.mixer is not None:
            # What fades out is heard and counts: playing goes on behind it.
            new.position = self._note(old, self._fade_samples, heard_s)
        if new.speed != old.speed:
            self._epoch = Epoch(self._epoch.seek, self._epoch.lap + 1)
        if new != old:
            self._old, self._fade_left = old, self._fade_samples
        if new.mixer is not None and old.mixer is None and self._listener is not None:
            self._listener.begin()
        self._voice = new

    def _wrap_or_end(self) -> int | None:
        """Go on at the other end of the loop, or fall silent behind the last sample.

        Returns:
            The samples left from there on, as `_Voice.room` gives them.
        """
        if self._voice.wrap(self._loop):
            self._epoch = Epoch(self._epoch.seek, self._epoch.lap + 1)
        else:
            self.ended = self._accepted
            self._voice = _Voice(None, self._voice.position)
        return self._voice.room(self._loop)

    def _render_piece(self, num_samples: int, heard_s: float) -> Block:
        """Render a stretch with at most one fade, which does not end inside."""
        voice, old = self._voice, self._old
        gains = voice.gains(num_samples)
        if voice.mixer is not None:
            self._note(voice, num_samples, heard_s)
        block = voice.play(gains, self._loop)
        if not self._fade_left:
            return block
        old_gains = gains if old.mixer is voice.mixer else old.gains(num_samples)
        old_block = old.play(old_gains, self._loop)
        faded = self._fade_samples - self._fade_left
        steps = np.arange(faded + 1, faded + num_samples + 1, dtype=np.float32)
        weight = steps[:, None] / np.float32(self._fade_samples)
        self._fade_left -= num_samples
        return old_block + (block - old_block) * weight

    def _note(self, voice: _Voice, num_samples: int, heard_s: float) -> int:
        """Tell the clock when a stretch is heard.

        Returns:
            The position behind it.
        """
        position = voice.position
        if voice.speed != 1:
            self.clock.note(Mark(heard_s, position, num_samples, self._epoch, voice.speed))
            return max(0, position + num_samples * voice.speed)
        for span in plan_spans(position, num_samples, self._loop):
            self.clock.note(Mark(heard_s, span.start, span.num_samples, self._epoch))
            heard_s += span.num_samples / self._rate_hz
            position = position_after(span, self._loop)
            if position != span.end:
                self._epoch = Epoch(self._epoch.seek, self._epoch.lap + 1)
        return position

    def _measure(self, block: Block) -> None:
        """Limit the block in place and move the meter."""
        clipped = limit(block)
        peak = float(np.abs(block).max(initial=0.0))
        peak_db = 20 * math.log10(peak) if peak > 0 else SILENCE_DB
        fallen_db = self.levels.peak_db - _METER_FALL_DB_PER_S * len(block) / self._rate_hz
        self.levels = Levels(
            max(peak_db, fallen_db, SILENCE_DB), self.levels.clipped_frames + clipped
        )
