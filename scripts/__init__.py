"""What a person types: `test`, `demo`, `lock`; and the Python behind them."""
