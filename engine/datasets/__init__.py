"""Material to train and test on, made by the project itself."""
