from torch import nn

class BSRoformer(nn.Module):
    def __init__(self, dim: int, **options: object) -> None: ...

class MelBandRoformer(nn.Module):
    def __init__(self, dim: int, **options: object) -> None: ...
