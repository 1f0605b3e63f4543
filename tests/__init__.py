"""Tests of what belongs to no module: rules of the code, texts, pages, recipes, tools."""
