"""Developers' commands, such as `test` and `demo`, and the Python modules behind them."""
