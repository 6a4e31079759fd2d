"""The names of the recipes, known before the slow import of the recipes themselves."""

from typing import Literal

RecipeName = Literal["starter-speech", "starter-music", "starter-ost-bgm", "paper-ost-bgm"]
