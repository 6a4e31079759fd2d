"""Networks only: nn.Modules and a builder per published size."""
