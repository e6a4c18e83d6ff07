"""Lets `python -m app` stand for `autodata`."""

from app.main import main

main()
