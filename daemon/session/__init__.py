"""Sessions: the input of a live run and everything its engine was told, kept so that the same sound can be made again."""
