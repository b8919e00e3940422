from benchmarks.readme_table import README, with_figures


def test_the_readme_tells_the_figures_that_were_measured():
    readme = README.read_text("utf-8")
    assert with_figures(readme) == readme, "README.md is behind assets/results; run: python -m benchmarks.readme_table"
